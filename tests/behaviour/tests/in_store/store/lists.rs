//! The sessions of a user: shown, and ended one by one or all at once.

use std::str::FromStr as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get as on_get, post};
use http::Method;
use monocloud_runtime::sessions::{SessionId, SessionInfo};
use monocloud_runtime::testing::{Endpoint, Fault, session_cookie};
use monocloud_runtime::{Auth, Error, MonoCloud, SignOut, monocloud_routes};

use super::eventually;
use super::faulty::{Call, Lost, Weather};
use super::fleet::Fleet;
use crate::fixtures::{Browser, ORIGIN, app, call, get, lin, mira};

/// A page with the sessions of who asks, and what ends them.
fn devices(auth: &MonoCloud) -> Router {
    let list = async |auth: Auth| -> Result<String, Error> {
        let lines = auth.sessions().await?.into_iter().map(|session| {
            let this = if session.is_this() { "this" } else { "other" };
            format!("{} {this}", session.id())
        });
        Ok(lines.collect::<Vec<_>>().join("\n"))
    };
    let end = async |auth: Auth, Path(id): Path<String>| -> Result<String, Error> {
        Ok(auth.end_session(&id.parse().unwrap()).await?.to_string())
    };
    let everywhere =
        async |auth: Auth| -> Result<SignOut, Error> { auth.sign_out_everywhere(Some("/bye")).await };
    Router::new()
        .route("/devices", on_get(list))
        .route("/devices/{id}", post(end))
        .route("/everywhere", post(everywhere))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer())
}

async fn posted(app: &Router, path: &str, cookies: &str, origin: &str) -> (u16, String) {
    let answer = call(
        app,
        Method::POST,
        path,
        &[("cookie", cookies), ("origin", origin)],
    )
    .await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn a_list_says_when_a_session_was_made_and_used_and_by_what() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let began = fleet.clock.now();
    let mut browser = Browser::new(&process.app);
    let started = browser.start("").await;
    let callback = crate::fixtures::choose(&fleet.provider, started.location(), "mira").await;
    browser
        .call(Method::GET, &callback, &[("user-agent", "Mozilla/5.0 (first)")])
        .await;
    fleet.clock.advance(60);
    let second = process.sign_in(&fleet, "mira").await;
    process.sign_in(&fleet, "lin").await;
    let listed = other.auth.sessions("mira").await.unwrap();
    let made: Vec<_> = listed.iter().map(SessionInfo::created_at).collect();
    assert_eq!(made, [began + 60, began], "the newest first");
    assert_eq!(listed[1].user_agent(), Some("Mozilla/5.0 (first)"));
    assert_eq!((listed[1].last_seen(), listed[0].user_agent()), (began, None));
    assert!(listed.iter().all(|session| !session.is_this()));
    // The first request at a process tells that it was used.
    fleet.clock.advance(600);
    let headers = [
        ("cookie", browser.cookies()),
        ("user-agent", "Mozilla/5.0 (later)".to_owned()),
    ];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    get(&other.app, "/page", &headers).await;
    eventually(async || {
        let listed = process.auth.sessions("mira").await.unwrap();
        listed[1].last_seen() == began + 660 && listed[1].user_agent() == Some("Mozilla/5.0 (later)")
    })
    .await;
    assert_eq!(process.auth.sessions("nobody").await.unwrap(), []);
    process.get("/api/auth/signout", &second.cookies()).await;
    assert_eq!(process.auth.sessions("mira").await.unwrap().len(), 1);
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions_alone() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let app = devices(&process.auth);
    let (mine, phone, theirs) = (
        session_cookie(&process.auth, mira()),
        session_cookie(&process.auth, mira()),
        session_cookie(&process.auth, lin()),
    );
    let list = get(&app, "/devices", &[("cookie", &mine)]).await.body;
    let lines: Vec<_> = list.lines().map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert_eq!(lines.iter().filter(|(_, which)| *which == "this").count(), 1);
    let (this, that) = if lines[0].1 == "this" {
        (lines[0].0, lines[1].0)
    } else {
        (lines[1].0, lines[0].0)
    };
    // Nobody ends another's, nor does another site.
    for (cookies, origin, answer) in [
        (&theirs, ORIGIN, (200, "false".to_owned())),
        (&String::from("none=1"), ORIGIN, (401, String::new())),
        (&mine, "https://evil.example", (401, String::new())),
    ] {
        let (status, body) = posted(&app, &format!("/devices/{that}"), cookies, origin).await;
        assert_eq!(status, answer.0, "{cookies} {origin}: {body}");
        assert!(answer.0 != 200 || body == answer.1);
    }
    assert!(other.lets_in(&phone).await);
    assert_eq!(
        posted(&app, &format!("/devices/{that}"), &mine, ORIGIN).await.1,
        "true"
    );
    assert_eq!(
        posted(&app, &format!("/devices/{that}"), &mine, ORIGIN).await.1,
        "false"
    );
    assert!(!other.lets_in(&phone).await && other.lets_in(&mine).await && other.lets_in(&theirs).await);
    assert_eq!(
        posted(&app, &format!("/devices/{this}"), &mine, ORIGIN).await.1,
        "true"
    );
    assert!(!process.lets_in(&mine).await && !other.lets_in(&mine).await);
    assert_eq!(get(&app, "/devices", &[("cookie", &mine)]).await.status, 401);
}

#[tokio::test]
async fn an_id_is_no_way_into_its_session() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = session_cookie(&process.auth, mira());
    let id = *process.auth.sessions("mira").await.unwrap()[0].id();
    assert!(process.lets_in(&cookies).await);
    let (key, _) = process.store.last_read();
    assert_ne!(id.to_string(), key.to_string());
    for value in [id.to_string(), key.to_string(), format!("{id}{id}{id}{id}{id}")] {
        assert!(!process.lets_in(&format!("session={value}")).await);
    }
    // Nor is a key, written as an id, one.
    let key = SessionId::from_str(&key.to_string()).unwrap();
    assert!(!process.auth.end_session("mira", &key).await.unwrap());
    assert!(!process.auth.end_session("lin", &id).await.unwrap());
    assert!(process.lets_in(&cookies).await);
    assert!(process.auth.end_session("mira", &id).await.unwrap());
    assert!(!process.lets_in(&cookies).await);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_everywhere_and_a_new_one_begins() {
    for fleet in Fleet::both().await {
        let processes = fleet.three();
        let one = processes[0].sign_in(&fleet, "mira").await.cookies();
        let second = processes[1].sign_in(&fleet, "mira").await.cookies();
        let somebody_else = processes[1].sign_in(&fleet, "lin").await.cookies();
        processes[2].auth.end_sessions("mira").await.unwrap();
        for cookies in [&one, &second] {
            fleet.is_over(cookies, &processes).await;
        }
        // Whoever signs in again is in: in the same moment where it is known here, and later where the store says so.
        for at in [2, 0] {
            let again = processes[at].sign_in(&fleet, "mira").await.cookies();
            for process in &processes {
                assert!(process.lets_in(&again).await && process.lets_in(&somebody_else).await);
            }
            fleet.clock.advance(i64::from(!fleet.in_cookies));
        }
    }
}

/// In cookies they end in this process, which is all that there is.
#[tokio::test]
async fn all_sessions_of_a_user_end_in_cookies_too() {
    let fleet = Fleet::start().await;
    let auth = fleet.settings().build().unwrap();
    let in_cookies = app(&auth);
    let (one, theirs) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    assert_eq!(auth.sessions("mira").await.unwrap_err().code(), "store_cannot");
    auth.end_sessions("mira").await.unwrap();
    assert_eq!(get(&in_cookies, "/page", &[("cookie", &one)]).await.status, 303);
    assert_eq!(
        get(&in_cookies, "/page", &[("cookie", &theirs)]).await.status,
        200
    );
    let mut again = Browser::new(&in_cookies);
    again.sign_in(&fleet.provider, "mira").await;
    assert_eq!(again.get("/page").await.status, 200);
    let several = fleet.settings().multiple_instances(true).build().unwrap();
    assert_eq!(
        several.end_sessions("mira").await.unwrap_err().code(),
        "logout_not_shared"
    );
}

/// The issuer may be slow, and the page may be closed meanwhile.
#[tokio::test]
async fn the_other_sessions_end_before_the_issuer_is_asked() {
    for fleet in Fleet::both().await {
        let (process, other) = (
            fleet.process_with(|settings| settings.revoke_on_sign_out(true)),
            fleet.process(),
        );
        let mine = process.sign_in(&fleet, "mira").await.cookies();
        let second = other.sign_in(&fleet, "mira").await.cookies();
        let slow = Fault::Slow(Endpoint::Revocation, Duration::from_secs(60));
        fleet.provider.fault(slow);
        let app = devices(&process.auth);
        let leaving = tokio::spawn(async move { posted(&app, "/everywhere", &mine, ORIGIN).await });
        eventually(async || fleet.provider.calls(Endpoint::Revocation) > 0).await;
        assert!(!leaving.is_finished());
        leaving.abort();
        fleet.is_over(&second, [&process, &other]).await;
    }
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browsers_session() {
    let fleet = Fleet::start().await;
    let (process, other) = (fleet.process(), fleet.process());
    let app = devices(&process.auth);
    let mine = process.sign_in(&fleet, "mira").await.cookies();
    let phone = other.sign_in(&fleet, "mira").await.cookies();
    let (status, _) = posted(&app, "/everywhere", &mine, "https://evil.example").await;
    assert_eq!(status, 303);
    assert!(
        other.lets_in(&mine).await && other.lets_in(&phone).await,
        "another site ends nothing"
    );
    let out = call(
        &app,
        Method::POST,
        "/everywhere",
        &[("cookie", &mine), ("origin", ORIGIN)],
    )
    .await;
    assert_eq!(out.status, 303, "{out:?}");
    assert!(out.deleted().contains(&"session".to_owned()), "{out:?}");
    assert!(
        out.location().starts_with(fleet.provider.issuer()),
        "at the issuer too: {out:?}"
    );
    for cookies in [&mine, &phone] {
        assert!(!process.lets_in(cookies).await && !other.lets_in(cookies).await);
    }
}

#[tokio::test]
async fn what_the_store_does_not_say_is_an_error_and_what_it_lost_is_made_up_for() {
    let heard = Arc::<Mutex<Vec<&'static str>>>::default();
    let kept = heard.clone();
    let fleet = Fleet::start().await;
    let other = fleet.process();
    let process = fleet
        .process_with(|settings| settings.on_event(move |event| kept.lock().unwrap().push(event.name())));
    let cookies = session_cookie(&process.auth, mira());
    let id = *process.auth.sessions("mira").await.unwrap()[0].id();
    assert!(process.auth.check().await.is_ok());
    process.store.weather(Weather::Down);
    for error in [
        process.auth.sessions("mira").await.unwrap_err(),
        process.auth.end_session("mira", &id).await.unwrap_err(),
        process.auth.check().await.unwrap_err(),
    ] {
        assert_eq!(
            (error.code(), error.status().as_u16()),
            ("store_unavailable", 503)
        );
    }
    assert!(
        heard
            .lock()
            .unwrap()
            .iter()
            .all(|name| *name == "store_unavailable")
    );
    process.store.weather(Weather::Fine);
    process.store.lose(Call::Delete, Lost::Before);
    assert!(process.auth.end_session("mira", &id).await.is_err());
    assert!(!process.lets_in(&cookies).await, "refused here at once");
    eventually(async || !other.lets_in(&cookies).await).await;
}
