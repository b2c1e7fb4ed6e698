//! The session's cookies: which are ours, what is opened when, and what nobody may do with them.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::routing::get as on_get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{COOKIE, SET_COOKIE};
use monocloud_runtime::settings::SessionLifetime;
use monocloud_runtime::testing::{MintedSession, Provider, id_token, session_cookie};
use monocloud_runtime::{Session, User, protect};
use tower::ServiceExt as _;

use crate::fixtures::{
    Browser, app, at_rest, get, joined, lin, logged, mira, pairs, provider, settings, settings_of,
};

#[protect]
async fn guarded(user: User) -> String {
    user.sub().to_owned()
}

/// Reaches for the contents, which the guard does not.
#[protect]
async fn contents(session: Session) -> String {
    format!("{}", id_token(&session).is_some())
}

fn parts_app(auth: &monocloud_runtime::MonoCloud) -> Router {
    Router::new()
        .route("/guarded", on_get(guarded))
        .route("/contents", on_get(contents))
        .layer(auth.layer())
}

/// A session with an ID token of so many bytes, as cookies.
fn with_token(auth: &monocloud_runtime::MonoCloud, bytes: usize) -> Vec<(String, String)> {
    pairs(
        &MintedSession::new(mira())
            .id_token("t".repeat(bytes))
            .cookie(auth),
    )
}

#[tokio::test]
async fn a_cookie_of_this_name_that_was_not_sealed_here_is_left_alone() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let ours = session_cookie(&auth, mira());
    let (_, value) = pairs(&ours).remove(0);
    let mut of_another_secret = URL_SAFE_NO_PAD.decode(&value).unwrap();
    of_another_secret[2] ^= 1;
    for foreign in [
        "eyJfZnJlc2giOmZhbHNlfQ.x.y".to_owned(),
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln".to_owned(),
        "s%3Aabc.def".to_owned(),
        "0".to_owned(),
        String::new(),
        "A".repeat(200),
        "x".repeat(9_000),
        format!("{value}{}", "A".repeat(5_000)),
        URL_SAFE_NO_PAD.encode(of_another_secret),
    ] {
        let cookie = format!("session={foreign}");
        for path in ["/", "/page", "/destroy", "/api/auth/signout"] {
            let answer = get(&app, path, &[("cookie", &cookie)]).await;
            assert!(!answer.status.is_server_error(), "{path}: {answer:?}");
            let sets = answer
                .cookies()
                .into_iter()
                .filter(|set| set.name == "session")
                .count();
            assert_eq!(sets, 0, "{path} with {foreign:.40}: {answer:?}");
        }
        for both in [format!("{cookie}; {ours}"), format!("{ours}; {cookie}")] {
            let answer = get(&app, "/page", &[("cookie", &both)]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.cookies().len()),
                (200, 0),
                "{foreign:.40}"
            );
        }
    }
}

#[tokio::test]
async fn sign_out_finds_the_session_behind_any_number_of_others_cookies() {
    let (auth, _) = at_rest(settings());
    let (other, _) = at_rest(settings().cookie_secret(crate::fixtures::OTHER_SECRET));
    let app = app(&auth);
    for junk in [
        "session=x; ".repeat(16),
        "session=AgEAAAAAAAAAAAAAAAAAAAAA; ".repeat(300),
        format!("{}; ", session_cookie(&other, lin())).repeat(60),
    ] {
        let session = session_cookie(&auth, mira());
        let out = get(
            &app,
            "/api/auth/signout",
            &[("cookie", &format!("{junk}{session}"))],
        )
        .await;
        assert!(out.deleted().contains(&"session".to_owned()), "{out:?}");
        assert_eq!(
            get(&app, "/page", &[("cookie", &session)]).await.status,
            303,
            "it is over"
        );
    }
}

#[tokio::test]
async fn damaged_cookies_with_a_key_of_ours_do_not_hide_the_session() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let mut damaged = session_cookie(&auth, lin());
    let last = damaged.pop().unwrap();
    damaged.push(if last == 'A' { 'B' } else { 'A' });
    let session = session_cookie(&auth, mira());
    let cookies = format!("{}{session}", format!("{damaged}; ").repeat(40));
    assert_eq!(get(&app, "/page", &[("cookie", &cookies)]).await.status, 200);
    get(&app, "/api/auth/signout", &[("cookie", &cookies)]).await;
    assert_eq!(get(&app, "/page", &[("cookie", &session)]).await.status, 303);
}

#[tokio::test]
async fn sessions_of_two_people_sign_in_nobody_and_the_log_says_how_to_keep_others_out() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let (planted, ours) = (session_cookie(&auth, lin()), session_cookie(&auth, mira()));
    let mut log = String::new();
    for cookies in [format!("{planted}; {ours}"), format!("{ours}; {planted}")] {
        let (answer, lines) = logged(get(&app, "/page", &[("cookie", &cookies)])).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (303, 0),
            "{answer:?}"
        );
        log.push_str(&lines);
    }
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains("__Host-"), "{log}");

    // A sign-in ends both, so that the planted one is no trouble any more.
    let mut browser = Browser::with(&app, &ours);
    let started = browser.get("/api/auth/signin").await;
    let callback = crate::fixtures::choose(&provider, started.location(), "mira").await;
    let cookies = format!("{planted}; {}", browser.cookies());
    let done = get(&app, &callback, &[("cookie", &cookies)]).await;
    let new = done.cookie("session").unwrap().value;
    let answer = get(&app, "/page", &[("cookie", &format!("{planted}; session={new}"))]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn two_sessions_of_one_person_are_that_person() {
    let (auth, _) = at_rest(settings());
    let cookies = [session_cookie(&auth, mira()), session_cookie(&auth, mira())].join("; ");
    let answer = get(&app(&auth), "/page", &[("cookie", &cookies)]).await;
    assert_eq!((answer.status.as_u16(), answer.cookies().len()), (200, 0));
}

#[tokio::test]
async fn a_stale_chunk_beside_a_session_of_fewer_signs_nobody_out() {
    let (auth, _) = at_rest(settings());
    let app = parts_app(&auth);
    let stale = with_token(&auth, 7_000);
    assert_eq!(stale.len(), 3);
    for bytes in [0, 200, 4_000] {
        let mut cookies = with_token(&auth, bytes);
        let own = cookies.len();
        cookies.extend(stale[own..].to_vec());
        for path in ["/guarded", "/contents"] {
            let answer = get(&app, path, &[("cookie", &joined(&cookies))]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.cookies().len()),
                (200, 0),
                "{path} {bytes}"
            );
        }
    }
}

/// Every character of what was sealed apart, also where its chunk is another's or missing.
#[tokio::test]
async fn where_the_contents_do_not_open_the_guard_decides_and_the_session_is_over() {
    let (auth, _) = at_rest(settings());
    let app = parts_app(&auth);
    let good = with_token(&auth, 5_000);
    assert_eq!(good.len(), 2);
    let other = with_token(&auth, 5_000);
    let mut flipped = good.clone();
    let middle = flipped[1].1.len() / 2;
    let changed = if &flipped[1].1[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    flipped[1].1.replace_range(middle..=middle, changed);
    for cookies in [
        good[..1].to_vec(),
        flipped,
        vec![good[0].clone(), other[1].clone()],
    ] {
        let cookies = joined(&cookies);
        let guarded = get(&app, "/guarded", &[("cookie", &cookies)]).await;
        assert_eq!((guarded.status.as_u16(), guarded.body.as_str()), (200, "mira"));
        assert!(guarded.cookies().is_empty(), "{guarded:?}");
        let contents = get(&app, "/contents", &[("cookie", &cookies)]).await;
        assert_eq!(contents.status, 401, "{contents:?}");
        assert!(contents.deleted().contains(&"session".to_owned()), "{contents:?}");
    }
    assert_eq!(
        get(&app, "/contents", &[("cookie", &joined(&good))]).await.body,
        "true"
    );
}

#[tokio::test]
async fn sliding_keeps_the_contents_or_writes_nothing() {
    let sliding = SessionLifetime::new()
        .sliding(true)
        .duration(Duration::from_secs(1_000));
    let (auth, clock) = at_rest(settings().session_lifetime(sliding));
    let app = parts_app(&auth);
    let whole = with_token(&auth, 5_000);
    clock.advance(500);
    let mut browser = Browser::with(&app, &joined(&whole));
    let slid = browser.get("/guarded").await;
    assert_eq!((slid.status.as_u16(), slid.cookies().len()), (200, 2), "{slid:?}");
    assert_eq!(browser.get("/contents").await.body, "true");
    let cut = get(&app, "/guarded", &[("cookie", &joined(&whole[..1]))]).await;
    assert_eq!((cut.status.as_u16(), cut.cookies().len()), (200, 0), "{cut:?}");
}

#[tokio::test]
async fn a_session_from_the_future_is_refused_and_left_for_clocks_that_are_right() {
    let (auth, clock) = at_rest(settings());
    let app = app(&auth);
    for ahead in [3_600, 90_000, 10 * 86_400] {
        clock.advance(ahead);
        let cookie = session_cookie(&auth, mira());
        clock.advance(-ahead);
        let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (303, 0),
            "{ahead}: {answer:?}"
        );
        clock.advance(ahead - 30);
        let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 200, "clocks differ by some seconds: {answer:?}");
        clock.advance(30 - ahead);
    }
}

#[tokio::test]
async fn a_session_lives_on_when_the_sealing_key_changes_with_the_day() {
    let week = SessionLifetime::new().duration(Duration::from_secs(7 * 86_400));
    let (auth, clock) = at_rest(settings().session_lifetime(week));
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    let day = |cookie: &str| URL_SAFE_NO_PAD.decode(&pairs(cookie)[0].1).unwrap()[6..8].to_vec();
    for _ in 0..6 {
        clock.advance(86_400);
        let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
        assert_eq!((answer.status.as_u16(), answer.cookies().len()), (200, 0));
        assert_ne!(day(&cookie), day(&session_cookie(&auth, mira())));
    }
    clock.advance(86_400);
    let answer = get(&app, "/page", &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.deleted()),
        (303, vec!["session".to_owned()])
    );
}

#[tokio::test]
async fn logs_of_headers_show_no_cookie() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth).merge(
        Router::new()
            .route(
                "/seen",
                on_get(|request: Request| async move {
                    let mut cookies = request.headers().get_all(COOKIE).iter();
                    assert!(cookies.all(http::HeaderValue::is_sensitive));
                }),
            )
            .layer(auth.layer()),
    );
    let cookie = session_cookie(&auth, mira());
    assert_eq!(get(&app, "/seen", &[("cookie", &cookie)]).await.status, 200);
    let request = http::Request::get("/update").header("cookie", &cookie);
    let response = app
        .oneshot(request.body(axum::body::Body::empty()).unwrap())
        .await
        .unwrap();
    let mut set = response.headers().get_all(SET_COOKIE).iter().peekable();
    assert!(set.peek().is_some() && set.all(http::HeaderValue::is_sensitive));
}

/// What anybody can send costs little, however much of it there is.
#[tokio::test]
async fn hundreds_of_kilobytes_of_cookies_cost_little() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let (_, value) = pairs(&session_cookie(&auth, mira())).remove(0);
    let mut damaged = value.clone();
    damaged.replace_range(40..41, if &value[40..41] == "A" { "B" } else { "A" });
    for one in [
        "session=x; ".to_owned(),
        format!("session={damaged}; "),
        format!("session={value}; "),
        format!("session={}; ", "x".repeat(4_000)),
    ] {
        let cookies = one.repeat(380_000 / one.len());
        get(&app, "/page", &[("cookie", &cookies)]).await;
        let started = std::time::Instant::now();
        for _ in 0..10 {
            get(&app, "/page", &[("cookie", &cookies)]).await;
        }
        // A debug build on a busy machine; without a bound it is many times that.
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{:?}",
            started.elapsed()
        );
    }
}
