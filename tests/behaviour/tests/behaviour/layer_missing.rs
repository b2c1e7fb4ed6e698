//! A guard that no layer stands around.

use axum::Router;
use axum::routing::get as on_get;
use monocloud_runtime::protect;

use crate::fixtures::get;

#[protect]
async fn page() -> &'static str {
    "inside"
}

#[tokio::test]
async fn without_the_layer_a_page_answers_scripts_as_an_api_does() {
    let app: Router = Router::new().route("/page", on_get(page));
    for (header, page) in [
        (("sec-fetch-mode", "navigate"), true),
        (("accept", "*/*"), true),
        (("sec-fetch-mode", "cors"), false),
        (("x-requested-with", "XMLHttpRequest"), false),
        (("hx-request", "true"), false),
    ] {
        let answer = get(&app, "/page", &[header]).await;
        assert_eq!(answer.status, 500);
        assert_eq!(
            answer.header("content-type"),
            Some(if page {
                "text/html; charset=utf-8"
            } else {
                "application/json"
            }),
            "{header:?}"
        );
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        if page {
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
            assert!(answer.body.contains("Something went wrong"), "{answer:?}");
        }
    }
}
