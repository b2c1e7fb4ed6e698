//! Opaque access tokens, which their issuer is asked about (RFC 7662, RFC 9701): what it must say, and
//! who asks.

use std::time::Duration;

use monocloud_runtime::settings::{Builder, ClientAuthMethod};
use monocloud_runtime::tokens::AccessTokenError;
use serde_json::{Value, json};

use crate::api::{
    AUDIENCE, Answer, Api, CLIENT_ID, CLIENT_SECRET, INTROSPECTION, ISSUER, KEYS, METADATA, NOW, claims,
};

/// Of a good token.
pub(crate) fn active() -> Value {
    json!({
        "active": true, "iss": ISSUER, "sub": "mira", "aud": AUDIENCE, "client_id": "shop", "token_type": "Bearer",
        "iat": NOW - 10, "exp": NOW + 3_600, "scope": "orders:read orders:write", "groups": ["admin"],
    })
}

/// The same with one changed; `null` takes it away.
pub(crate) fn with(name: &str, value: Value) -> Value {
    let mut active = active();
    if value.is_null() {
        active.as_object_mut().unwrap().remove(name);
    } else {
        active[name] = value;
    }
    active
}

pub(crate) fn answering(answer: Answer) -> Api {
    let api = Api::new("ES256");
    api.issuers.introspect(ISSUER, move |_| answer.clone());
    api
}

#[tokio::test]
async fn an_opaque_token_is_what_its_issuer_says() {
    let api = answering(Answer::Json(active()));
    let claims = api.validate("opaque").await.unwrap();
    assert_eq!((claims.sub(), claims.client_id()), ("mira", Some("shop")));
    assert!(claims.has_scope("orders:write") && claims.user().unwrap().is_in_group("admin"));
    assert_eq!(claims.expires_at(), Some(NOW + 3_600));
    let (_, form) = api.issuers.last(ISSUER);
    let of = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(
        (of("token"), of("token_type_hint")),
        (Some("opaque"), Some("access_token"))
    );
    assert_eq!((api.calls(METADATA), api.calls(KEYS)), (1, 0));
}

#[tokio::test]
async fn what_the_issuer_may_leave_out_refuses_nobody() {
    for (name, value) in [
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("client_id", Value::Null),
        ("exp", Value::Null),
        ("iat", Value::Null),
        ("scope", Value::Null),
        ("token_type", Value::Null),
        ("token_type", json!("bearer")),
        ("token_type", json!("access_token")),
        ("token_use", json!("access_token")),
        ("typ", json!("Bearer")),
        ("aud", json!(["other", AUDIENCE])),
        ("cnf", Value::Null),
        ("username", json!(7)),
    ] {
        let api = answering(Answer::Json(with(name, value.clone())));
        assert!(api.is_good("opaque").await, "{name}: {value}");
    }
}

#[tokio::test]
async fn whatever_is_not_a_clear_yes_of_the_issuer_is_a_no() {
    for (name, value) in [
        ("active", json!(false)),
        ("iss", json!("https://other.example.com")),
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", json!(7)),
        ("aud", Value::Null),
        ("aud", json!("https://other.example.com")),
        ("aud", json!([])),
        ("aud", json!(7)),
        ("exp", json!(NOW - 60)),
        ("exp", json!("soon")),
        ("nbf", json!(NOW + 61)),
        ("iat", json!(NOW + 61)),
        ("cnf", json!({ "jkt": "x" })),
        ("cnf", json!({ "x5t#S256": "x" })),
        ("token_type", json!("DPoP")),
        ("token_type", json!("N_A")),
        ("token_type", json!("refresh_token")),
        ("token_type", json!(7)),
        ("token_use", json!("refresh_token")),
        ("token_use", json!("id")),
        ("typ", json!("Refresh")),
        ("typ", json!("Offline")),
        ("sub", json!(7)),
        ("client_id", json!([])),
    ] {
        let api = answering(Answer::Json(with(name, value.clone())));
        api.refuses(&format!("{name}: {value}"), "opaque").await;
    }
}

/// It says nothing about the token, so the caller is not to blame.
#[tokio::test]
async fn an_answer_that_cannot_be_used_is_a_failure_of_the_issuer() {
    for (answer, status) in [
        (Answer::Json(with("active", json!("true"))), 502),
        (Answer::Json(with("active", json!(1))), 502),
        (Answer::Json(with("active", Value::Null)), 502),
        (Answer::Json(json!([])), 502),
        (Answer::Json(json!("active")), 502),
        (Answer::Json(json!({ "error": "invalid_client" })), 502),
        (Answer::Signed("eyJ.eyJ.x".into()), 502),
        (Answer::Status(401, json!({ "error": "invalid_client" })), 500),
        (Answer::Status(403, json!({})), 500),
        (Answer::Status(404, json!({})), 500),
        (Answer::Status(429, json!({})), 503),
        (Answer::Status(500, json!({})), 503),
        (Answer::Status(503, json!({ "active": true })), 503),
        (Answer::Nothing, 503),
    ] {
        let api = answering(answer);
        let error = api.validate("s3cret-opaque-token").await.unwrap_err();
        assert!(matches!(error, AccessTokenError::NotChecked(_)), "{error}");
        assert_eq!(
            (error.status().as_u16(), error.challenge()),
            (status, None),
            "{error}"
        );
        let text = format!("{error} {error:?}");
        assert!(
            !text.contains("s3cret-opaque-token") && !text.contains(CLIENT_SECRET),
            "{text}"
        );
        // It is asked again: a failure is no verdict.
        api.issuers.introspect(ISSUER, |_| Answer::Json(active()));
        assert!(api.is_good("s3cret-opaque-token").await);
    }
}

#[tokio::test]
async fn an_issuer_that_is_slow_is_503_in_time() {
    let api = Api::with("ES256", |settings| {
        settings.response_timeout(Duration::from_secs(2))
    });
    api.issuers.introspect(ISSUER, |_| Answer::Json(active()));
    assert!(api.is_good("first").await);
    api.issuers.slow(ISSUER, Duration::from_secs(30));
    let began = std::time::Instant::now();
    let error = api.validate("opaque").await.unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn who_asks_proves_who_it_is_as_the_settings_say() {
    let basic = |api: &Api| api.issuers.last(ISSUER).0.contains_key("authorization");
    let form = |api: &Api, name: &str| {
        let (_, form) = api.issuers.last(ISSUER);
        form.into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    };
    let asked = async |settings: fn(Builder) -> Builder, listed: Value| {
        let api = Api::with("ES256", settings);
        api.issuers.introspect(ISSUER, |_| Answer::Json(active()));
        api.issuers.change(ISSUER, METADATA, |metadata| {
            metadata["introspection_endpoint_auth_methods_supported"] = listed;
        });
        assert!(api.is_good("opaque").await);
        api
    };
    // The sign-in's client, as at the token endpoint.
    let api = asked(|settings| settings, Value::Null).await;
    assert!(basic(&api) && form(&api, "client_secret").is_none());
    let api = asked(|settings| settings, json!(["client_secret_post"])).await;
    assert!(!basic(&api));
    assert_eq!(form(&api, "client_id").as_deref(), Some(CLIENT_ID));
    assert_eq!(form(&api, "client_secret").as_deref(), Some(CLIENT_SECRET));
    // Its own method goes with it.
    let api = asked(
        |settings| settings.client_auth_method(ClientAuthMethod::ClientSecretPost),
        json!(["client_secret_basic", "client_secret_post"]),
    )
    .await;
    assert!(!basic(&api));
    // And what is set for the API wins.
    let api = asked(
        |settings| {
            settings
                .client_auth_method(ClientAuthMethod::ClientSecretBasic)
                .api_client_id("api")
                .api_client_secret("s3cret-of-the-api")
        },
        Value::Null,
    )
    .await;
    assert!(!basic(&api));
    assert_eq!(form(&api, "client_id").as_deref(), Some("api"));
    assert_eq!(form(&api, "client_secret").as_deref(), Some("s3cret-of-the-api"));
    // Unless the issuer lists others alone.
    let of_its_own = |settings: Builder| {
        settings
            .api_client_id("api")
            .api_client_secret("s3cret-of-the-api")
    };
    let api = asked(of_its_own, json!(["client_secret_basic"])).await;
    assert!(basic(&api) && form(&api, "client_secret").is_none());
    let api = asked(
        |settings| settings.api_client_auth_method(ClientAuthMethod::ClientSecretPost),
        Value::Null,
    )
    .await;
    assert!(!basic(&api));
}

#[tokio::test]
async fn another_issuer_never_learns_the_secret_of_the_sign_in() {
    const OTHER: &str = "https://tokens.example.com";
    let other = |settings: Builder| settings.api_tenant_domain(OTHER);
    let api = Api::with("ES256", other);
    api.issuers.add(OTHER, &api.signer);
    api.issuers.introspect(OTHER, |_| Answer::Json(active()));
    let reason = api.refuses("opaque", "opaque").await;
    assert!(reason.contains("MONOCLOUD_BACKEND_CLIENT_ID"), "{reason}");
    assert_eq!(api.issuers.calls(OTHER, INTROSPECTION), 0);

    let api = Api::with("ES256", |settings| {
        other(settings)
            .api_client_id("api")
            .api_client_secret("s3cret-of-the-api")
    });
    api.issuers.add(OTHER, &api.signer);
    api.issuers
        .introspect(OTHER, |_| Answer::Json(with("iss", json!(OTHER))));
    assert!(api.is_good("opaque").await);
    let (_, form) = api.issuers.last(OTHER);
    assert!(
        !form
            .iter()
            .any(|(_, value)| value == CLIENT_SECRET || value == CLIENT_ID)
    );
    assert_eq!(api.calls(METADATA), 0);
}

#[tokio::test]
async fn where_the_issuer_does_not_introspect_no_opaque_token_is_good() {
    for plain in [true, false] {
        let api = Api::with("ES256", |settings| settings.introspect_jwt_tokens(!plain));
        api.issuers.change(ISSUER, METADATA, |metadata| {
            metadata.as_object_mut().unwrap().remove("introspection_endpoint");
        });
        api.refuses("opaque", "opaque").await;
        let jwt = api.signer.access_token(&claims());
        if plain {
            assert!(api.is_good(&jwt).await);
        } else {
            // The settings ask for what the issuer does not have.
            assert_eq!(api.validate(&jwt).await.unwrap_err().status(), 502);
        }
    }
}

#[tokio::test]
async fn a_member_that_decides_and_is_there_twice_is_no_clear_yes() {
    let good = active().to_string();
    let rest = good.strip_prefix('{').unwrap();
    let open = good.strip_suffix('}').unwrap();
    for body in [
        format!("{{\"active\":false,{rest}"),
        format!("{{\"aud\":\"other\",{rest}"),
        format!("{open},\"cnf\":{{\"jkt\":\"a\"}},\"cnf\":null}}"),
    ] {
        let api = answering(Answer::Raw(body.clone()));
        assert!(!api.is_good("opaque").await, "{body}");
    }
}
