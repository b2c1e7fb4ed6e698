//! The attributes of our cookies are those of the settings, when they are set and when they are deleted.

use std::time::Duration;

use monocloud_runtime::settings::{
    AuthParams, Builder, ResponseMode, SameSite, SessionCookie, StateCookie, StateLifetime,
};
use monocloud_runtime::testing::{Provider, session_cookie};

use crate::fixtures::{Browser, SetCookie, app, at_rest, choose, get, mira, provider, settings, settings_of};

/// The session cookie as these settings set it, and as they delete it.
async fn session_cookies(settings: Builder) -> [SetCookie; 2] {
    let (auth, _) = at_rest(settings);
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let set = get(&app, "/update", &[("cookie", &cookie)])
        .await
        .cookies()
        .remove(0);
    let deleted = get(&app, "/destroy", &[("cookie", &cookie)])
        .await
        .cookies()
        .remove(0);
    assert!(!set.deletes() && deleted.deletes() && deleted.value.is_empty());
    [set, deleted]
}

/// The state cookie as these settings set it, and as they delete it.
async fn state_cookies(builder: Builder) -> [SetCookie; 2] {
    let provider = provider(Provider::builder()).await;
    let auth = builder
        .tenant_domain(provider.issuer())
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .build()
        .unwrap();
    let app = app(&auth);
    let started = get(&app, "/api/auth/signin", &[]).await;
    let set = started.cookies().remove(0);
    let refused = format!(
        "/api/auth/callback?error=access_denied&state={}&iss={}",
        started.asked("state").unwrap(),
        provider.issuer()
    );
    let cookie = format!("{}={}", set.name, set.value);
    let deleted = get(&app, &refused, &[("cookie", &cookie)])
        .await
        .cookies()
        .remove(0);
    assert_eq!(set.name, deleted.name);
    assert!(!set.deletes() && deleted.deletes() && deleted.value.is_empty());
    [set, deleted]
}

#[tokio::test]
async fn a_session_cookie_is_lax_and_hidden_from_scripts_by_default() {
    for cookie in session_cookies(settings()).await {
        assert_eq!(cookie.name, "session");
        assert!(
            cookie.has("httponly") && cookie.has("samesite=lax") && cookie.has("path=/"),
            "{cookie:?}"
        );
        assert!(
            !cookie.has("secure") && cookie.attribute("domain").is_none(),
            "{cookie:?}"
        );
    }
}

#[tokio::test]
async fn an_https_app_has_secure_cookies() {
    for cookie in session_cookies(settings().app_url("https://example.com")).await {
        assert!(cookie.has("secure"), "{cookie:?}");
    }
    for cookie in state_cookies(settings().app_url("https://example.com")).await {
        assert!(cookie.has("secure"), "{cookie:?}");
    }
}

#[tokio::test]
async fn each_attribute_of_the_session_cookie_is_a_setting() {
    let attributes = SessionCookie::new()
        .name("__Secure-sid")
        .path("/app")
        .domain("example.com")
        .http_only(false)
        .secure(true)
        .same_site(SameSite::None);
    let builder = settings()
        .app_url("https://www.example.com/app")
        .session_cookie(attributes);
    for cookie in session_cookies(builder).await {
        assert_eq!(cookie.name, "__Secure-sid");
        for attribute in ["path=/app", "domain=example.com", "secure", "samesite=none"] {
            assert!(cookie.has(attribute), "{attribute}: {cookie:?}");
        }
        assert!(!cookie.has("httponly"), "{cookie:?}");
    }
    let insecure = SessionCookie::new().secure(false);
    for cookie in session_cookies(settings().app_url("https://example.com").session_cookie(insecure)).await {
        assert!(!cookie.has("secure"), "{cookie:?}");
    }
}

#[tokio::test]
async fn a_state_cookie_is_lax_hidden_from_scripts_and_dies_with_its_sign_in_by_default() {
    let [set, deleted] = state_cookies(settings()).await;
    assert_eq!(
        (set.attribute("max-age"), set.attribute("expires")),
        (Some("900"), None),
        "{set:?}"
    );
    for cookie in [set, deleted] {
        assert!(
            cookie.name.starts_with("state.") && cookie.name.len() == 22,
            "{cookie:?}"
        );
        assert!(
            cookie.has("httponly") && cookie.has("samesite=lax") && cookie.has("path=/"),
            "{cookie:?}"
        );
        assert!(
            !cookie.has("secure") && cookie.attribute("domain").is_none(),
            "{cookie:?}"
        );
    }
}

#[tokio::test]
async fn each_attribute_of_the_state_cookie_is_a_setting() {
    let attributes = StateCookie::new()
        .name("__Secure-tx")
        .path("/app")
        .domain("example.com")
        .secure(true)
        .same_site(SameSite::None)
        .persistent(true);
    let builder = settings()
        .app_url("https://www.example.com/app")
        .state_cookie(attributes)
        .state_lifetime(StateLifetime::new().duration(Duration::from_secs(333)));
    let [set, deleted] = state_cookies(builder).await;
    assert_eq!(set.attribute("max-age"), Some("333"));
    for cookie in [set, deleted] {
        assert!(cookie.name.starts_with("__Secure-tx."), "{cookie:?}");
        for attribute in [
            "path=/app",
            "domain=example.com",
            "secure",
            "samesite=none",
            "httponly",
        ] {
            assert!(cookie.has(attribute), "{attribute}: {cookie:?}");
        }
    }
}

#[tokio::test]
async fn with_form_post_a_state_cookie_comes_back_from_another_site() {
    let form_post = AuthParams::new().response_mode(ResponseMode::FormPost);
    for app_url in ["https://example.com", "http://localhost:3000"] {
        for cookie in state_cookies(settings().app_url(app_url).auth_params(form_post.clone())).await {
            for attribute in ["secure", "samesite=none", "httponly"] {
                assert!(cookie.has(attribute), "{attribute}: {cookie:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_strict_session_is_carried_on_by_a_page_that_goes_on_by_itself() {
    let provider = provider(Provider::builder()).await;
    let strict = SessionCookie::new().same_site(SameSite::Strict);
    let auth = settings_of(&provider).session_cookie(strict).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    let started = browser
        .start("?return_url=%2Fpage%3Fa%3D1%26b%3D%22%3E%3Cscript%3E")
        .await;
    let callback = choose(&provider, started.location(), "mira").await;
    let answer = browser.get(&callback).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (200, None),
        "{answer:?}"
    );
    assert!(answer.cookie("session").unwrap().has("samesite=strict"));
    let target = "http://localhost:3000/page?a=1&#38;b=%22%3E%3Cscript%3E";
    assert!(
        answer.body.contains(&format!(
            "<meta http-equiv=\"refresh\" content=\"0;url={target}\">"
        )),
        "{answer:?}"
    );
    assert!(
        answer.body.contains(&format!("<a href=\"{target}\">")),
        "for who turned that off"
    );
    assert!(!answer.body.contains("<script"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}
