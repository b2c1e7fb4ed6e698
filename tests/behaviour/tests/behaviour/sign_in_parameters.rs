//! What the query of a sign-in may change of what the issuer is asked, and what the settings say.

use monocloud_runtime::settings::{AuthParams, ResponseMode};
use monocloud_runtime::testing::Provider;

use crate::fixtures::{app, asked, assert_nothing_started, get, provider, query_of, settings_of};

/// Parameter in the query, its value, and where it ends up.
const OVERRIDES: &[(&str, &str)] = &[
    ("scope", "openid phone"),
    ("resource", "https://api.example.com/"),
    ("audience", "https://audience.example.com"),
    ("prompt", "login"),
    ("display", "popup"),
    ("ui_locales", "de fr"),
    ("acr_values", "urn:mfa"),
    ("authenticator_hint", "passkey"),
    ("max_age", "77"),
    ("login_hint", "ada+x@example.com"),
];

#[tokio::test]
async fn nobodys_query_changes_the_request_unless_that_is_allowed() {
    let provider = provider(Provider::builder()).await;
    let plain = asked(settings_of(&provider), "").await;
    for forbidding in [
        settings_of(&provider),
        settings_of(&provider).allow_query_param_overrides(false),
    ] {
        let sent = asked(forbidding, &query_of(OVERRIDES)).await;
        for (name, _) in OVERRIDES {
            assert_eq!(sent.get(*name), plain.get(*name), "{name}");
        }
    }
    for (name, value) in OVERRIDES {
        let allowing = settings_of(&provider).allow_query_param_overrides(true);
        let sent = asked(allowing, &query_of(&[(name, value)])).await;
        assert_eq!(sent[*name], *value);
        for (other, _) in OVERRIDES.iter().filter(|(other, _)| other != name) {
            assert_eq!(sent.get(*other), plain.get(*other), "{other} with {name}");
        }
    }
}

#[tokio::test]
async fn never_can_a_query_change_what_is_not_on_the_list() {
    let provider = provider(Provider::builder()).await;
    let evil = [
        ("client_id", "evil"),
        ("redirect_uri", "https://evil.example/"),
        ("response_type", "token"),
        ("response_mode", "fragment"),
        ("state", "chosen"),
        ("nonce", "chosen"),
        ("code_challenge", "chosen"),
        ("code_challenge_method", "plain"),
        ("id_token_hint", "x.y.z"),
        ("request", "x.y.z"),
        ("request_uri", "https://evil.example/"),
        ("claims", "{}"),
    ];
    let sent = asked(
        settings_of(&provider).allow_query_param_overrides(true),
        &query_of(&evil),
    )
    .await;
    for (name, value) in evil {
        assert_ne!(sent.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[tokio::test]
async fn nothing_is_injected_by_a_value() {
    let provider = provider(Provider::builder()).await;
    let value = "x&redirect_uri=https://evil.example/#&client_id=evil\r\nlocation: evil";
    for name in ["login_hint", "audience", "display", "ui_locales", "return_url"] {
        let allowing = settings_of(&provider).allow_query_param_overrides(true);
        let sent = asked(allowing, &query_of(&[(name, value)])).await;
        assert_eq!(sent["redirect_uri"], "http://localhost:3000/api/auth/callback");
        assert_eq!(sent["client_id"], provider.client_id());
        if name != "return_url" {
            assert_eq!(sent[name], value);
        }
    }
}

#[tokio::test]
async fn overrides_that_cannot_be_used_are_refused() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider)
        .allow_query_param_overrides(true)
        .build()
        .unwrap();
    for (name, value) in [
        ("scope", "profile"),
        ("scope", "openid \"x\""),
        ("resource", "no-url"),
        ("resource", "https://api.example.com/#fragment"),
        ("max_age", "-1"),
        ("max_age", "soon"),
        ("max_age", "99999999999"),
    ] {
        let answer = get(
            &app(&auth),
            &format!("/api/auth/signin{}", query_of(&[(name, value)])),
            &[],
        )
        .await;
        assert_eq!(answer.status, 400, "{name}={value}: {answer:?}");
        assert_nothing_started(&answer, name);
    }
    let empty = asked(
        settings_of(&provider).allow_query_param_overrides(true),
        "?scope=&max_age=",
    )
    .await;
    assert_eq!(empty["scope"], "openid profile email", "an empty value is none");
}

#[tokio::test]
async fn sign_up_can_be_asked_for_whatever_is_allowed() {
    let provider = provider(Provider::builder()).await;
    for allowed in [false, true] {
        let settings = || settings_of(&provider).allow_query_param_overrides(allowed);
        for query in [
            "?register=true",
            "?register=1",
            "?prompt=create",
            "?register=true&prompt=login",
        ] {
            assert_eq!(asked(settings(), query).await["prompt"], "create", "{query}");
        }
        for query in ["?register=false", "?register="] {
            assert_eq!(asked(settings(), query).await.get("prompt"), None, "{query}");
        }
    }
}

#[tokio::test]
async fn the_defaults_of_auth_params_are_asked_for_and_overridden_one_by_one() {
    let provider = provider(Provider::builder()).await;
    let defaults = AuthParams::new()
        .scopes("openid offline_access")
        .resource("https://one.example.com https://two.example.com")
        .audience("an audience")
        .prompt("consent")
        .display("touch")
        .ui_locales("pt")
        .acr_values("urn:a urn:b")
        .authenticator_hint("google")
        .max_age(3_600)
        .login_hint("lin@example.com")
        .id_token_hint("an.id.token")
        .response_mode(ResponseMode::FormPost);
    let settings = || {
        settings_of(&provider)
            .auth_params(defaults.clone())
            .allow_query_param_overrides(true)
    };
    let sent = asked(settings(), "").await;
    for (name, value) in [
        ("scope", "openid offline_access"),
        ("resource", "https://two.example.com"),
        ("audience", "an audience"),
        ("prompt", "consent"),
        ("display", "touch"),
        ("ui_locales", "pt"),
        ("acr_values", "urn:a urn:b"),
        ("authenticator_hint", "google"),
        ("max_age", "3600"),
        ("login_hint", "lin@example.com"),
        ("id_token_hint", "an.id.token"),
        ("response_mode", "form_post"),
    ] {
        assert_eq!(sent.get(name).map(String::as_str), Some(value), "{name}");
    }
    for (name, value) in OVERRIDES {
        let sent = asked(settings(), &query_of(&[(name, value)])).await;
        assert_eq!(sent[*name], *value, "{name}");
    }
}
