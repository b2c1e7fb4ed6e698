//! One process of a site: what `support::app` has, with the settings of the environment. It prints where it listens, logs
//! to its error stream as `RUST_LOG` says, and ends with its input, so that it cannot outlive who started it.

use std::error::Error;
use std::io;

use monocloud_runtime::MonoCloud;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(io::stderr)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")))
        .init();
    let auth = MonoCloud::from_env()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://localhost:{}", listener.local_addr()?.port());
    Ok(axum::serve(listener, support::app(&auth)).await?)
}
