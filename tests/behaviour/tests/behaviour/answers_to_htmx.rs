//! Handlers that send the browser elsewhere, where HTMX asks: its calls by script cannot follow a redirect to the issuer.

use axum::Router;
use axum::routing::any;
use http::Method;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, Error, MonoCloud, SignIn, SignOut};

use crate::fixtures::{ORIGIN, at_rest, call, get, mira, settings};

const AROUND: &str = "http://localhost:3000/list?page=2";

fn app(auth: &MonoCloud) -> Router {
    let sign_in = async |auth: Auth| -> SignIn { auth.sign_in() };
    let sign_out = async |auth: Auth| -> Result<SignOut, Error> { auth.sign_out(Some("/bye")).await };
    let link = async |auth: Auth| auth.sign_in_url().to_string();
    Router::new()
        .route("/in", any(sign_in))
        .route("/out", any(sign_out))
        .route("/link", any(link))
        .layer(auth.layer())
}

#[tokio::test]
async fn the_answers_say_where_to_go_in_a_header() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let htmx = [("hx-request", "true"), ("hx-current-url", AROUND)];

    let sign_in = get(&app, "/in", &htmx).await;
    assert_eq!((sign_in.status.as_u16(), sign_in.header("location")), (200, None));
    assert_eq!(sign_in.header("cache-control"), Some("private, no-store"));
    let url = sign_in.header("hx-redirect").unwrap();
    assert_eq!(
        url,
        format!("{ORIGIN}/api/auth/signin?return_url=%2Flist%3Fpage%3D2")
    );

    let headers: Vec<_> = [("cookie", &*cookie), ("origin", ORIGIN)]
        .into_iter()
        .chain(htmx)
        .collect();
    let sign_out = call(&app, Method::POST, "/out", &headers).await;
    assert_eq!(
        (sign_out.status.as_u16(), sign_out.header("location")),
        (200, None)
    );
    assert_eq!(sign_out.header("hx-redirect"), Some("http://localhost:3000/bye"));
    assert_eq!(sign_out.deleted(), ["session"]);

    for path in ["/in", "/out"] {
        let browser = get(&app, path, &[]).await;
        assert_eq!(
            (browser.status.as_u16(), browser.header("hx-redirect")),
            (303, None),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_link_comes_back_to_a_page_that_can_be_asked_for() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let back = async |method: Method, headers: &[(&str, &str)]| {
        let answer = call(&app, method, "/link?x=1", headers).await;
        answer
            .body
            .split_once("return_url=")
            .map(|(_, url)| url.to_owned())
    };
    let same = ("origin", ORIGIN);
    let around = [("hx-request", "true"), ("hx-current-url", AROUND)];
    assert_eq!(back(Method::GET, &[]).await.as_deref(), Some("%2Flink%3Fx%3D1"));
    assert_eq!(
        back(Method::GET, &around).await.as_deref(),
        Some("%2Flist%3Fpage%3D2")
    );
    let form = [same, ("referer", "http://localhost:3000/form")];
    assert_eq!(back(Method::POST, &form).await.as_deref(), Some("%2Fform"));
    for elsewhere in [
        &[
            ("hx-request", "true"),
            ("hx-current-url", "https://evil.example/"),
        ][..],
        &[("hx-request", "true")],
    ] {
        assert_eq!(back(Method::GET, elsewhere).await, None, "{elsewhere:?}");
    }
    for referer in ["https://evil.example/form", "/form", ""] {
        assert_eq!(
            back(Method::POST, &[same, ("referer", referer)]).await,
            None,
            "{referer}"
        );
    }
}
