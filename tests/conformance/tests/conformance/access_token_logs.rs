//! What the log says of access tokens: what an operator needs, and nothing that anybody could use.

use std::fmt::Write as _;

use serde_json::json;

use crate::api::{Answer, Api, CLIENT_SECRET, ISSUER, claims, with};
use crate::logging::collect;

#[tokio::test]
async fn no_token_and_no_secret_is_in_the_log_or_in_an_error() {
    let log = collect();
    let api = Api::new("ES256");
    api.issuers.introspect(ISSUER, |token| match token {
        "0paque-good" => Answer::Json(crate::introspection::active()),
        "0paque-bad" => Answer::Json(json!({ "active": false })),
        // It says again what it was sent.
        token => Answer::Status(
            400,
            json!({ "error": "invalid_request", "error_description": format!("{token} {CLIENT_SECRET}") }),
        ),
    });
    let (good, over) = (
        api.signer.access_token(&claims()),
        api.signer.access_token(&with("exp", json!(1))),
    );
    let mut text = String::new();
    for token in [&*good, &over, "0paque-good", "0paque-bad", "0paque-failing"] {
        if let Err(error) = api.validate(token).await {
            writeln!(text, "{error} {error:?} {:?}", error.challenge()).unwrap();
        }
    }
    text.push_str(&log.text());
    for secret in [&*good, &over, "0paque", CLIENT_SECRET] {
        assert!(!text.contains(secret), "{secret}: {text}");
        // Nor its signature alone.
        let tail = secret.rsplit('.').next().unwrap();
        assert!(!text.contains(tail), "{tail}: {text}");
    }
    assert!(text.contains("the issuer says that it is not active"), "{text}");
}
