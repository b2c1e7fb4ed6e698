//! The sign-in route: when it starts nothing, and what it starts.

use http::Method;
use monocloud_runtime::testing::Provider;

use crate::fixtures::{
    Browser, ORIGIN, app, asked, assert_nothing_started, call, get, provider, query_of, settings_of,
};

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
