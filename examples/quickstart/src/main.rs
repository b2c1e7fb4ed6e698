//! Sign-in, a page for whoever is signed in, a page and an API for a group: the whole of it.
//!
//! With nothing configured it signs in against a provider in this process; with the five
//! `MONOCLOUD_AUTH_*` variables, set or in `.env`, against that issuer. `HOST` and `PORT` move it.

use std::env;
use std::error::Error;

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use monocloud_runtime::{MonoCloud, User, monocloud_groups, monocloud_routes, protect, protect_api, testing};
use tokio::net::TcpListener;

monocloud_groups! { Admin = "admin", Editor = "editor" }

async fn home(user: Option<User>) -> Html<String> {
    page(&Home { user })
}

#[protect]
async fn dashboard(user: User) -> Html<String> {
    page(&Dashboard { user })
}

#[protect(groups = ["admin"])]
async fn admin(user: User) -> Html<String> {
    page(&Admin { user })
}

#[protect_api]
async fn api_me(user: User) -> Json<User> {
    Json(user)
}

#[protect_api(groups = [Group::Admin])]
async fn api_admin(user: User) -> String {
    format!(
        "{} may administer this site.\n",
        user.name().unwrap_or(user.sub())
    )
}

fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/admin", get(admin))
        .route("/api/me", get(api_me))
        .route("/api/admin", get(api_admin))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        return Err(error.into());
    }
    let filter = env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    tracing_subscriber::fmt().with_env_filter(filter).init();

    let host = env::var("HOST").unwrap_or("127.0.0.1".to_owned());
    let port = env::var("PORT")
        .ok()
        .map(|port| {
            port.parse::<u16>()
                .map_err(|_| format!("PORT is `{port}`, which is no port"))
        })
        .transpose()?;
    let here = format!("http://localhost:{}", port.unwrap_or(3000));
    let (auth, provider) = testing::from_env_or_embedded(&here).await?;
    let port = port.or(auth.app_url().port_or_known_default()).unwrap_or(3000);
    let listener = TcpListener::bind((host.as_str(), port))
        .await
        .map_err(|error| format!("cannot listen on {host}:{port} ({error}); set PORT to another one"))?;

    println!("\n  Open {}", auth.app_url());
    match &provider {
        Some(_) => println!("  Choose who signs in: Mira is an admin, Tomas an editor, Lin neither.\n"),
        None => println!(
            "  Listening on http://{}, for a proxy in front if that URL is https.\n",
            listener.local_addr()?
        ),
    }
    axum::serve(listener, app(&auth))
        .with_graceful_shutdown(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
        .await?;
    Ok(())
}

fn page(template: &impl Template) -> Html<String> {
    Html(
        template
            .render()
            .unwrap_or_else(|error| format!("the page could not be made: {error}")),
    )
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    user: Option<User>,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard {
    user: User,
}

#[derive(Template)]
#[template(path = "admin.html")]
struct Admin {
    user: User,
}
