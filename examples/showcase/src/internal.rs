//! A router that knows of no guard, as another's would: the layer protects its paths, whatever is added below them.

use axum::extract::OriginalUri;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use monocloud_runtime::protected::ProtectedRoute;
use monocloud_runtime::{Auth, Protect, User};
use serde_json::{Value, json};

use crate::Group;
use crate::pages::guarded;

/// Whom the layer lets in.
pub(crate) fn protected() -> [ProtectedRoute; 1] {
    [Protect::new()
        .groups([Group::Admin, Group::Auditor])
        .at(["/internal", "/api/internal"])]
}

pub(crate) fn routes() -> Router {
    Router::new()
        .nest("/internal", everywhere(get(page)))
        .nest("/api/internal", everywhere(get(api)))
}

fn everywhere(method: axum::routing::MethodRouter) -> Router {
    Router::new()
        .route("/", method.clone())
        .route("/{*below}", method)
}

async fn page(auth: Auth, user: User, OriginalUri(uri): OriginalUri) -> Html<String> {
    let lead = "You are an admin or an auditor; the layer asked, and this handler knows nothing of it.";
    guarded(
        auth,
        user,
        "/internal",
        lead,
        Some(("Path", uri.path().to_owned())),
    )
}

async fn api(OriginalUri(uri): OriginalUri) -> Json<Value> {
    Json(json!({ "path": uri.path() }))
}
