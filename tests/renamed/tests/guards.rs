//! Guards work under another name of the runtime, with groups of another crate.
#![allow(clippy::unwrap_used)]

use auth::MonoCloud;
use auth::testing::{ProviderUser, session_cookie};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

fn client() -> MonoCloud {
    MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:1")
        .client_id("app")
        .client_secret("secret")
        .app_url("http://localhost:3000")
        .cookie_secret("a cookie secret of more than 32 bytes")
        .build()
        .unwrap()
}

async fn statuses(user: Option<ProviderUser>) -> Vec<u16> {
    let client = client();
    let app = renamed::router(&client).layer(client.layer());
    let mut statuses = Vec::new();
    for path in ["/own", "/found", "/other", "/facade", "/checked"] {
        let mut request = Request::get(path);
        if let Some(user) = &user {
            request = request.header("cookie", session_cookie(&client, user));
        }
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap());
        statuses.push(response.await.unwrap().status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn signed_out() {
    assert_eq!(statuses(None).await, [200, 200, 401, 303, 303]);
}

#[tokio::test]
async fn groups() {
    let user = |group: &str| Some(ProviderUser::new("mira").groups([group]));
    assert_eq!(statuses(user("author")).await, [200, 200, 403, 200, 200]);
    assert_eq!(statuses(user("operations")).await, [403, 403, 200, 403, 200]);
}

#[tokio::test]
async fn errors_are_shown_by_the_applications_handler() {
    let client = client();
    let app = renamed::router(&client).layer(client.layer());
    let request = Request::get("/api/auth/callback?state=unknown&code=x");
    let response = app.oneshot(request.body(Body::empty()).unwrap());
    // The handler returns a plain string, so its status is 200 where the library's own is 400.
    assert_eq!(response.await.unwrap().status(), StatusCode::OK);
}
