//! What is written into the store: what cannot be is no sign-out, and what is over does not come back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{refresh_token, session_cookie};
use monocloud_runtime::{Auth, Session};
use serde_json::Value;

use super::faulty::{Call, Lost, Weather};
use super::fleet::{Fleet, Process};
use crate::fixtures::{LIFETIME, get, mira};

fn sliding(fleet: &Fleet) -> Process {
    let lifetime = SessionLifetime::new()
        .sliding(true)
        .duration(Duration::from_secs(1_000))
        .max_duration(Duration::from_secs(10_000));
    fleet.process_with(|settings| settings.session_lifetime(lifetime))
}

#[tokio::test]
async fn a_slide_that_cannot_be_written_lets_in() {
    let fleet = Fleet::start().await;
    let process = sliding(&fleet);
    let cookies = session_cookie(&process.auth, mira());
    fleet.clock.advance(600);
    process.store.weather(Weather::ReadOnly);
    let answer = process.get("/page", &cookies).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer.cookies().is_empty(),
        "nothing is said to be prolonged: {answer:?}"
    );
    process.store.weather(Weather::Fine);
    for lost in [Lost::Before, Lost::After] {
        process.store.lose(Call::Update, lost);
        assert_eq!(process.get("/page", &cookies).await.status, 200, "{lost:?}");
    }
    process.get("/page", &cookies).await;
    fleet.clock.advance(900);
    assert!(process.lets_in(&cookies).await, "it was prolonged");
}

/// A slide and an update, whose writing begins before a sign-out at another process, and ends after it.
#[tokio::test]
async fn what_is_written_at_the_moment_of_sign_out_brings_nothing_back() {
    for path in ["/page", "/note?one=1"] {
        let fleet = Fleet::start().await;
        let (process, other) = (sliding(&fleet), sliding(&fleet));
        let cookies = session_cookie(&process.auth, mira());
        if path == "/page" {
            fleet.clock.advance(600);
        }
        let gate = process.store.gate(Call::Update);
        let late = async {
            gate.arrived().await;
            let out = other.get("/api/auth/signout", &cookies).await;
            gate.open();
            out
        };
        let (answer, out) = tokio::join!(process.get(path, &cookies), late);
        assert_eq!(
            (out.status.as_u16(), out.deleted()),
            (303, vec!["session".to_owned()])
        );
        assert!(answer.cookies().is_empty(), "{path}: {answer:?}");
        if path == "/page" {
            assert_eq!(answer.status, 303);
        } else {
            assert_eq!(answer.json()["kept"], "no_session");
        }
        for process in [&process, &other, &fleet.process()] {
            assert!(!process.lets_in(&cookies).await, "{path}");
        }
    }
}

/// The same where its process was told that it failed, though it came through.
#[tokio::test]
async fn an_update_whose_answer_was_lost_is_an_error_and_may_be_repeated() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = session_cookie(&process.auth, mira());
    process.store.lose(Call::Update, Lost::After);
    let answer = process.get("/note?one=first", &cookies).await.json();
    assert_eq!(answer["kept"], "store_unavailable");
    let answer = process.get("/note?other=second", &cookies).await.json();
    assert_eq!(
        (&answer["before"]["one"], &answer["kept"]),
        (&"first".into(), &Value::Null)
    );
    process.store.weather(Weather::ReadOnly);
    let answer = process.get("/note?one=third", &cookies).await.json();
    assert_eq!(answer["kept"], "store_unavailable");
    assert_eq!(answer["before"]["one"], "first");
}

#[tokio::test]
async fn two_handlers_at_once_lose_nothing_but_by_the_last_writer() {
    let fleet = Fleet::start().await;
    let (one, other) = (fleet.process(), fleet.process());
    let browser = one.sign_in(&fleet, "mira").await;
    let cookies = browser.cookies();
    one.get("/note?one=kept&other=early", &cookies).await;
    let before = one.session(&cookies).unwrap();
    fleet.clock.advance(LIFETIME);
    let gate = one.store.gate(Call::Update);
    let meanwhile = async {
        gate.arrived().await;
        other.tokens("", &cookies).await;
        other.get("/note?other=theirs", &cookies).await;
        gate.open();
    };
    let (answer, ()) = tokio::join!(one.get("/note?other=last", &cookies), meanwhile);
    assert_eq!(answer.json()["kept"], Value::Null);
    let after = other.session(&cookies).unwrap();
    assert_eq!(after.get::<String>("other").as_deref(), Some("last"));
    assert_eq!(after.get::<String>("one").as_deref(), Some("kept"));
    assert_ne!(
        refresh_token(&after),
        refresh_token(&before),
        "tokens never go back"
    );
    // What was brought is as good as ever.
    fleet.clock.advance(LIFETIME);
    one.tokens("", &cookies).await;
    other.tokens("", &cookies).await;
}

#[tokio::test]
async fn whoever_changed_nothing_about_the_person_takes_nothing_back() {
    let fleet = Fleet::start().await;
    let process = || fleet.process_with(|settings| settings.fetch_user_info(false));
    let (one, other) = (process(), process());
    fleet.provider.tamper_id_token(|_, claims| {
        claims.insert("groups".into(), serde_json::json!(["admin"]));
    });
    let cookies = one.sign_in(&fleet, "mira").await.cookies();
    let before = one.session(&cookies).unwrap();
    assert!(before.user().is_in_any(["admin"]));
    fleet.provider.tamper_id_token(|_, claims| {
        claims.insert("groups".into(), serde_json::json!(["editor"]));
        claims.insert("session_expiry".into(), (1_800_000_000 + LIFETIME + 600).into());
    });
    fleet.clock.advance(LIFETIME);
    let gate = one.store.gate(Call::Update);
    let meanwhile = async {
        gate.arrived().await;
        other.tokens("", &cookies).await;
        gate.open();
    };
    let (answer, ()) = tokio::join!(one.get("/note?one=1", &cookies), meanwhile);
    assert_eq!(answer.json()["kept"], Value::Null);
    let after = other.session(&cookies).unwrap();
    assert_eq!(after.get::<String>("one").as_deref(), Some("1"));
    assert!(
        !after.user().is_in_any(["admin"]),
        "the issuer took the group away"
    );
    assert_eq!(
        after.expires_at(),
        1_800_000_000 + LIFETIME + 600,
        "and said when it ends"
    );
}

#[tokio::test]
async fn a_stream_may_update_after_the_head_is_sent() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = session_cookie(&process.auth, mira());
    let later: Arc<Mutex<Option<(Auth, Session)>>> = Arc::default();
    let shelf = later.clone();
    let keep = move |auth: Auth, session: Session| async move {
        *shelf.lock().unwrap() = Some((auth, session));
    };
    let app = Router::new().route("/", on_get(keep)).layer(process.auth.layer());
    get(&app, "/", &[("cookie", &cookies)]).await;
    let (auth, mut session) = later.lock().unwrap().take().unwrap();
    session.insert("one", "late").unwrap();
    auth.update_session(session).await.unwrap();
    assert_eq!(
        process.get("/note", &cookies).await.json()["before"]["one"],
        "late"
    );
    // The session may end meanwhile, too.
    process.get("/api/auth/signout", &cookies).await;
    let session = auth.session().await.unwrap();
    assert_eq!(
        auth.update_session(session).await.unwrap_err().code(),
        "no_session"
    );
    assert!(!process.lets_in(&cookies).await);
}
