//! The sign-in route: when it starts nothing, and what it asks of the issuer when it does.

use std::collections::BTreeMap;

use http::Method;
use monocloud_runtime::settings::{AuthParams, Builder, ResponseMode};
use monocloud_runtime::testing::Provider;
use url::Url;

use crate::fixtures::{Answer, Browser, ORIGIN, app, call, get, provider, settings_of};

/// What the issuer is asked with these settings and this query.
async fn asked(settings: Builder, query: &str) -> BTreeMap<String, String> {
    let answer = get(
        &app(&settings.build().unwrap()),
        &format!("/api/auth/signin{query}"),
        &[],
    )
    .await;
    assert_eq!(answer.status, 303, "{query}: {answer:?}");
    let url = Url::parse(answer.location()).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let asked: BTreeMap<String, String> = pairs.iter().cloned().collect();
    let resources = pairs.iter().filter(|(name, _)| name == "resource").count();
    assert_eq!(
        asked.len() + resources.saturating_sub(1),
        pairs.len(),
        "nothing twice: {url}"
    );
    asked
}

fn assert_nothing_started(answer: &Answer, what: &str) {
    assert!(answer.cookies().is_empty(), "{what}: {answer:?}");
    assert_eq!(answer.header("location"), None, "{what}");
}

#[tokio::test]
async fn other_methods_are_405_and_start_nothing() {
    let provider = provider(Provider::builder()).await;
    let app = app(&settings_of(&provider).build().unwrap());
    for method in [
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
    ] {
        let answer = call(&app, method.clone(), "/api/auth/signin", &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET, POST")),
            "{method}"
        );
        assert_nothing_started(&answer, method.as_str());
    }
}

#[tokio::test]
async fn a_prefetch_starts_nothing() {
    let provider = provider(Provider::builder()).await;
    let app = app(&settings_of(&provider).build().unwrap());
    for header in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "Prefetch"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let answer = get(&app, "/api/auth/signin", &[header]).await;
        assert_eq!(answer.status, 401, "{header:?}");
        assert_nothing_started(&answer, header.0);
    }
}

#[tokio::test]
async fn what_a_page_embeds_starts_nothing() {
    let provider = provider(Provider::builder()).await;
    let app = app(&settings_of(&provider).build().unwrap());
    for embedded in [
        "image", "script", "style", "iframe", "frame", "embed", "object", "empty", "audio", "font",
    ] {
        let answer = get(&app, "/api/auth/signin", &[("sec-fetch-dest", embedded)]).await;
        assert_eq!(answer.status, 400, "{embedded}: {answer:?}");
        assert_nothing_started(&answer, embedded);
    }
    let answer = get(&app, "/api/auth/signin", &[("sec-fetch-dest", "document")]).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a_parameter_given_twice_is_refused() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider)
        .allow_query_param_overrides(true)
        .build()
        .unwrap();
    for name in [
        "return_url",
        "register",
        "prompt",
        "scope",
        "max_age",
        "login_hint",
        "resource",
        "display",
    ] {
        let answer = get(
            &app(&auth),
            &format!("/api/auth/signin?{name}=1&x=2&{name}=1"),
            &[],
        )
        .await;
        assert_eq!(answer.status, 400, "{name}: {answer:?}");
        assert_nothing_started(&answer, name);
    }
}

#[tokio::test]
async fn the_request_is_an_authorization_code_request_with_pkce_state_and_nonce() {
    let provider = provider(Provider::builder()).await;
    let sent = asked(settings_of(&provider), "").await;
    let fixed = [
        ("response_type", "code"),
        ("client_id", provider.client_id()),
        ("redirect_uri", "http://localhost:3000/api/auth/callback"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in fixed {
        assert_eq!(sent[name], value);
    }
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(sent[random].len(), 43, "256 bits: {random}");
    }
    assert_eq!(sent.len(), 8, "{sent:?}");
    let again = asked(settings_of(&provider), "").await;
    for random in ["state", "nonce", "code_challenge"] {
        assert_ne!(sent[random], again[random]);
    }
}

#[tokio::test]
async fn the_transaction_is_sealed_in_a_cookie_named_by_a_hash_of_the_state() {
    let provider = provider(Provider::builder()).await;
    let app = app(&settings_of(&provider).build().unwrap());
    let answer = get(&app, "/api/auth/signin?return_url=%2Fsecret-place", &[]).await;
    let [cookie] = <[_; 1]>::try_from(answer.cookies()).unwrap();
    let state = answer.asked("state").unwrap();
    assert!(!cookie.name.contains(&state) && !cookie.value.contains(&state));
    assert!(!cookie.value.contains("secret-place"));
    assert!(answer.location().starts_with(provider.issuer()));
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert!(
        !answer.location().contains("secret-place"),
        "nobody else's business"
    );
}

#[tokio::test]
async fn a_sign_in_while_signed_in_is_still_a_sign_in() {
    let provider = provider(Provider::builder()).await;
    let app = app(&settings_of(&provider).build().unwrap());
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    let answer = browser.start("").await;
    assert!(answer.location().starts_with(provider.issuer()), "{answer:?}");
    assert_eq!(
        browser.get("/").await.body,
        "signed in as mira",
        "and the session goes on meanwhile"
    );
}

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

fn query_of(pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("?{query}")
}

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

#[tokio::test]
async fn a_return_url_is_kept_and_found_again() {
    let provider = provider(Provider::builder()).await;
    let app = app(&settings_of(&provider).build().unwrap());
    for (given, end) in [
        ("", "/"),
        ("?return_url=", "/"),
        ("?return_url=%2Fpage%3Fa%3D1%26b%3D2%23part", "/page?a=1&b=2#part"),
        ("?return_url=http%3A%2F%2Flocalhost%3A3000%2Fpage", "/page"),
        ("?return_url=page", "/page"),
        ("?return_url=https%3A%2F%2Fevil.example%2F", "/"),
        ("?return_url=%2Fapi%2Fauth%2Fsignout", "/"),
    ] {
        let mut browser = Browser::new(&app);
        let started = browser.start(given).await;
        let callback = crate::fixtures::choose(&provider, started.location(), "mira").await;
        let answer = browser.get(&callback).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, &*format!("{ORIGIN}{end}")),
            "{given}"
        );
    }
    let longest = format!("/page?{}", "x".repeat(1_994));
    for (more, end) in [("", longest.as_str()), ("x", "/")] {
        let mut browser = Browser::new(&app);
        let started = browser
            .start(&query_of(&[("return_url", &format!("{longest}{more}"))]))
            .await;
        let callback = crate::fixtures::choose(&provider, started.location(), "mira").await;
        assert_eq!(browser.get(&callback).await.location(), format!("{ORIGIN}{end}"));
    }
}
