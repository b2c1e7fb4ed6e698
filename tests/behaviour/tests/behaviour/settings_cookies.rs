//! The settings of the two cookies: what browsers would drop is refused, and each has its effect, by variable
//! and by builder.

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{AuthParams, Builder, ResponseMode, SameSite, SessionCookie, StateCookie};
use monocloud_runtime::testing::{Provider, session_cookie};

use crate::fixtures::{ORIGIN, SetCookie, app, get, mira, provider, settings};
use crate::settings_problems::{assert_accepted, assert_refused, problems, problems_of};

#[test]
fn cookies_that_browsers_would_drop_are_refused() {
    for group in ["AUTH_SESSION_COOKIE", "AUTH_STATE_COOKIE"] {
        let name = format!("{group}_NAME");
        for value in ["a b", "a;b", "a=b", "a.b", "a,b", "ä", "a\"b"] {
            assert_refused(&name, value, "letters, digits");
        }
        assert_refused(&name, &"n".repeat(65), "letters, digits");
        for value in ["__Host-x", "__Secure-x", "__host-x", "__SECURE-x"] {
            assert_refused(&name, value, "Secure cookie");
        }
        for value in ["app", "/a b", "/a;b", "/ä"] {
            let found = problems(&[(&format!("MONOCLOUD_{group}_PATH"), value)]);
            assert!(
                found[0].contains(&format!("MONOCLOUD_{group}_PATH: ")),
                "{found:?}"
            );
        }
        for value in ["a b", "a;b", "a/b", "ä", ".", "example.com:80"] {
            assert_refused(&format!("{group}_DOMAIN"), value, "not a host name");
        }
        for value in ["laxx", "true", ""] {
            let found = problems(&[(&format!("MONOCLOUD_{group}_SAME_SITE"), value)]);
            assert_eq!(found.len(), usize::from(!value.is_empty()), "{found:?}");
        }
        assert_refused(&format!("{group}_SAME_SITE"), "none", "write lax");
    }
    assert_refused("AUTH_STATE_COOKIE_SAME_SITE", "Strict", "lax");
    assert_accepted("AUTH_SESSION_COOKIE_SAME_SITE", "Strict");
    assert_refused("AUTH_STATE_COOKIE_NAME", "session", "another");
    assert_refused("AUTH_STATE_COOKIE_PATH", "/elsewhere", "callback");
    assert_refused("AUTH_SESSION_COOKIE_PATH", "/elsewhere", "sign-out");
}

#[test]
fn a_host_prefix_forbids_a_domain_and_another_path() {
    let https = || settings().app_url("https://example.com");
    let session = |cookie: SessionCookie| problems_of(https().session_cookie(cookie.name("__Host-x")));
    assert_eq!(session(SessionCookie::new()), Vec::<String>::new());
    assert_eq!(session(SessionCookie::new().domain("example.com")).len(), 1);
    assert_eq!(session(SessionCookie::new().path("/api")).len(), 1);
    assert_eq!(session(SessionCookie::new().secure(false)).len(), 1);
    let state = |cookie: StateCookie| problems_of(https().state_cookie(cookie.name("__Host-x")));
    assert_eq!(state(StateCookie::new()), Vec::<String>::new());
    assert_eq!(state(StateCookie::new().domain("example.com")).len(), 1);
    assert_eq!(state(StateCookie::new().path("/api")).len(), 1);
    let secure = SessionCookie::new()
        .name("__Secure-x")
        .domain("example.com")
        .path("/api");
    assert_eq!(problems_of(https().session_cookie(secure)), Vec::<String>::new());
    let none = SessionCookie::new().same_site(SameSite::None);
    assert_eq!(
        problems_of(https().session_cookie(none.clone())),
        Vec::<String>::new()
    );
    assert_eq!(problems_of(https().session_cookie(none.secure(false))).len(), 1);
}

#[test]
fn form_post_needs_https_or_localhost() {
    let form_post = |url: &str| {
        let params = AuthParams::new().response_mode(ResponseMode::FormPost);
        problems_of(settings().app_url(url).auth_params(params))
    };
    for good in [
        "https://example.com",
        "http://localhost:3000",
        "http://127.0.0.1:3000",
    ] {
        assert_eq!(form_post(good), Vec::<String>::new(), "{good}");
    }
    for bad in ["http://example.com", "http://192.168.1.2:3000"] {
        let found = form_post(bad);
        assert!(
            found.len() == 1 && found[0].contains("form_post") && found[0].contains("https"),
            "{found:?}"
        );
    }
}

/// Each group of settings is one value in the builder, so a variable beside it must not have an effect where
/// the group has spoken.
fn both(app_url: &str, name: &str, values: [&str; 2], set: impl Fn(Builder) -> Builder) -> [Builder; 2] {
    let base = || settings().app_url(app_url);
    let name = format!("MONOCLOUD_AUTH_{name}");
    [
        base().with_vars([(name.as_str(), values[0])]),
        set(base().with_vars([(name.as_str(), values[1])])),
    ]
}

async fn session_set(builder: Builder) -> SetCookie {
    let auth = builder.build().unwrap();
    let cookie = session_cookie(&auth, mira());
    let answer = get(&app(&auth), "/update", &[("cookie", &cookie)]).await;
    answer.cookies().remove(0)
}

async fn state_set(builder: Builder, provider: &Provider) -> SetCookie {
    let auth: MonoCloud = builder
        .tenant_domain(provider.issuer())
        .client_id(provider.client_id())
        .build()
        .unwrap();
    let answer = get(&app(&auth), "/api/auth/signin", &[]).await;
    answer.cookies().remove(0)
}

#[tokio::test]
async fn session_cookie_settings() {
    let of = |cookie: SessionCookie| move |builder: Builder| builder.session_cookie(cookie.clone());
    let https = "https://www.example.com/app";
    for builder in both(
        ORIGIN,
        "SESSION_COOKIE_NAME",
        ["sid", "other"],
        of(SessionCookie::new().name("sid")),
    ) {
        assert_eq!(session_set(builder).await.name, "sid");
    }
    for builder in both(
        https,
        "SESSION_COOKIE_PATH",
        ["/app", "/"],
        of(SessionCookie::new().path("/app")),
    ) {
        assert_eq!(session_set(builder).await.attribute("path"), Some("/app"));
    }
    let domain = SessionCookie::new().domain("example.com");
    for builder in both(
        https,
        "SESSION_COOKIE_DOMAIN",
        ["example.com", "www.example.com"],
        of(domain),
    ) {
        assert_eq!(
            session_set(builder).await.attribute("domain"),
            Some("example.com")
        );
    }
    for builder in both(
        ORIGIN,
        "SESSION_COOKIE_HTTP_ONLY",
        ["no", "yes"],
        of(SessionCookie::new().http_only(false)),
    ) {
        assert!(!session_set(builder).await.has("httponly"));
    }
    for builder in both(
        https,
        "SESSION_COOKIE_SECURE",
        ["0", "1"],
        of(SessionCookie::new().secure(false)),
    ) {
        assert!(!session_set(builder).await.has("secure"));
    }
    for builder in both(
        ORIGIN,
        "SESSION_COOKIE_SECURE",
        ["on", "off"],
        of(SessionCookie::new().secure(true)),
    ) {
        assert!(session_set(builder).await.has("secure"));
    }
    for (text, value) in [
        ("Strict", SameSite::Strict),
        ("lax", SameSite::Lax),
        ("NONE", SameSite::None),
    ] {
        let cookie = SessionCookie::new().same_site(value);
        let other = if value == SameSite::Lax { "strict" } else { "lax" };
        for builder in both(https, "SESSION_COOKIE_SAME_SITE", [text, other], of(cookie)) {
            let set = session_set(builder).await;
            assert_eq!(
                set.attribute("samesite"),
                Some(text.to_ascii_lowercase().as_str()),
                "{set:?}"
            );
        }
    }
    let persistent = SessionCookie::new().persistent(false);
    for builder in both(
        ORIGIN,
        "SESSION_COOKIE_PERSISTENT",
        ["false", "true"],
        of(persistent),
    ) {
        assert_eq!(session_set(builder).await.attribute("max-age"), None);
    }
}

#[tokio::test]
async fn state_cookie_settings() {
    let provider = provider(Provider::builder()).await;
    let of = |cookie: StateCookie| move |builder: Builder| builder.state_cookie(cookie.clone());
    let https = "https://www.example.com/app";
    for builder in both(
        ORIGIN,
        "STATE_COOKIE_NAME",
        ["tx", "other"],
        of(StateCookie::new().name("tx")),
    ) {
        assert!(state_set(builder, &provider).await.name.starts_with("tx."));
    }
    for builder in both(
        https,
        "STATE_COOKIE_PATH",
        ["/app", "/"],
        of(StateCookie::new().path("/app")),
    ) {
        assert_eq!(
            state_set(builder, &provider).await.attribute("path"),
            Some("/app")
        );
    }
    let domain = StateCookie::new().domain("example.com");
    for builder in both(
        https,
        "STATE_COOKIE_DOMAIN",
        ["example.com", "www.example.com"],
        of(domain),
    ) {
        assert_eq!(
            state_set(builder, &provider).await.attribute("domain"),
            Some("example.com")
        );
    }
    for builder in both(
        https,
        "STATE_COOKIE_SECURE",
        ["0", "1"],
        of(StateCookie::new().secure(false)),
    ) {
        assert!(!state_set(builder, &provider).await.has("secure"));
    }
    for builder in both(
        ORIGIN,
        "STATE_COOKIE_SECURE",
        ["on", "off"],
        of(StateCookie::new().secure(true)),
    ) {
        assert!(state_set(builder, &provider).await.has("secure"));
    }
    let none = StateCookie::new().same_site(SameSite::None);
    for builder in both(https, "STATE_COOKIE_SAME_SITE", ["none", "lax"], of(none)) {
        assert!(state_set(builder, &provider).await.has("samesite=none"));
    }
    for (value, other, max_age) in [("yes", "no", Some("900")), ("no", "yes", None)] {
        let persistent = StateCookie::new().persistent(value == "yes");
        for builder in both(ORIGIN, "STATE_COOKIE_PERSISTENT", [value, other], of(persistent)) {
            assert_eq!(state_set(builder, &provider).await.attribute("max-age"), max_age);
        }
    }
}
