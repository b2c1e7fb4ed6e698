//! The showcase as a program. It starts as the quickstart does: with nothing configured against a provider in this
//! process, with `MONOCLOUD_AUTH_*` variables, set or in `.env`, against that issuer. `HOST` and `PORT` move it, `PORT=0`
//! to a port that is free.

#[path = "../../quickstart/src/settings.rs"]
mod settings;
#[path = "../../quickstart/src/stop.rs"]
mod stop;

use std::error::Error;
use std::process::ExitCode;

use monocloud_runtime::testing;
use showcase::{Events, for_embedded, with_hooks, with_resources};
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
    let host = settings::host();
    let bound = match settings::port()? {
        Some(port) => Some(listen(&host, port).await?),
        None => None,
    };
    let port = bound
        .as_ref()
        .map_or(Ok(3000), |bound| bound.local_addr().map(|address| address.port()))?;
    let events = Events::default();
    let app_url = format!("http://localhost:{port}");
    let (auth, provider) = testing::from_env_or_embedded_with(&app_url, |settings, provider| {
        let mut settings = with_hooks(settings, &events);
        if provider.is_some() {
            settings = for_embedded(settings, &app_url);
        }
        match std::env::var("SHOWCASE_RESOURCES") {
            Ok(pairs) => with_resources(settings, &pairs),
            Err(_) => settings,
        }
    })
    .await?;
    let listener = match bound {
        Some(bound) => bound,
        None => listen(&host, auth.app_url().port_or_known_default().unwrap_or(port)).await?,
    };
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
    axum::serve(listener, showcase::app(&auth, events)?)
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}

async fn listen(host: &str, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((host, port))
        .await
        .map_err(|error| format!("cannot listen on {host}:{port} ({error}); set PORT to another one"))
}
