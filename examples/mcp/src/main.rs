//! With nothing configured, tokens come from a provider in this process; with the `MONOCLOUD_AUTH_*` variables and
//! `MONOCLOUD_BACKEND_AUDIENCE`, from that issuer.

use std::error::Error;

use monocloud_runtime::testing;
use tokio::net::TcpListener;

const APP_URL: &str = "http://localhost:8000";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let (auth, provider) = testing::from_env_or_embedded_with(APP_URL, |settings, provider| match provider {
        Some(_) => settings.api_audience(format!("{APP_URL}{}", mcp::PATH)),
        None => settings,
    })
    .await?;
    let port = auth.app_url().port_or_known_default().unwrap_or(8000);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("\n  The server is at {}\n", auth.app_url().join(mcp::PATH)?);
    if let Some(provider) = &provider {
        println!(
            "  A client is registered: {}, secret {}\n",
            provider.client_id(),
            provider.client_secret()
        );
    }
    axum::serve(listener, mcp::app(&auth)).await?;
    Ok(())
}
