//! What a handler may change in a session, and what not.

use axum::routing::get as on_get;
use axum::{Json, Router};
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{MintedSession, Provider, session_cookie};
use monocloud_runtime::{Auth, Session, User};
use serde_json::{Map, Value, json};

use crate::fixtures::{
    Browser, app, at_rest, get, logged, mira, open_session, provider, settings, settings_of,
};

const NOW: i64 = 1_800_000_000;

#[tokio::test]
async fn a_value_comes_back_as_what_it_was() {
    let (auth, _) = at_rest(settings());
    let mut session = open_session(&auth, &session_cookie(&auth, mira())).unwrap();
    let cart: Vec<(String, u32)> = vec![("tea".to_owned(), 2), ("cups".to_owned(), 6)];
    session.insert("cart", &cart).unwrap();
    session.insert("note", "x").unwrap();
    session.insert("nothing", None::<u8>).unwrap();
    assert_eq!(session.get("cart"), Some(cart));
    assert_eq!(session.get::<String>("note").as_deref(), Some("x"));
    assert_eq!(session.get::<u32>("note"), None, "of another type");
    assert_eq!(session.get::<Option<u8>>("nothing"), Some(None));
    assert_eq!(session.get::<Value>("other"), None);
    assert_eq!(session.remove("note"), Some(json!("x")));
    assert_eq!(session.get::<String>("note"), None);
}

#[tokio::test]
async fn what_json_has_no_words_for_is_the_handlers_mistake() {
    let (auth, _) = at_rest(settings());
    let mut session = open_session(&auth, &session_cookie(&auth, mira())).unwrap();
    let before = session.clone();
    let map = std::collections::HashMap::from([(vec![1], 2)]);
    let error = session.insert("map", map).unwrap_err();
    assert_eq!((error.code(), error.status().as_u16()), ("not_json", 500));
    assert!(session == before);
}

#[tokio::test]
async fn no_handler_makes_a_session_somebody_elses() {
    let (auth, _) = at_rest(settings());
    let app: Router =
        Router::new()
            .route(
                "/become/{sub}",
                on_get(
                    |auth: Auth,
                     mut session: Session,
                     axum::extract::Path(sub): axum::extract::Path<String>| async move {
                        let mut claims = session.user().to_claims();
                        claims.insert("sub".to_owned(), sub.into());
                        claims.insert("sid".to_owned(), "forged".into());
                        claims.insert("acr".to_owned(), "forged".into());
                        claims.insert("auth_time".to_owned(), 1.into());
                        claims.insert("iss".to_owned(), "forged".into());
                        session.set_user(&User::from_claims(claims))?;
                        auth.update_session(session).await
                    },
                ),
            )
            .layer(auth.layer());
    let mut claims: Map<String, Value> = User::from(mira()).to_claims();
    claims.insert("sid".to_owned(), "sid-1".into());
    let cookie = MintedSession::new(User::from_claims(claims)).cookie(&auth);
    let answer = get(&app, "/become/lin", &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.cookies().len()),
        (500, 0),
        "{answer:?}"
    );

    let mut browser = Browser::with(&app, &cookie);
    assert_eq!(browser.get("/become/mira").await.status, 200);
    let session = open_session(&auth, &browser.cookies()).unwrap();
    assert_eq!(
        session.user().claim("sid"),
        Some(json!("forged")),
        "shown as the handler wants"
    );
    assert_eq!(session.sid(), Some("sid-1"), "and still the sign-in's");
    assert_eq!((session.acr(), session.auth_time()), (None, Some(1_800_000_000)));
}

#[tokio::test]
async fn the_sign_in_gives_the_session_what_the_id_token_proves() {
    let provider = provider(Provider::builder().user(mira())).await;
    provider.tamper_id_token(|_, claims| {
        claims.insert("acr".to_owned(), json!("gold"));
        claims.insert("sid".to_owned(), json!("sid-of-the-issuer"));
    });
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    let session = open_session(&auth, &browser.cookies()).unwrap();
    assert_eq!(
        (session.acr(), session.sid()),
        (Some("gold"), Some("sid-of-the-issuer"))
    );
    assert!(
        session
            .auth_time()
            .is_some_and(|time| time <= session.created_at())
    );
}

#[tokio::test]
async fn a_session_ends_with_the_issuers_own() {
    for (expiry, ends_early) in [
        (json!(600), true),
        (json!(599.5), true),
        (json!("600"), true),
        (json!(400 * 86_400), false),
        (json!("soon"), false),
        (json!(null), false),
        (json!([600]), false),
    ] {
        let provider = provider(Provider::builder().user(mira())).await;
        provider.tamper_id_token(move |_, claims| {
            let iat = claims["iat"].as_i64().unwrap();
            let quoted = expiry.as_str().and_then(|after| after.parse::<i64>().ok());
            let expiry = match (expiry.as_i64(), expiry.as_f64(), quoted) {
                (Some(after), ..) => json!(iat + after),
                (_, Some(after), _) => json!(f64::from(u32::try_from(iat).unwrap()) + after),
                (.., Some(after)) => json!((iat + after).to_string()),
                (None, None, None) => expiry.clone(),
            };
            claims.insert("session_expiry".to_owned(), expiry);
        });
        let auth = settings_of(&provider).build().unwrap();
        let mut browser = Browser::new(&app(&auth));
        assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
        let session = open_session(&auth, &browser.cookies()).unwrap();
        let life = session.expires_at() - session.created_at();
        assert_eq!((590..=600).contains(&life), ends_early, "{life}");
    }
}

#[tokio::test]
async fn what_is_over_at_the_issuer_does_not_begin_here() {
    for over in [json!(-1), json!(0), json!(-86_400)] {
        let (provider, clock) = (provider(Provider::builder().user(mira())).await, NOW);
        provider.tamper_id_token(move |_, claims| {
            let after = over.as_i64().unwrap();
            claims.insert("session_expiry".to_owned(), json!(clock + after));
            claims.insert("iat".to_owned(), json!(clock));
            claims.insert("exp".to_owned(), json!(clock + 60));
        });
        let (auth, _) = at_rest(settings_of(&provider));
        let mut browser = Browser::new(&app(&auth));
        let (answer, log) = logged(browser.sign_in(&provider, "mira")).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.cookie("session").is_none(), "{answer:?}");
        assert!(log.contains("session_expiry"), "{log}");
    }
}

#[tokio::test]
async fn a_session_that_slides_ends_with_the_issuers_own_too() {
    let sliding = SessionLifetime::new().sliding(true);
    let provider = provider(Provider::builder().user(mira())).await;
    provider.tamper_id_token(|_, claims| {
        for (name, after) in [("iat", 0), ("exp", 60), ("session_expiry", 7_200)] {
            claims.insert(name.to_owned(), json!(NOW + after));
        }
    });
    let (auth, clock) = at_rest(settings_of(&provider).session_lifetime(sliding));
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    for _ in 0..2 {
        clock.advance(3_599);
        assert_eq!(browser.get("/page").await.status, 200);
    }
    clock.advance(2);
    assert_eq!(browser.get("/page").await.status, 303);
}

#[tokio::test]
async fn every_claim_is_there_as_it_came() {
    let odd = json!({
        "sub": "mira", "address": [], "updated_at": "2025-12-23T10:59:07.841Z", "email_verified": "True",
        "phone_number_verified": 0, "birthdate": 1990, "locale": ["de"], "deep": {"a": [1, {"b": null}]},
        "groups": [{"id": "1", "name": "admin", "more": 1}, "editor"], "big": 12_345_678_901_234_567_u64,
    });
    let (auth, _) = at_rest(settings());
    let user = User::from_claims(odd.as_object().unwrap().clone());
    let app: Router = Router::new()
        .route("/", on_get(|user: User| async move { Json(user) }))
        .layer(auth.layer());
    let answer = get(&app, "/", &[("cookie", &session_cookie(&auth, user))]).await;
    assert_eq!(answer.json(), odd);
}
