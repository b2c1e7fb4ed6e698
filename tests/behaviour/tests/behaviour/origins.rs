//! The same-origin rule, in whatever way the app URL is written and whenever a handler asks.

use axum::Router;
use axum::routing::any;
use http::Method;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, User};

use crate::fixtures::{at_rest, call, mira, settings};

/// However the app URL is written, it is compared with what browsers send.
#[tokio::test]
async fn an_origin_is_compared_as_browsers_write_it() {
    for (app_url, own, others) in [
        (
            "HTTPS://App.Example.COM:443/shop/",
            "https://app.example.com",
            &[
                "https://app.example.com:443",
                "https://app.example.com.",
                "https://app.example.com/",
                "https://app.example.com/shop",
                "http://app.example.com",
                "https://example.com",
                "https://App.Example.com",
            ][..],
        ),
        (
            "https://b\u{fc}cher.example",
            "https://xn--bcher-kva.example",
            &["https://bucher.example"],
        ),
        (
            "http://localhost:80",
            "http://localhost",
            &["http://localhost:80"],
        ),
        (
            "http://[::1]:3000",
            "http://[::1]:3000",
            &["http://[0:0:0:0:0:0:0:1]:3000", "http://127.0.0.1:3000"],
        ),
        (
            "https://app.example.com.",
            "https://app.example.com.",
            &["https://app.example.com"],
        ),
    ] {
        let trusting = settings()
            .app_url("https://elsewhere.example")
            .trusted_origins([app_url.replace("/shop/", "")]);
        for settings in [settings().app_url(app_url), trusting] {
            let (auth, _) = at_rest(settings);
            let app: Router = Router::new()
                .route("/user", any(|_: User| async {}))
                .layer(auth.layer());
            let cookie = session_cookie(&auth, mira());
            let status = async |origin: &str| {
                let headers = [("cookie", cookie.as_str()), ("origin", origin)];
                call(&app, Method::POST, "/user", &headers).await.status.as_u16()
            };
            assert_eq!(status(own).await, 200, "{app_url} and {own}");
            for other in others {
                assert_eq!(status(other).await, 403, "{app_url} and {other}");
            }
        }
    }
}

/// What a handler keeps of a request and asks later, in a task of its own, is no way around the rule.
#[tokio::test]
async fn a_handle_that_outlives_its_request_tells_no_more_than_in_it() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route(
            "/",
            any(|auth: Auth| async move {
                let kept = auth.clone();
                let (say, said) = tokio::sync::oneshot::channel();
                tokio::spawn(async move {
                    tokio::task::yield_now().await;
                    let session = kept.session().await.is_some();
                    let group = kept.with_groups_claim("groups").is_in_any(["admin"]).await;
                    let _ = say.send(format!("{} {session} {group}", kept.is_authenticated().await));
                });
                said.await.unwrap()
            }),
        )
        .layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    for (site, said) in [
        ("same-origin", "true true true"),
        ("cross-site", "false false false"),
    ] {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        assert_eq!(call(&app, Method::POST, "/", &headers).await.body, said, "{site}");
    }
}
