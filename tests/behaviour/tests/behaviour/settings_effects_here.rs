//! Every setting has its effect: those that concern cookies, routes and caches.

use std::time::Duration;

use http::Method;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, CookieBudget, Routes, SessionLifetime, StateLifetime};
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::Endpoint;
use monocloud_runtime::testing::{Provider, ProviderUser, session_cookie};
use serde_json::json;

use crate::fixtures::{
    Browser, OTHER_SECRET, app, call, choose, get, logged, mira, provider, query_of, settings, settings_of,
    with_claims_of,
};
use crate::settings_effects::{both, same_clock, seconds, signed_in};

#[tokio::test]
async fn cookie_secrets_previous() {
    let [older, old, unlisted] = [
        "a-very-old-secret-of-this-very-app-1",
        "an-old-secret-of-this-very-app-12345",
        OTHER_SECRET,
    ];
    let set = |builder: Builder| builder.previous_cookie_secrets([older, old]);
    for auth in both(
        settings,
        "COOKIE_SECRETS_PREVIOUS",
        &format!("{older}  {old}"),
        set,
    ) {
        for (secret, status) in [(older, 200), (old, 200), (unlisted, 303)] {
            let sealed = session_cookie(&settings().cookie_secret(secret).build().unwrap(), mira());
            let answer = get(&app(&auth), "/page", &[("cookie", &sealed)]).await;
            assert_eq!(answer.status, status, "{secret}");
        }
    }
}

#[tokio::test]
async fn clock_skew() {
    let clock = Clock::fixed(1_800_000_000);
    let base = || settings().clock(clock.clone());
    let cookie = session_cookie(&base().build().unwrap(), mira());
    for (skew, status) in [(86_400, 303), (86_399, 200), (-30, 200)] {
        for auth in both(base, "CLOCK_SKEW", &skew.to_string(), |builder| {
            builder.clock_skew(skew)
        }) {
            assert_eq!(
                get(&app(&auth), "/page", &[("cookie", &cookie)]).await.status,
                status,
                "{skew}"
            );
        }
    }
}

#[tokio::test]
async fn post_logout_redirect_uris() {
    let bye = "https://www.example.com/bye";
    for auth in both(settings, "POST_LOGOUT_REDIRECT_URI", bye, |builder| {
        builder.post_logout_redirect_uri(bye)
    }) {
        assert_eq!(get(&app(&auth), "/api/auth/signout", &[]).await.location(), bye);
    }
    let set = |builder: Builder| builder.post_logout_redirect_uris(["https://a.example.com/", bye]);
    let listed = format!("https://a.example.com/  {bye}");
    for auth in both(settings, "POST_LOGOUT_REDIRECT_URIS", &listed, set) {
        let path = format!("/api/auth/signout?post_logout_url={bye}");
        assert_eq!(get(&app(&auth), &path, &[]).await.location(), bye);
    }
}

#[tokio::test]
async fn groups_claim() {
    for auth in both(settings, "GROUPS_CLAIM", "teams", |builder| {
        builder.groups_claim("teams")
    }) {
        let team = ProviderUser::new("ada").claim("teams", json!(["admin"]));
        assert_eq!(
            get(&app(&auth), "/admin", &[("cookie", &session_cookie(&auth, team))])
                .await
                .status,
            200
        );
        assert_eq!(
            get(
                &app(&auth),
                "/admin",
                &[("cookie", &session_cookie(&auth, mira()))]
            )
            .await
            .status,
            403
        );
    }
}

#[tokio::test]
async fn routes() {
    let provider = provider(Provider::builder()).await;
    let base = || settings_of(&provider);
    let at = |routes: Routes| move |builder: Builder| builder.routes(routes.clone());
    for auth in both(base, "SIGNIN_URL", "/login", at(Routes::new().sign_in("/login"))) {
        assert_eq!(get(&app(&auth), "/login", &[]).await.status, 303);
        assert_eq!(get(&app(&auth), "/api/auth/signin", &[]).await.status, 404);
        assert!(
            get(&app(&auth), "/page", &[])
                .await
                .location()
                .starts_with("http://localhost:3000/login?")
        );
    }
    for auth in both(
        base,
        "SIGNOUT_URL",
        "/logout",
        at(Routes::new().sign_out("/logout")),
    ) {
        assert_eq!(get(&app(&auth), "/logout", &[]).await.status, 303);
        assert_eq!(get(&app(&auth), "/api/auth/signout", &[]).await.status, 404);
    }
    for auth in both(
        base,
        "USER_INFO_URL",
        "/whoami",
        at(Routes::new().user_info("/whoami")),
    ) {
        assert_eq!(get(&app(&auth), "/whoami", &[]).await.status, 204);
        assert_eq!(get(&app(&auth), "/api/auth/userinfo", &[]).await.status, 404);
    }
    for auth in both(
        base,
        "BACK_CHANNEL_LOGOUT_URL",
        "/over",
        at(Routes::new().back_channel_logout("/over")),
    ) {
        assert_eq!(call(&app(&auth), Method::POST, "/over", &[]).await.status, 400);
        let default = "/api/auth/backchannel-logout";
        assert_eq!(call(&app(&auth), Method::POST, default, &[]).await.status, 404);
        assert_eq!(auth.routes().back_channel_logout, "/over");
    }
    for auth in both(
        base,
        "FRONT_CHANNEL_LOGOUT_URL",
        "/framed",
        at(Routes::new().front_channel_logout("/framed")),
    ) {
        let over = query_of(&[("iss", provider.issuer()), ("sid", "a session")]);
        assert_eq!(get(&app(&auth), &format!("/framed{over}"), &[]).await.status, 200);
        let default = format!("/api/auth/frontchannel-logout{over}");
        assert_eq!(get(&app(&auth), &default, &[]).await.status, 404);
        assert_eq!(auth.routes().front_channel_logout, "/framed");
    }
    for auth in both(base, "CALLBACK_URL", "/back", at(Routes::new().callback("/back"))) {
        let (_, answer) = signed_in(&auth, &provider, "mira").await;
        assert_eq!(answer.status, 303);
        let sent = provider.last_request(Endpoint::Token).unwrap();
        assert_eq!(sent.form("redirect_uri"), Some("http://localhost:3000/back"));
        assert_eq!(get(&app(&auth), "/api/auth/callback", &[]).await.status, 404);
    }
}

#[tokio::test]
async fn pages() {
    // The answer to no sign-in.
    let page = async |auth: &MonoCloud| get(&app(auth), "/api/auth/callback?state=1", &[]).await.body;
    assert!(!page(&settings().build().unwrap()).await.contains("Bread"));
    for auth in both(settings, "PAGE_NAME", "Bread and Butter", |builder| {
        builder.page_name("Bread and Butter")
    }) {
        assert!(page(&auth).await.contains("Bread and Butter"));
    }
    for auth in both(settings, "PAGE_COLOR", "#0a6cff", |builder| {
        builder.page_color("#0a6cff")
    }) {
        assert!(page(&auth).await.contains("#0a6cff"));
    }
}

#[tokio::test]
async fn session_lifetimes() {
    let clock = Clock::fixed(1_800_000_000);
    let base = || settings().clock(clock.clone());
    let of = |lifetime: SessionLifetime| move |builder: Builder| builder.session_lifetime(lifetime.clone());
    let max_age = async |auth: &MonoCloud, path: &str, wait: i64| {
        let cookie = session_cookie(auth, mira());
        clock.advance(wait);
        let answer = get(&app(auth), path, &[("cookie", &cookie)]).await;
        let cookie = answer.cookie("session")?;
        cookie
            .attribute("max-age")
            .map(|seconds| seconds.parse::<u32>().unwrap())
    };
    for auth in both(
        base,
        "SESSION_DURATION",
        "1000",
        of(SessionLifetime::new().duration(seconds(1_000))),
    ) {
        assert_eq!(max_age(&auth, "/update", 100).await, Some(900));
    }
    for auth in both(
        base,
        "SESSION_SLIDING",
        "true",
        of(SessionLifetime::new().sliding(true)),
    ) {
        assert_eq!(max_age(&auth, "/page", 600).await, Some(86_400));
        assert_eq!(max_age(&auth, "/page", 86_399).await, Some(86_400));
    }
    for auth in both(
        base,
        "SESSION_SLIDING",
        "false",
        of(SessionLifetime::new().sliding(false)),
    ) {
        assert_eq!(max_age(&auth, "/page", 600).await, None);
    }
    let sliding = SessionLifetime::new().sliding(true).max_duration(seconds(90_000));
    let base = || {
        settings()
            .clock(clock.clone())
            .with_vars([("MONOCLOUD_AUTH_SESSION_SLIDING", "1")])
    };
    for auth in both(base, "SESSION_MAX_DURATION", "90000", of(sliding)) {
        assert_eq!(max_age(&auth, "/page", 80_000).await, Some(10_000));
    }
}

#[tokio::test]
async fn state_lifetimes() {
    let (provider, clock) = same_clock().await;
    let base = || settings_of(&provider).clock(clock.clone());
    let of = |lifetime: StateLifetime| move |builder: Builder| builder.state_lifetime(lifetime.clone());
    for auth in both(
        base,
        "STATE_DURATION",
        "300",
        of(StateLifetime::new().duration(seconds(300))),
    ) {
        let mut browser = Browser::new(&app(&auth));
        let started = browser.start("").await;
        clock.advance(300);
        let callback = choose(&provider, started.location(), "mira").await;
        assert_eq!(browser.get(&callback).await.status, 400, "it is over");
    }
    for auth in both(
        base,
        "STATE_MAX_CONCURRENT",
        "1",
        of(StateLifetime::new().max_concurrent(1)),
    ) {
        let mut browser = Browser::new(&app(&auth));
        browser.start("").await;
        browser.start("").await;
        assert_eq!(browser.pending(), 1);
    }
}

#[tokio::test]
async fn metadata_and_jwks_cache_durations() {
    for (name, calls) in [
        ("METADATA_CACHE_DURATION", [2, 1]),
        ("JWKS_CACHE_DURATION", [1, 2]),
    ] {
        let (provider, clock) = same_clock().await;
        let base = || settings_of(&provider).clock(clock.clone());
        let set = |builder: Builder| match name {
            "METADATA_CACHE_DURATION" => builder.metadata_cache(seconds(20)),
            _ => builder.jwks_cache(seconds(20)),
        };
        let [mut metadata, mut keys] = [0, 0];
        for auth in both(base, name, "20", set) {
            signed_in(&auth, &provider, "mira").await;
            clock.advance(19);
            signed_in(&auth, &provider, "mira").await;
            assert_eq!(
                (
                    provider.calls(Endpoint::Discovery),
                    provider.calls(Endpoint::Jwks)
                ),
                (metadata + 1, keys + 1),
                "{name}: fresh"
            );
            clock.advance(1);
            signed_in(&auth, &provider, "mira").await;
            // What is stale is fetched behind.
            tokio::time::sleep(Duration::from_secs(1)).await;
            [metadata, keys] = [metadata + calls[0], keys + calls[1]];
            assert_eq!(
                (
                    provider.calls(Endpoint::Discovery),
                    provider.calls(Endpoint::Jwks)
                ),
                (metadata, keys),
                "{name}: stale"
            );
        }
    }
}

#[tokio::test]
async fn cookie_budget_and_limit() {
    let provider = provider(Provider::builder().user(with_claims_of(3_000))).await;
    let base = || settings_of(&provider).cookie_budget(CookieBudget::new().refuse_above(60_000));
    let trim =
        |builder: Builder| builder.cookie_budget(CookieBudget::new().trim_above(2_000).refuse_above(60_000));
    for auth in both(base, "COOKIE_BUDGET", "2000", trim) {
        let (mut browser, answer) = signed_in(&auth, &provider, "many").await;
        assert_eq!(answer.status, 303);
        let out = browser.get("/api/auth/signout").await;
        assert_eq!(out.asked("id_token_hint"), None, "it was left out");
    }
    let base = || settings_of(&provider).cookie_budget(CookieBudget::new().trim_above(2_000));
    let refuse =
        |builder: Builder| builder.cookie_budget(CookieBudget::new().trim_above(2_000).refuse_above(3_000));
    for auth in both(base, "COOKIE_LIMIT", "3000", refuse) {
        let ((_, answer), log) = logged(signed_in(&auth, &provider, "many")).await;
        assert!(answer.status == 400 && log.contains("3000"), "{answer:?}: {log}");
    }
}
