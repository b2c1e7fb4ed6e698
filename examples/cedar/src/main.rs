//! With nothing configured, people sign in at a provider in this process; with the `MONOCLOUD_AUTH_*` variables, at that
//! issuer.

use std::error::Error;

use monocloud_runtime::testing;
use tokio::net::TcpListener;

const APP_URL: &str = "http://localhost:8000";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let (auth, _provider) = testing::from_env_or_embedded_with(APP_URL, |settings, _| settings).await?;
    let port = auth.app_url().port_or_known_default().unwrap_or(8000);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!(
        "\n  Open {}\n",
        auth.sign_in_url().return_url("/documents/handbook")
    );
    axum::serve(listener, cedar::app(&auth)?).await?;
    Ok(())
}
