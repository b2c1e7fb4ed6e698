//! What cannot be used is named in the log, with the type that it must have, and never with its value.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::logging::{collect, failures};
use crate::rp::{Rp, Setup, assert_error_page};

async fn with_id_token(name: &'static str, value: Option<Value>) -> String {
    let log = collect();
    let rp = Rp::start().await;
    rp.provider.tamper_id_token(move |_, claims| {
        claims.remove(name);
        if let Some(value) = value.clone() {
            claims.insert(name.into(), value);
        }
    });
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    log.text()
}

#[tokio::test]
async fn a_claim_that_cannot_be_used_is_named_with_the_type_that_it_must_have() {
    let value = "a value that nobody should read";
    for (name, found, words) in [
        (
            "sub",
            Some(json!(1001)),
            "`sub` is a number, and must be a string",
        ),
        ("sub", Some(json!("")), "`sub` is empty"),
        ("sub", None, "`sub` is missing"),
        (
            "iss",
            Some(json!([value])),
            "`iss` is a list, and must be a string",
        ),
        ("iss", Some(json!(value)), "`iss` is another issuer"),
        (
            "aud",
            Some(json!({ value: 1 })),
            "`aud` is an object, and must be a string or a list of strings",
        ),
        ("aud", Some(json!(value)), "`aud` does not name this client"),
        ("exp", None, "`exp` is missing"),
        (
            "exp",
            Some(json!(value)),
            "`exp` is a string, and must be a number of seconds",
        ),
        (
            "iat",
            Some(json!(true)),
            "`iat` is a boolean, and must be a number of seconds",
        ),
        ("nbf", Some(json!(value)), "`nbf` is a string"),
        (
            "nonce",
            Some(json!(7)),
            "`nonce` is a number, and must be a string",
        ),
        ("nonce", Some(json!(value)), "`nonce` is of another sign-in"),
        ("azp", Some(json!(value)), "`azp` names another client"),
        ("azp", Some(json!("")), "`azp` is empty"),
        ("azp", Some(json!(7)), "`azp` is a number, and must be a string"),
        (
            "at_hash",
            Some(json!({})),
            "`at_hash` is an object, and must be a string",
        ),
    ] {
        let text = with_id_token(name, found).await;
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains(value), "{text}");
    }
}

/// What is a matter of trust or of clocks can be set, and the refusal says where.
#[tokio::test]
async fn a_refusal_that_a_setting_decides_names_the_setting() {
    for (name, value, setting) in [
        ("exp", json!(1), "MONOCLOUD_AUTH_CLOCK_TOLERANCE"),
        ("iat", json!(99_999_999_999_i64), "MONOCLOUD_AUTH_CLOCK_TOLERANCE"),
        ("nbf", json!(99_999_999_999_i64), "MONOCLOUD_AUTH_CLOCK_TOLERANCE"),
        (
            "aud",
            json!(["relying-party", "x"]),
            "MONOCLOUD_AUTH_TRUSTED_AUDIENCES",
        ),
    ] {
        let text = with_id_token(name, Some(value)).await;
        assert!(failures(&text).contains(setting), "{name}: {text}");
    }
    let log = collect();
    let rp = Rp::start().await;
    rp.provider.fault(Fault::WrongAlg);
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
    assert!(failures(&log.text()).contains("MONOCLOUD_AUTH_ID_TOKEN_SIGNING_ALG"));
    let log = collect();
    let rp = Setup::new()
        .settings(|settings| settings.response_timeout(Duration::from_secs(2)))
        .start()
        .await;
    rp.provider
        .fault(Fault::Slow(Endpoint::Token, Duration::from_secs(20)));
    let page = rp.sign_in().await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(failures(&log.text()).contains("MONOCLOUD_AUTH_RESPONSE_TIMEOUT"));
}

#[tokio::test]
async fn a_member_of_the_metadata_that_cannot_be_used_is_named() {
    let value = "a value that nobody should read";
    for (name, found, words) in [
        (
            "authorization_endpoint",
            None,
            "`authorization_endpoint` is missing",
        ),
        (
            "authorization_endpoint",
            Some(json!("")),
            "`authorization_endpoint` is missing",
        ),
        ("token_endpoint", Some(json!(null)), "`token_endpoint` is missing"),
        (
            "token_endpoint",
            Some(json!([value])),
            "`token_endpoint` is a list, and must be a string",
        ),
        (
            "jwks_uri",
            Some(json!(value)),
            "`jwks_uri` is not an absolute URL",
        ),
        (
            "jwks_uri",
            Some(json!("javascript:value")),
            "`jwks_uri` is not https",
        ),
        ("issuer", None, "`issuer` is missing"),
        (
            "issuer",
            Some(json!(7)),
            "`issuer` is a number, and must be a string",
        ),
        (
            "userinfo_endpoint",
            Some(json!(7)),
            "`userinfo_endpoint` is a number, and must be a string",
        ),
        (
            "end_session_endpoint",
            Some(json!("/end")),
            "`end_session_endpoint` is not an absolute URL",
        ),
        (
            "authorization_response_iss_parameter_supported",
            Some(json!("true")),
            "`authorization_response_iss_parameter_supported` is a string, and must be true or false",
        ),
    ] {
        let log = collect();
        let rp = Rp::start().await;
        rp.provider.tamper_metadata(move |metadata| {
            let members = metadata.as_object_mut().unwrap();
            members.remove(name);
            if let Some(found) = found.clone() {
                members.insert(name.into(), found);
            }
        });
        let page = rp.begin(&rp.agent).await;
        assert_eq!(page.status, 502, "{page:?}");
        assert_error_page(&page);
        let text = log.text();
        assert!(text.contains(words), "{words}: {text}");
        assert!(!failures(&text).contains(value), "{text}");
    }
}

#[tokio::test]
async fn a_key_set_or_a_token_answer_that_cannot_be_used_names_the_member() {
    let log = collect();
    for (keys, words) in [
        (json!({}), "`keys` is missing"),
        (json!({ "keys": null }), "`keys` is missing"),
        (json!({ "keys": "x" }), "`keys` is a string, and must be a list"),
        (json!([]), "it is a list, and must be an object"),
    ] {
        let rp = Rp::start().await;
        rp.provider.tamper_jwks(move |jwks| *jwks = keys.clone());
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        assert!(failures(&log.text()).contains(words), "{words}");
    }
    for (name, value, words) in [
        ("access_token", json!(null), "`access_token` is missing"),
        (
            "access_token",
            json!(7),
            "`access_token` is a number, and must be a string",
        ),
        ("id_token", json!(null), "`id_token` is missing"),
        (
            "id_token",
            json!([]),
            "`id_token` is a list, and must be a string",
        ),
        ("token_type", json!("mac"), "`token_type` is not Bearer"),
    ] {
        let rp = Rp::start().await;
        rp.provider
            .tamper_token_response(move |answer| answer[name] = value.clone());
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        assert!(failures(&log.text()).contains(words), "{words}");
    }
    let rp = Rp::start().await;
    rp.provider.fault(Fault::Garbage(Endpoint::Token));
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 502);
    assert!(failures(&log.text()).contains("it is not JSON (line 1, column 14)"));
}

/// Such as Microsoft Entra's `common`: writing the template into the settings would never work.
#[tokio::test]
async fn a_multi_tenant_endpoint_is_told_apart_from_another_issuer() {
    for issuer in [
        "https://login.example.test/{tenantid}/v2.0",
        "https://login.example.test/{tenant}/",
        "https://{tenant}.example.test",
        "https://sts.example.test/{tenantid}/",
        "{issuer}",
    ] {
        let log = collect();
        let rp = Rp::start().await;
        rp.provider
            .tamper_metadata(move |metadata| metadata["issuer"] = json!(issuer));
        let page = rp.begin(&rp.agent).await;
        assert_eq!(page.status, 502, "{page:?}");
        let text = log.text();
        assert!(
            text.contains("multi_tenant_issuer") && text.contains("the tenant's own address"),
            "{text}"
        );
        assert!(!text.contains("issuer_mismatch"), "{text}");
    }
}
