//! What is asked of an access token beyond that it is good, and the settings that say how.

use monocloud_runtime::tokens::{AccessTokenError, AccessTokenRequirement};
use serde_json::{Value, json};

use crate::api::{Api, NOW, claims, with};

#[tokio::test]
async fn what_is_asked_of_a_token_is_in_the_token() {
    let api = Api::new("ES256");
    let token = api.signer.access_token(&claims());
    let asked = async |requirement| api.auth.validate_access_token(&token, requirement).await;
    let new = AccessTokenRequirement::new;
    for allowed in [
        new(),
        new().scopes(["orders:read"]),
        new().scopes(["orders:write", "orders:read"]),
        new().groups(["other", "editor"]),
        new().groups(["admin", "editor"]).match_all(true),
        new().scopes(["orders:read"]).groups(["admin"]),
    ] {
        let outcome = asked(allowed.clone()).await;
        assert!(outcome.is_ok(), "{allowed:?}: {outcome:?}");
    }
    for scopes in [
        &["orders"][..],
        &["orders:read", "stock:read"],
        &["ORDERS:READ"],
        &["orders:read orders:write"],
    ] {
        let error = asked(new().scopes(scopes.iter().copied())).await.unwrap_err();
        assert_eq!(
            (error.status().as_u16(), error.code()),
            (403, "insufficient_scope")
        );
        let challenge = error.challenge().unwrap();
        assert!(
            challenge.starts_with("Bearer error=\"insufficient_scope\""),
            "{challenge}"
        );
    }
    let error = asked(new().scopes(["stock:read", "orders:read"]))
        .await
        .unwrap_err();
    assert!(
        error
            .challenge()
            .unwrap()
            .ends_with(", scope=\"stock:read orders:read\"")
    );
    for groups in [
        new().groups(["Admin"]),
        new().groups(["admin", "other"]).match_all(true),
        new().groups(["admin"]).groups_claim("roles"),
    ] {
        let error = asked(groups).await.unwrap_err();
        assert!(matches!(error, AccessTokenError::WrongGroup), "{error}");
        assert_eq!((error.status().as_u16(), error.challenge()), (403, None));
    }
    // A scope that no challenge can hold is not written into one.
    let error = asked(new().scopes(["a\"b\r\n"])).await.unwrap_err();
    assert!(!error.challenge().unwrap().contains("scope=\"a"));
}

#[tokio::test]
async fn the_settings_for_groups_of_tokens_have_effect() {
    let token = |api: &Api| api.signer.access_token(&with("roles", json!(["auditor"])));
    let api = Api::with("ES256", |settings| settings.api_groups_claim("roles"));
    let requirement = AccessTokenRequirement::new().groups(["auditor", "admin"]);
    let validate =
        async |api: &Api, requirement| api.auth.validate_access_token(&token(api), requirement).await;
    assert!(validate(&api, requirement.clone()).await.is_ok());
    let api = Api::with("ES256", |settings| {
        settings.api_groups_claim("roles").api_groups_match_all(true)
    });
    assert!(validate(&api, requirement.clone()).await.is_err());
    assert!(validate(&api, requirement.match_all(false)).await.is_ok());
}

#[tokio::test]
async fn the_clock_settings_of_the_api_are_its_own() {
    let api = Api::with("ES256", |settings| {
        settings
            .clock_skew(600)
            .clock_tolerance(std::time::Duration::from_secs(600))
            .api_clock_skew(-30)
            .api_clock_tolerance(std::time::Duration::from_secs(5))
    });
    // It is 30 seconds earlier here, give or take five.
    for (name, value, good) in [
        ("exp", NOW - 34, true),
        ("exp", NOW - 35, false),
        ("nbf", NOW - 25, true),
        ("nbf", NOW - 24, false),
        ("iat", NOW - 25, true),
        ("iat", NOW - 24, false),
    ] {
        let mut claims = with("iat", Value::Null);
        claims[name] = value.into();
        let token = api.signer.access_token(&claims);
        assert_eq!(api.is_good(&token).await, good, "{name} {value}");
    }
}

#[tokio::test]
async fn nobody_is_in_none_of_the_groups() {
    let api = Api::new("ES256");
    let token = api.signer.access_token(&claims());
    for requirement in [
        AccessTokenRequirement::new().groups([""; 0]),
        AccessTokenRequirement::new().groups([""; 0]).match_all(true),
    ] {
        let outcome = api.auth.validate_access_token(&token, requirement).await;
        assert!(
            matches!(outcome, Err(AccessTokenError::WrongGroup)),
            "{outcome:?}"
        );
    }
}
