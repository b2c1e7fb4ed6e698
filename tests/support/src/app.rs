//! The app under test: what the quickstart has, without its looks.

use axum::routing::get;
use axum::{Json, Router};
use monocloud_runtime::{MonoCloud, User, monocloud_routes, protect, protect_api};

use crate::tokens;

/// `/`, `/dashboard`, `/admin`, `/fresh`, `/strong`, `/api/me`, `/api/admin`, `/api/tokens`, and the library's own
/// routes.
pub fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/admin", get(admin))
        .route("/fresh", get(fresh))
        .route("/strong", get(strong))
        .route("/api/me", get(me))
        .route("/api/admin", get(api_admin))
        .route("/api/tokens", tokens::route())
        .merge(monocloud_routes!(auth))
        .layer(auth.layer())
}

async fn home(user: Option<User>) -> String {
    match user {
        Some(user) => format!("home: signed in as {}", name(&user)),
        None => "home: signed out".into(),
    }
}

#[protect]
async fn dashboard(user: User) -> String {
    format!("dashboard of {}", name(&user))
}

#[protect(groups = ["admin"])]
async fn admin(user: User) -> String {
    format!("administration by {}", name(&user))
}

#[protect(max_age = 300)]
async fn fresh(user: User) -> String {
    format!("fresh page of {}", name(&user))
}

#[protect(acr_values = ["urn:mfa", "urn:pin"])]
async fn strong(user: User) -> String {
    format!("strong page of {}", name(&user))
}

#[protect_api]
async fn me(user: User) -> Json<User> {
    Json(user)
}

#[protect_api(groups = ["admin"])]
async fn api_admin(user: User) -> Json<User> {
    Json(user)
}

fn name(user: &User) -> &str {
    user.name().unwrap_or(user.sub())
}
