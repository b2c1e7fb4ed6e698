//! What an application adds to a sign-in, and what becomes of it where its code fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get as route;
use monocloud_runtime::hooks::{AccessDenied, HookError, SessionCreating};
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Endpoint, Provider, ProviderUser};
use monocloud_runtime::{Session, User, monocloud_routes};
use serde_json::json;

use crate::fixtures::{Answer, Browser, app, choose, logged, mira, open_session, provider, settings_of};

pub(crate) async fn site(add: impl FnOnce(Builder) -> Builder) -> (Provider, Router) {
    let provider = provider(Provider::builder().user(mira()).user(ProviderUser::new("ben"))).await;
    let auth = add(settings_of(&provider)).build().unwrap();
    let app = Router::new()
        .route("/account", route(account))
        .merge(monocloud_routes!(auth))
        .route(
            "/",
            route(async |user: Option<User>| user.map_or("nobody", |_| "somebody")),
        )
        .layer(auth.layer());
    (provider, app)
}

async fn account(session: Session) -> String {
    let account: Option<u64> = session.get("account");
    format!("{account:?} {:?}", session.user().claim_str("tier"))
}

fn assert_nobody(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.cookie("session").is_none(), "{answer:?}");
}

#[tokio::test]
async fn a_hook_provisions_a_user_and_its_values_are_in_the_session() {
    let seen = Arc::new(Mutex::new(None));
    let kept = seen.clone();
    let (provider, app) = site(|settings| {
        settings.on_session_creating(move |mut creating: SessionCreating| {
            let seen = kept.clone();
            async move {
                tokio::task::yield_now().await;
                creating.session.insert("account", 7)?;
                let mut claims = creating.session.user().to_claims();
                claims.insert("tier".to_owned(), "gold".into());
                creating.session.set_user(&User::from_claims(claims))?;
                *seen.lock().unwrap() = Some((creating.id_token_claims, creating.user_info));
                Ok(creating.session)
            }
        })
    })
    .await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    assert_eq!(browser.get("/account").await.body, "Some(7) Some(\"gold\")");
    let (id_token_claims, user_info) = seen.lock().unwrap().take().unwrap();
    assert_eq!(id_token_claims["iss"], provider.issuer(), "filtered claims too");
    assert_eq!(user_info.unwrap()["name"], "Mira Adler");
}

#[tokio::test]
async fn who_is_turned_away_reads_why_and_is_not_signed_in() {
    let (provider, app) = site(|settings| {
        settings
            .on_session_creating(async |_| Err(AccessDenied::new("Please ask <ops> for an account.").into()))
    })
    .await;
    let mut browser = Browser::new(&app);
    let (answer, log) = logged(browser.sign_in(&provider, "mira")).await;
    assert_nobody(&answer, 403);
    assert!(
        answer.body.contains("Please ask &#60;ops&#62; for an account."),
        "{answer:?}"
    );
    assert!(log.contains("access_denied"), "{log}");
    assert_eq!(browser.get("/").await.body, "nobody");
}

async fn failing(how: &'static str, creating: SessionCreating) -> Result<Session, HookError> {
    match how {
        "error" => Err("the database at db.internal is away".into()),
        "panic" => panic!("a bug"),
        "late" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(creating.session)
        }
        other => unreachable!("{other}"),
    }
}

#[tokio::test]
async fn a_hook_that_fails_panics_or_is_late_signs_nobody_in() {
    for (how, said) in [
        ("error", "the database at db.internal is away"),
        ("panic", "it panicked"),
        ("late", "MONOCLOUD_AUTH_RESPONSE_TIMEOUT"),
    ] {
        let (provider, app) = site(|settings| {
            settings
                .response_timeout(Duration::from_secs(2))
                .on_session_creating(move |creating| failing(how, creating))
        })
        .await;
        let mut browser = Browser::new(&app);
        let (answer, log) = logged(browser.sign_in(&provider, "mira")).await;
        assert!(matches!(answer.status.as_u16(), 500 | 503), "{how}: {answer:?}");
        assert!(answer.cookie("session").is_none(), "{how}: {answer:?}");
        assert!(log.contains(said), "{how}: {log}");
        assert!(!answer.body.contains("db.internal"), "{how}: an operator's word");
        assert_eq!(browser.get("/").await.body, "nobody", "{how}");
        let calls = provider.calls(Endpoint::Token);
        assert_eq!(calls, 1, "{how}: the code is spent once");
    }
}

#[tokio::test]
async fn a_hook_cannot_give_back_the_session_of_another_sign_in() {
    let first = Arc::new(Mutex::new(None));
    let (provider, app) = site(|settings| {
        settings.on_session_creating(move |creating| {
            let first = first.clone();
            async move {
                let mut first = first.lock().unwrap();
                Ok(first.get_or_insert(creating.session).clone())
            }
        })
    })
    .await;
    assert_eq!(Browser::new(&app).sign_in(&provider, "mira").await.status, 303);
    let mut second = Browser::new(&app);
    let (answer, log) = logged(second.sign_in(&provider, "ben")).await;
    assert_nobody(&answer, 500);
    assert!(log.contains("another session"), "{log}");
}

#[tokio::test]
async fn a_callback_that_comes_twice_runs_the_hook_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let (provider, app) = site(|settings| {
        settings.on_session_creating(move |creating| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move { Ok(creating.session) }
        })
    })
    .await;
    let mut browser = Browser::new(&app);
    let started = browser.start("").await;
    let callback = choose(&provider, started.location(), "mira").await;
    let mut twin = Browser::with(&app, &browser.cookies());
    let (one, other) = tokio::join!(browser.get(&callback), twin.get(&callback));
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (303, 303));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

/// Who it is and when that was proved is not for a hook to say.
#[tokio::test]
async fn a_hook_changes_neither_who_it_is_nor_what_the_sign_in_proved() {
    async fn site_with(sub: &'static str) -> (Provider, Router, Arc<Mutex<Option<Session>>>) {
        let before = Arc::new(Mutex::new(None));
        let kept = before.clone();
        let (provider, app) = site(move |settings| {
            settings.on_session_creating(move |mut creating: SessionCreating| {
                *kept.lock().unwrap() = Some(creating.session.clone());
                let mut claims = creating.session.user().to_claims();
                claims.insert("sub".to_owned(), sub.into());
                for name in ["sid", "acr", "iss"] {
                    claims.insert(name.to_owned(), "forged".into());
                }
                for name in ["auth_time", "iat", "exp", "session_expiry"] {
                    claims.insert(name.to_owned(), json!(4_000_000_000_u32));
                }
                async move {
                    creating.session.set_user(&User::from_claims(claims))?;
                    Ok(creating.session)
                }
            })
        })
        .await;
        (provider, app, before)
    }
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (provider, app, before) = site_with("mira").await;
    let mut browser = Browser::new(&app);
    let answer = browser.sign_in(&provider, "mira").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let auth = settings_of(&provider).build().unwrap();
    let after = open_session(&auth, &browser.cookies()).unwrap();
    let before = before.lock().unwrap().take().unwrap();
    let proved = |session: &Session| {
        (
            session.user().sub().to_owned(),
            session.sid().map(str::to_owned),
            session.acr().map(str::to_owned),
            (session.auth_time(), session.created_at(), session.expires_at()),
        )
    };
    assert_eq!(proved(&after), proved(&before));
    assert_eq!(
        after.user().claim("acr"),
        Some(json!("forged")),
        "shown as it wants"
    );

    for sub in ["ben", "", "MIRA", "mira "] {
        let (provider, app, _) = site_with(sub).await;
        let mut browser = Browser::new(&app);
        let (answer, log) = logged(browser.sign_in(&provider, "mira")).await;
        assert_nobody(&answer, 500);
        assert!(log.contains("another `sub`"), "{log}");
        assert_eq!(browser.get("/").await.body, "nobody");
    }
}

#[tokio::test]
async fn without_hooks_a_sign_in_is_as_it_was() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    assert_eq!(browser.get("/").await.body, "signed in as mira");
}
