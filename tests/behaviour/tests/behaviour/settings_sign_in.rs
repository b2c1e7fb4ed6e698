//! The parameters of the authorization request as settings: by variable and by builder, and what is refused.

use monocloud_runtime::settings::{AuthParams, Builder, ResponseMode};
use monocloud_runtime::testing::Provider;

use crate::fixtures::{provider, settings_of};
use crate::settings_effects::{both, start};
use crate::settings_problems::{assert_accepted, assert_refused, problems, problems_of};

#[tokio::test]
async fn prompt_max_age_and_response_mode_are_variables_too() {
    let provider = provider(Provider::builder()).await;
    let of = |params: AuthParams| move |builder: Builder| builder.auth_params(params.clone());
    let cases = [
        (
            "PROMPT",
            "login consent",
            "prompt",
            AuthParams::new().prompt("login consent"),
        ),
        ("MAX_AGE", "3600", "max_age", AuthParams::new().max_age(3600)),
        (
            "RESPONSE_MODE",
            "form_post",
            "response_mode",
            AuthParams::new().response_mode(ResponseMode::FormPost),
        ),
    ];
    for (name, value, asked, params) in cases {
        for auth in both(|| settings_of(&provider), name, value, of(params)) {
            assert_eq!(start(&auth, "").await.asked(asked).as_deref(), Some(value));
        }
    }
    let query = AuthParams::new().response_mode(ResponseMode::Query);
    for auth in both(|| settings_of(&provider), "RESPONSE_MODE", "QUERY", of(query)) {
        assert_eq!(start(&auth, "").await.asked("response_mode"), None, "the default");
    }
}

#[test]
fn a_prompt_is_words_and_none_stands_alone() {
    for value in ["none", "login", "login consent", "select_account", "create"] {
        assert_accepted("AUTH_PROMPT", value);
    }
    for value in ["none login", "login,consent", "Login", "login  consent", "login;"] {
        assert_refused("AUTH_PROMPT", value, "select_account");
        let built = problems_of(crate::fixtures::settings().auth_params(AuthParams::new().prompt(value)));
        assert_eq!(built.len(), 1, "{built:?}");
    }
}

#[test]
fn max_age_is_seconds_and_response_mode_is_one_of_two() {
    for value in ["-1", "1h", "3600s", "4294967296"] {
        assert_refused("AUTH_MAX_AGE", value, "number");
    }
    for value in ["fragment", "web_message", "post", "query form_post"] {
        assert_refused("AUTH_RESPONSE_MODE", value, "query or form_post");
    }
}

#[test]
fn a_form_post_by_variable_needs_https_too() {
    let vars = [
        ("MONOCLOUD_AUTH_RESPONSE_MODE", "form_post"),
        ("MONOCLOUD_AUTH_APP_URL", "http://app.example.test"),
    ];
    let found = problems(&vars);
    assert!(
        found.iter().any(|problem| problem.contains("form_post")),
        "{found:?}"
    );
}

#[test]
fn trusted_origins_are_origins() {
    for value in [
        "https://www.example.com",
        "https://www.example.com/",
        "https://www.example.com:8443 https://WWW.example.org",
        "http://localhost:5173 http://127.0.0.1:5173",
    ] {
        assert_accepted("AUTH_TRUSTED_ORIGINS", value);
    }
    for value in [
        "www.example.com",
        "https://www.example.com/app",
        "https://www.example.com?q",
        "http://www.example.com",
        "https://user:pass@www.example.com",
        "*",
        "null",
        "https://*.example.com",
        "app://x",
    ] {
        assert_refused("AUTH_TRUSTED_ORIGINS", value, "https://www.example.com");
    }
}
