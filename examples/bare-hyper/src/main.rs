//! With nothing configured it signs in against a provider in this process; with the `MONOCLOUD_AUTH_*` variables,
//! against that issuer.

use std::error::Error;

use monocloud_runtime::testing;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let (client, _provider) = testing::from_env_or_embedded("http://localhost:3000").await?;
    let port = client.app_url().port_or_known_default().unwrap_or(3000);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("\n  Open {}\n", client.app_url());
    bare_hyper::serve(listener, client).await;
    Ok(())
}
