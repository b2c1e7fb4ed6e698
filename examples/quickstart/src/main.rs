//! Sign-in, a page for whoever is signed in, a page and an API for a group: the whole of it.
//!
//! With nothing configured it signs in against a provider in this process; with the five
//! `MONOCLOUD_AUTH_*` variables, set or in `.env`, against that issuer. `HOST` and `PORT` move it.

mod pages;
mod settings;
mod stop;

use std::error::Error;
use std::process::ExitCode;

use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use monocloud_runtime::{
    Auth, MonoCloud, User, monocloud_groups, monocloud_routes, protect, protect_api, testing,
};
use pages::{Admin, Api, Dashboard, Home, NotFound, page};
use tokio::net::TcpListener;

monocloud_groups! { Admin = "admin", Editor = "editor" }

async fn home(auth: Auth, user: Option<User>) -> Html<String> {
    page(&Home { auth, user })
}

#[protect]
async fn dashboard(auth: Auth, user: User) -> Html<String> {
    page(&Dashboard { auth, user })
}

#[protect(groups = ["admin"])]
async fn admin(auth: Auth, user: User) -> Html<String> {
    page(&Admin { auth, user })
}

/// Shows what the two below answer.
async fn api(auth: Auth, user: Option<User>) -> Html<String> {
    page(&Api { auth, user })
}

#[protect_api]
async fn api_me(user: User) -> Json<User> {
    Json(user)
}

#[protect_api(groups = [Group::Admin])]
async fn api_admin(user: User) -> Json<String> {
    Json(format!(
        "{} may administer this site.",
        user.name().unwrap_or(user.sub())
    ))
}

async fn not_found(auth: Auth, user: Option<User>) -> (StatusCode, Html<String>) {
    (StatusCode::NOT_FOUND, page(&NotFound { auth, user }))
}

fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/admin", get(admin))
        .route("/api", get(api))
        .route("/api/me", get(api_me))
        .route("/api/admin", get(api_admin))
        .merge(monocloud_routes!(auth))
        .fallback(not_found)
        .layer(auth.layer())
}

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
    let (auth, provider) = testing::from_env_or_embedded(&here).await?;
    let port = port.or(auth.app_url().port_or_known_default()).unwrap_or(3000);
    let listener = TcpListener::bind((host.as_str(), port))
        .await
        .map_err(|error| format!("cannot listen on {host}:{port} ({error}); set PORT to another one"))?;
    let address = listener.local_addr()?;

    println!("\n  Open {}", auth.app_url());
    if provider.is_some() {
        println!("  Choose who signs in: Mira is an admin, Tomas an editor, Lin neither.\n");
    } else {
        println!("  Listening on http://{address}, for a proxy in front if that URL is https.\n");
    }
    if provider.is_some() && !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "HOST opens this site to the network, and its embedded provider signs in whoever asks, without a \
             password: leave HOST unset, or set the MONOCLOUD_AUTH_* variables of a real issuer"
        );
    }
    axum::serve(listener, app(&auth))
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}
