//! The showcase as a program. It starts as the quickstart does: with nothing configured against a provider in this
//! process, with `MONOCLOUD_AUTH_*` variables, set or in `.env`, against that issuer. `HOST` and `PORT` move it.

#[path = "../../quickstart/src/settings.rs"]
mod settings;
#[path = "../../quickstart/src/stop.rs"]
mod stop;

use std::error::Error;
use std::process::ExitCode;

use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    // Before the runtime has threads, since it changes the environment that they share.
    let done = settings::load_dotenv().and_then(|()| serve());
    done.map_or_else(
        |error| {
            eprintln!("{error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

#[tokio::main]
async fn serve() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(settings::log_filter()?)
        .init();
    let stop = stop::asked_to_stop()?;
    let (host, port) = (settings::host(), settings::port()?);
    let here = format!("http://localhost:{}", port.unwrap_or(3000));
    let renewable = |settings: Builder| settings.scopes("openid profile email offline_access");
    let (auth, provider) = testing::from_env_or_embedded_with(&here, renewable).await?;
    let port = port.or(auth.app_url().port_or_known_default()).unwrap_or(3000);
    let listener = TcpListener::bind((host.as_str(), port))
        .await
        .map_err(|error| format!("cannot listen on {host}:{port} ({error}); set PORT to another one"))?;
    let address = listener.local_addr()?;
    if provider.is_some() && !address.ip().is_loopback() {
        return Err(
            "HOST opens this site to the network, where its embedded provider would sign in whoever asks; \
                    set the MONOCLOUD_AUTH_* variables of a real issuer"
                .into(),
        );
    }

    println!("\n  Open {}, served at {address}", auth.app_url());
    if provider.is_some() {
        println!("  Choose who signs in: Mira is an admin and an editor, Tomas an editor, Lin neither.");
    }
    println!();
    axum::serve(listener, showcase::app(&auth))
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}
