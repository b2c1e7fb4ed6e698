//! What the policies say is what the site does.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::{ProviderUser, session_cookie};
use tower::ServiceExt as _;

const ORIGIN: &str = "http://localhost:8000";

fn site() -> (MonoCloud, Router) {
    let auth = MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:9")
        .client_id("documents")
        .client_secret("the-client's-secret")
        .app_url(ORIGIN)
        .cookie_secret("c9d1f0ab3e7754826b10aa5be9d2f3c44d5e6f708192a3b4c5d6e7f8091a2b3c")
        .build()
        .expect("the settings are complete");
    let app = cedar::app(&auth).expect("the policies can be read");
    (auth, app)
}

/// In these groups.
fn user(sub: &str, groups: &[&str]) -> ProviderUser {
    ProviderUser::new(sub).groups(groups.iter().copied())
}

async fn status(method: &str, id: &str, user: Option<ProviderUser>) -> u16 {
    let (auth, app) = site();
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/documents/{id}"))
        .header("origin", ORIGIN);
    if let Some(user) = user {
        request = request.header("cookie", session_cookie(&auth, user));
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = app.oneshot(request).await.expect("an answer");
    answer.status().as_u16()
}

#[tokio::test]
async fn the_policies_decide() {
    let mira = || Some(user("mira", &[]));
    let lin = || Some(user("lin", &[]));
    let editor = || Some(user("tomas", &["editor"]));
    let ok = StatusCode::OK.as_u16();
    let forbidden = StatusCode::FORBIDDEN.as_u16();
    for (method, id, who, expected) in [
        ("GET", "handbook", lin(), ok),
        ("GET", "draft", lin(), ok),
        ("GET", "draft", mira(), forbidden),
        ("GET", "draft", editor(), ok),
        ("PUT", "handbook", mira(), ok),
        ("PUT", "handbook", lin(), forbidden),
        ("PUT", "handbook", editor(), ok),
        ("PUT", "minutes", lin(), forbidden),
        ("PUT", "minutes", editor(), forbidden),
        ("GET", "nothing", editor(), forbidden),
    ] {
        let found = status(method, id, who.clone()).await;
        assert_eq!(found, expected, "{method} {id} {who:?}");
    }
}

#[tokio::test]
async fn nobody_gets_as_far_as_the_policies() {
    for id in ["handbook", "nothing"] {
        assert_eq!(status("GET", id, None).await, 401);
    }
}

#[tokio::test]
async fn a_name_cannot_pass_for_another_entity() {
    let liar = Some(user("x\", Group::\"editor", &["nobody"]));
    assert_eq!(status("GET", "draft", liar).await, 403);
}
