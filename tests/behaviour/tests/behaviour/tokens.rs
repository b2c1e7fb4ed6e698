//! The tokens of a session: kept, given, renewed when it is time.

use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::routing::get as route;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{Endpoint, MintedSession, access_token, refresh_token};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, Session};
use serde_json::json;

use crate::fixtures::{
    Browser, LIFETIME, Site, at_rest, code, failed, get, mira, open_session, settings, tokens_app,
};

#[tokio::test]
async fn a_token_that_is_good_is_given_without_a_call() {
    let mut site = Site::start().await;
    let tokens = site.tokens("").await;
    let session = site.session().unwrap();
    assert_eq!(tokens["access"].as_str(), access_token(&session));
    assert_eq!(tokens["refresh"].as_str(), refresh_token(&session));
    assert!(
        tokens["id"]
            .as_str()
            .is_some_and(|token| token.starts_with("eyJ"))
    );
    assert_eq!(tokens["scopes"], json!(["openid", "profile", "offline_access"]));
    assert_eq!(
        (&tokens["resource"], &tokens["expired"]),
        (&json!([]), &json!(false))
    );
    assert_eq!(tokens["expires_at"], json!(site.clock.now() + LIFETIME));
    assert_eq!(site.token_calls(), 1, "the code exchange");
}

#[tokio::test]
async fn a_token_is_renewed_thirty_seconds_before_it_expires_and_kept() {
    let mut site = Site::start().await;
    let first = site.tokens("").await;
    site.clock.advance(LIFETIME - 31);
    assert_eq!(site.tokens("").await["access"], first["access"]);
    site.clock.advance(1);
    let second = site.tokens("").await;
    assert_ne!(second["access"], first["access"]);
    assert_ne!(second["refresh"], first["refresh"]);
    assert_eq!(site.token_calls(), 2);
    assert_eq!(site.tokens("").await, second, "from the cookie");
    assert_eq!(site.token_calls(), 2);

    let sent = site.provider.last_request(Endpoint::Token).unwrap();
    assert_eq!(sent.form("grant_type"), Some("refresh_token"));
    assert_eq!((sent.form("scope"), sent.form("resource")), (None, None));

    site.expire();
    assert_ne!(site.tokens("").await["access"], second["access"], "and again");
}

#[tokio::test]
async fn a_short_token_is_renewed_at_half_its_life() {
    let short = Duration::from_secs(20);
    let mut site = Site::with(
        |provider| provider.access_token_lifetime(short),
        |settings| settings,
    )
    .await;
    let first = site.tokens("").await;
    site.clock.advance(9);
    assert_eq!(site.tokens("").await["access"], first["access"]);
    site.clock.advance(1);
    assert_ne!(site.tokens("").await["access"], first["access"]);
}

#[tokio::test]
async fn a_clock_that_goes_back_makes_no_token_last_longer() {
    let mut site = Site::start().await;
    let hours = 20 * 3_600;
    site.clock.advance(hours);
    let ahead = site.tokens("").await;
    site.clock.advance(-hours);
    let back = site.tokens("").await;
    assert_ne!(back["access"], ahead["access"]);
    assert_eq!(back["expires_at"], site.clock.now() + LIFETIME);
    assert_eq!(site.tokens("").await["access"], back["access"], "and it is kept");
    assert_eq!(site.token_calls(), 3);
}

#[tokio::test]
async fn a_token_that_lives_for_no_time_is_asked_for_once() {
    let none = Duration::ZERO;
    let mut site = Site::with(
        |provider| provider.access_token_lifetime(none),
        |settings| settings.fetch_user_info(false),
    )
    .await;
    let tokens = site.tokens("").await;
    assert_eq!((&tokens["expired"], site.token_calls()), (&json!(true), 2));
}

#[tokio::test]
async fn a_forced_refresh_has_a_shortest_interval() {
    let mut site = Site::start().await;
    let first = site.tokens("").await;
    let second = site.tokens("?force=").await;
    assert_ne!(second["access"], first["access"]);
    for _ in 0..3 {
        assert_eq!(site.tokens("?force=").await["access"], second["access"]);
    }
    assert_eq!(site.token_calls(), 2);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    site.clock.advance(2);
    assert_ne!(site.tokens("?force=").await["access"], second["access"]);
    assert_eq!(site.token_calls(), 3);
}

#[tokio::test]
async fn signed_out_and_without_a_refresh_token_are_told_apart() {
    let (auth, clock) = at_rest(settings());
    let app = tokens_app(&auth);
    assert_eq!(
        code(&get(&app, "/tokens", &[]).await),
        (401, "no_session".to_owned())
    );

    let minted = MintedSession::new(mira())
        .access_token("opaque")
        .access_token_expires_in(Duration::from_mins(1));
    let mut browser = Browser::with(&app, &minted.cookie(&auth));
    clock.advance(59);
    let answer = browser.get("/tokens").await;
    assert_eq!(answer.json()["access"], "opaque", "as long as it is good");
    for query in ["?force=", ""] {
        let answer = browser.get(&format!("/tokens{query}")).await;
        let expected = if query.is_empty() {
            (200, String::new())
        } else {
            (401, "no_refresh_token".to_owned())
        };
        assert_eq!(code(&answer), expected);
    }
    clock.advance(1);
    assert_eq!(
        code(&browser.get("/tokens").await),
        (401, "no_refresh_token".to_owned())
    );
    assert_eq!(browser.get("/page").await.status, 200, "who is signed in, stays");
}

#[tokio::test]
async fn userinfo_is_asked_with_the_new_token() {
    let mut site = Site::start().await;
    site.provider.put_user(mira().name("Mira Berg"));
    site.expire();
    site.tokens("?refetch=").await;
    assert_eq!(site.session().unwrap().user().name(), Some("Mira Berg"));
    assert_eq!(site.token_calls(), 2);

    site.provider.put_user(mira().name("Mira Curie"));
    site.expire();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let own = [
        ("sec-fetch-site", "same-origin"),
        ("origin", crate::fixtures::ORIGIN),
    ];
    let answer = site
        .browser
        .call(http::Method::GET, "/api/auth/userinfo?refetch=true", &own)
        .await;
    assert_eq!(answer.json()["name"], "Mira Curie", "{answer:?}");
    assert_eq!(site.token_calls(), 3, "the route renews too");
}

#[tokio::test]
async fn a_session_from_before_does_not_bring_its_tokens_back() {
    async fn stale(auth: Auth, mut session: Session) -> Response {
        if let Err(error) = auth.tokens(TokenRequest::new().force_refresh()).await {
            return failed(error);
        }
        session.insert("note", "kept").unwrap();
        match auth.update_session(session).await {
            Ok(()) => Response::default(),
            Err(error) => failed(error),
        }
    }
    let mut site = Site::start().await;
    let before = site.session().unwrap();
    let app = Router::new()
        .route("/stale", route(stale))
        .layer(site.auth.layer());
    let mut browser = Browser::with(&app, &site.browser.cookies());
    assert_eq!(browser.get("/stale").await.status, 200);
    let after = open_session(&site.auth, &browser.cookies()).unwrap();
    assert_eq!(after.get::<String>("note").as_deref(), Some("kept"));
    assert_ne!(refresh_token(&after), refresh_token(&before));

    // And the browser's other tab, which still has the cookie of before, gets the newer one with any page.
    site.browser.get("/page").await;
    assert_eq!(refresh_token(&site.session().unwrap()), refresh_token(&after));
}

/// Of two requests at once, the one that answers last has the last word about the cookie.
#[tokio::test]
async fn an_answer_that_is_late_does_not_bring_older_tokens_back() {
    async fn update(auth: Auth, mut session: Session) {
        session.insert("note", "kept").unwrap();
        auth.update_session(session).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    // Its session is prolonged before it does anything.
    async fn look(_: Session) {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    for path in ["/update", "/look"] {
        let lifetime = SessionLifetime::new().sliding(true);
        let mut site = Site::with(
            |provider| provider,
            |settings| settings.session_lifetime(lifetime),
        )
        .await;
        site.clock.advance(120);
        let app = Router::new()
            .route("/update", route(update))
            .route("/look", route(look))
            .layer(site.auth.layer());
        let mut tab = Browser::with(&app, &site.browser.cookies());
        let renewal = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            site.tokens("?force=").await
        };
        let (late, renewed) = tokio::join!(tab.get(path), renewal);
        assert_eq!(late.status, 200, "{path}: {late:?}");
        assert!(late.cookie("session").is_some(), "{path}: {late:?}");
        let after = open_session(&site.auth, &tab.cookies()).unwrap();
        assert_eq!(refresh_token(&after), renewed["refresh"].as_str(), "{path}");
        assert_eq!(access_token(&after), renewed["access"].as_str(), "{path}");
        let note = after.get::<String>("note");
        assert_eq!(note.is_some(), path == "/update", "{path}");
    }
}

#[tokio::test]
async fn once_the_head_is_sent_the_refresh_token_is_not_spent() {
    async fn late(auth: Auth) -> String {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let error = auth
                .tokens(TokenRequest::new().force_refresh())
                .await
                .unwrap_err();
            assert_eq!(error.code(), "response_started");
            let given = auth.tokens(TokenRequest::new()).await;
            assert!(given.is_ok(), "what is good is given");
        });
        String::new()
    }
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let site = Site::start().await;
    let app = Router::new().route("/late", route(late)).layer(site.auth.layer());
    Browser::with(&app, &site.browser.cookies()).get("/late").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(site.token_calls(), 1);
}
