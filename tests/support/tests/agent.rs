//! The user-agent says what a browser would say.
#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use reqwest::Method;
use support::UserAgent;

/// `/echo` answers with what it was sent, everything else leads there.
fn app() -> Router {
    let set_cookies = |name: &str| {
        let lax = format!("{name}=lax; Path=/; SameSite=Lax");
        let strict = format!("{name}-strict=1; Path=/; SameSite=Strict");
        [(header::SET_COOKIE, lax), (header::SET_COOKIE, strict)]
    };
    Router::new()
        .route("/echo", get(echo).post(echo))
        .route(
            "/in",
            get(move || async move { (AppendHeaders(set_cookies("a")), Redirect::to("/echo")) }),
        )
        .route(
            "/form",
            get(|| async {
                Html(r#"<form method="post" action="/again"><input name="x" value="1"></form>"#)
            }),
        )
        .route("/again", post(|| async { Redirect::to("/echo") }))
}

async fn echo(method: Method, headers: HeaderMap, body: String) -> impl IntoResponse {
    let header = |name: &str| {
        headers
            .get(name)
            .map_or("-", |value| value.to_str().unwrap())
            .to_owned()
    };
    format!(
        "{method} {} {} {} [{body}]",
        header("sec-fetch-site"),
        header("origin"),
        header("cookie")
    )
}

#[tokio::test]
async fn cookies_and_the_way_here_are_told_as_a_browser_tells_them() {
    let site = support::serve(app()).await;
    let other_site = format!("http://127.0.0.1:{}", site.url.rsplit_once(':').unwrap().1);
    let agent = UserAgent::new();

    let typed_in = agent.visit(&site.at("/in")).await;
    assert_eq!(typed_in.body, "GET none - a=lax; a-strict=1 []");
    assert_eq!(typed_in.trail.len(), 2);
    let linked = agent.follow(&typed_in, "/echo").await;
    assert_eq!(linked.body, "GET same-origin - a=lax; a-strict=1 []");
    let elsewhere = agent.visit(&format!("{other_site}/echo")).await;
    assert_eq!(elsewhere.body, "GET none - - []");
    let linked = agent.follow(&elsewhere, &site.at("/echo")).await;
    assert_eq!(linked.body, "GET cross-site - a=lax []");

    let scripted = agent.fetch(Method::POST, &site.at("/echo")).await;
    assert_eq!(
        scripted.body,
        format!("POST same-origin {} a=lax; a-strict=1 []", site.url)
    );
}

#[tokio::test]
async fn a_form_is_posted_and_its_answer_followed_with_get() {
    let site = support::serve(app()).await;
    let agent = UserAgent::new();
    let form = agent.visit(&site.at("/form")).await;
    let after = agent.submit(&form, &[("x", "2")]).await;
    assert_eq!(after.body, "GET same-origin - - []");
    assert_eq!(after.trail[0].path(), "/again");
}
