//! A session that ended is over, for every copy of its cookie and whatever was under way.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get as on_get;
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{Clock, Provider, session_cookie};
use monocloud_runtime::{Auth, MonoCloud, Session, User, monocloud_routes};
use tokio::sync::Notify;

use crate::fixtures::{Browser, app, at_rest, get, mira, provider, settings, settings_of};

#[tokio::test]
async fn a_copied_cookie_is_dead_after_sign_out() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let other = session_cookie(&auth, mira());
    let out = get(&app, "/api/auth/signout", &[("cookie", &cookie)]).await;
    assert_eq!(
        (out.status.as_u16(), out.deleted()),
        (303, vec!["session".to_owned()])
    );
    let copy = get(&app, "/page", &[("cookie", &cookie)]).await;
    assert_eq!(copy.status, 303);
    assert!(
        copy.cookies().is_empty(),
        "a late request must not delete the cookie of a newer session: {copy:?}"
    );
    assert_eq!(
        get(&app, "/page", &[("cookie", &other)]).await.status,
        200,
        "another session lives on"
    );
}

#[tokio::test]
async fn a_copied_cookie_is_dead_after_destroy_session() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let destroyed = get(&app, "/destroy", &[("cookie", &cookie)]).await;
    assert_eq!(destroyed.body, "false", "the same request knows");
    assert_eq!(destroyed.deleted(), ["session"]);
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 303);
}

#[tokio::test]
async fn a_slid_copy_of_an_ended_session_is_dead_until_it_would_have_expired() {
    let sliding = SessionLifetime::new()
        .sliding(true)
        .duration(Duration::from_secs(1_000))
        .max_duration(Duration::from_secs(3_000));
    let (auth, clock) = at_rest(settings().session_lifetime(sliding));
    let app = app(&auth);
    let first = session_cookie(&auth, mira());
    clock.advance(900);
    let mut browser = Browser::with(&app, &first);
    browser.get("/page").await;
    let slid = browser.cookies();
    assert_ne!(first, slid);
    get(&app, "/api/auth/signout", &[("cookie", &first)]).await;
    clock.advance(999);
    // Other sessions end meanwhile, which is when the list is tidied.
    get(
        &app,
        "/api/auth/signout",
        &[("cookie", &session_cookie(&auth, mira()))],
    )
    .await;
    assert_eq!(get(&app, "/page", &[("cookie", &slid)]).await.status, 303);
}

#[tokio::test]
async fn every_sign_in_has_a_new_session_and_ends_the_earlier_one() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    let earlier = browser.cookies();
    assert_eq!(get(&app, "/page", &[("cookie", &earlier)]).await.status, 200);
    browser.sign_in(&provider, "mira").await;
    assert_ne!(browser.cookies(), earlier);
    assert_eq!(browser.get("/page").await.status, 200);
    assert_eq!(
        get(&app, "/page", &[("cookie", &earlier)]).await.status,
        303,
        "it is over"
    );
}

#[tokio::test]
async fn a_planted_session_does_not_survive_the_victims_sign_in() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let attackers = session_cookie(&auth, mira());
    let mut victim = Browser::with(&app, &attackers);
    victim.sign_in(&provider, "lin").await;
    assert_eq!(victim.get("/").await.body, "signed in as lin");
    assert_eq!(get(&app, "/", &[("cookie", &attackers)]).await.body, "signed out");
}

/// Two gates: the handler says that it has begun, and waits to go on.
#[derive(Clone, Default)]
struct Gates {
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

fn slow_app(auth: &MonoCloud, gates: &Gates) -> Router {
    Router::new()
        .route("/slow", on_get(slow))
        .route("/slow/update", on_get(slow_update))
        .route("/", on_get(home))
        .merge(monocloud_routes!(<Gates> auth))
        .layer(auth.layer())
        .with_state(gates.clone())
}

async fn home(user: Option<User>) -> &'static str {
    if user.is_some() { "in" } else { "out" }
}

/// Resolves the session first, which slides it, and answers later.
async fn slow(State(gates): State<Gates>, _: Session) {
    gates.begun.notify_one();
    gates.go_on.notified().await;
}

async fn slow_update(State(gates): State<Gates>, auth: Auth, mut session: Session) -> String {
    gates.begun.notify_one();
    gates.go_on.notified().await;
    session.insert("late", true).unwrap();
    match auth.update_session(session).await {
        Ok(()) => "kept".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

/// What a slow request answers when `meanwhile` is asked before it goes on.
async fn interleaved(
    path: &str,
    cookie: &str,
    app: &Router,
    gates: &Gates,
    meanwhile: &str,
) -> crate::fixtures::Answer {
    let slow = tokio::spawn({
        let (app, path, cookie) = (app.clone(), path.to_owned(), cookie.to_owned());
        async move { get(&app, &path, &[("cookie", &cookie)]).await }
    });
    gates.begun.notified().await;
    get(app, meanwhile, &[("cookie", cookie)]).await;
    gates.go_on.notify_one();
    slow.await.unwrap()
}

#[tokio::test]
async fn a_slid_cookie_is_not_written_after_sign_out() {
    let (auth, clock) = at_rest(settings().session_lifetime(SessionLifetime::new().sliding(true)));
    let gates = Gates::default();
    let app = slow_app(&auth, &gates);

    let cookie = session_cookie(&auth, mira());
    clock.advance(3_600);
    let undisturbed = interleaved("/slow", &cookie, &app, &gates, "/").await;
    assert!(
        !undisturbed.cookie("session").unwrap().deletes(),
        "it slides when nobody signs out"
    );

    let late = interleaved("/slow", &cookie, &app, &gates, "/api/auth/signout").await;
    assert_eq!(late.status, 200);
    assert!(
        late.cookies().iter().all(|cookie| cookie.value.is_empty()),
        "{late:?}"
    );
}

#[tokio::test]
async fn an_update_after_sign_out_brings_nothing_back() {
    let (auth, _) = at_rest(settings());
    let gates = Gates::default();
    let app = slow_app(&auth, &gates);
    let cookie = session_cookie(&auth, mira());
    assert_eq!(
        interleaved("/slow/update", &cookie, &app, &gates, "/").await.body,
        "kept"
    );
    let late = interleaved("/slow/update", &cookie, &app, &gates, "/api/auth/signout").await;
    assert_eq!(late.body, "no_session");
    assert!(
        late.cookies().iter().all(|cookie| cookie.value.is_empty()),
        "{late:?}"
    );
}

#[tokio::test]
async fn a_late_answer_of_an_ended_session_leaves_a_newer_one_alone() {
    let (auth, clock) = at_rest(settings().session_lifetime(SessionLifetime::new().sliding(true)));
    let gates = Gates::default();
    let app = slow_app(&auth, &gates);
    let cookie = session_cookie(&auth, mira());
    clock.advance(3_600);
    // In the other tab the session ends and another begins; then this answer arrives.
    let late = interleaved("/slow", &cookie, &app, &gates, "/api/auth/signout").await;
    let mut browser = Browser::with(&app, &session_cookie(&auth, mira()));
    let newer = browser.cookies();
    for set in late.cookies() {
        assert!(!set.deletes(), "it would delete the newer session: {set:?}");
    }
    assert_eq!(browser.get("/").await.body, "in");
    assert_eq!(browser.cookies(), newer);
}

#[tokio::test]
async fn a_change_after_the_head_is_sent_is_an_error() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let (auth, _) = at_rest(settings());
    let later: Arc<std::sync::Mutex<Option<(Auth, Session)>>> = Arc::default();
    let shelf = later.clone();
    let keep = move |auth: Auth, session: Session| async move {
        *shelf.lock().unwrap() = Some((auth, session));
    };
    let app = Router::new().route("/", on_get(keep)).layer(auth.layer());
    get(&app, "/", &[("cookie", &session_cookie(&auth, mira()))]).await;
    let (request, session) = later.lock().unwrap().take().unwrap();
    let error = request.update_session(session).await.unwrap_err();
    assert_eq!(error.code(), "response_started");
}

#[tokio::test]
async fn a_session_of_another_request_cannot_be_written() {
    let (auth, _) = at_rest(settings());
    let stolen: Arc<std::sync::Mutex<Option<Session>>> = Arc::default();
    let shelf = stolen.clone();
    let app = Router::new()
        .route(
            "/keep",
            on_get(move |session: Session| async move { *shelf.lock().unwrap() = Some(session) }),
        )
        .route(
            "/write",
            on_get(move |auth: Auth| async move {
                let foreign = stolen.lock().unwrap().clone().unwrap();
                auth.update_session(foreign).await.unwrap_err().code()
            }),
        )
        .layer(auth.layer());
    get(&app, "/keep", &[("cookie", &session_cookie(&auth, mira()))]).await;
    for cookies in [session_cookie(&auth, mira()), String::from("other=1")] {
        let answer = get(&app, "/write", &[("cookie", &cookies)]).await;
        assert_eq!(answer.body, "no_session");
        assert!(answer.cookies().is_empty());
    }
}

/// Past the number that are remembered one by one, with the clock set back afterwards.
#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nobody_from_signing_in_again() {
    let clock = Clock::fixed(1_800_000_000);
    let same_time = clock.clone();
    let provider = provider(Provider::builder().clock(Arc::new(move || same_time.now()))).await;
    let auth = settings_of(&provider).clock(clock.clone()).build().unwrap();
    let app = app(&auth);
    let ended: Vec<String> = (0..40).map(|_| session_cookie(&auth, mira())).collect();
    for cookie in &ended {
        get(&app, "/destroy", &[("cookie", cookie)]).await;
    }
    for back in [30, 3_600, 80_000] {
        clock.advance(-back);
        let mut browser = Browser::new(&app);
        browser.sign_in(&provider, "mira").await;
        assert_eq!(browser.get("/page").await.status, 200, "{back} seconds back");
        for cookie in &ended {
            assert_eq!(get(&app, "/page", &[("cookie", cookie)]).await.status, 303);
        }
        clock.advance(back);
        assert_eq!(browser.get("/page").await.status, 200);
    }
}
