//! How many sessions a user may have: with one more the oldest ends, and no other.

use std::sync::{Arc, Mutex};

use monocloud_runtime::MonoCloud;
use monocloud_runtime::hooks::Event;
use monocloud_runtime::testing::Provider;

use super::eventually;
use super::faulty::{Call, Lost};
use super::fleet::{Fleet, Process};
use crate::fixtures::{Browser, ORIGIN, SECRET, app, logged, mira, provider, with_claims_of};

type Ended = Arc<Mutex<Vec<String>>>;

fn with_two(fleet: &Fleet) -> (Process, Ended) {
    let ended = Ended::default();
    let kept = ended.clone();
    let process = fleet.process_with(|settings| {
        settings.max_sessions_per_user(2).on_event(move |event| {
            if let Event::SessionEnded { sub, why, .. } = event {
                kept.lock().unwrap().push(format!("{sub} {}", why.as_str()));
            }
        })
    });
    (process, ended)
}

fn take(ended: &Ended) -> Vec<String> {
    std::mem::take(&mut ended.lock().unwrap())
}

#[tokio::test]
async fn a_sign_in_that_no_store_keeps_is_a_page_for_the_visitor_and_a_line_for_the_operator() {
    let fleet = Fleet::with(|provider| provider.user(with_claims_of(280_000))).await;
    let process = fleet.process();
    let mut browser = Browser::new(&process.app);
    let (answer, log) = logged(browser.sign_in(&fleet.provider, "many")).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body.contains("Sign in again"), "{answer:?}");
    assert!(answer.cookie("session").is_none() && browser.pending() == 0);
    for part in ["ERROR", "262144", "MONOCLOUD_AUTH_FILTERED_ID_TOKEN_CLAIMS"] {
        assert!(log.contains(part), "{part}: {log}");
        assert!(!answer.body.contains(part), "{part} is nothing to a visitor");
    }
}

/// One after the other, a second apart.
async fn sign_in(fleet: &Fleet, process: &Process, browser: &mut Browser, user: &str) {
    fleet.clock.advance(1);
    let answer = browser.sign_in(&fleet.provider, user).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(process.lets_in(&browser.cookies()).await);
}

#[tokio::test]
async fn with_one_session_too_many_the_oldest_ends_everywhere() {
    let fleet = Fleet::start().await;
    let (process, ended) = with_two(&fleet);
    let other = fleet.process();
    let mut browsers: Vec<_> = (0..4).map(|_| Browser::new(&process.app)).collect();
    let mut lin = Browser::new(&process.app);
    sign_in(&fleet, &process, &mut lin, "lin").await;
    for browser in &mut browsers {
        sign_in(&fleet, &process, browser, "mira").await;
    }
    assert_eq!(take(&ended), ["mira evicted", "mira evicted"]);
    for (number, browser) in browsers.iter().enumerate() {
        for process in [&process, &other] {
            assert_eq!(process.lets_in(&browser.cookies()).await, number >= 2, "{number}");
        }
    }
    assert!(other.lets_in(&lin.cookies()).await, "nobody else's ends");
    assert_eq!(other.auth.sessions("mira").await.unwrap().len(), 2);
}

/// What it replaces makes room already.
#[tokio::test]
async fn signing_in_again_in_one_browser_ends_no_other_browsers_session() {
    let fleet = Fleet::start().await;
    let (process, ended) = with_two(&fleet);
    let (mut phone, mut desk) = (Browser::new(&process.app), Browser::new(&process.app));
    sign_in(&fleet, &process, &mut phone, "mira").await;
    sign_in(&fleet, &process, &mut desk, "mira").await;
    for _ in 0..3 {
        let earlier = desk.cookies();
        sign_in(&fleet, &process, &mut desk, "mira").await;
        assert!(!process.lets_in(&earlier).await);
        assert!(
            process.lets_in(&phone.cookies()).await,
            "the oldest, which had a place"
        );
        assert_eq!(take(&ended), ["mira replaced"]);
    }
    // Somebody else's session in that browser makes none.
    let mut third = Browser::new(&process.app);
    sign_in(&fleet, &process, &mut third, "lin").await;
    sign_in(&fleet, &process, &mut third, "mira").await;
    assert_eq!(take(&ended).len(), 2);
    assert!(!process.lets_in(&phone.cookies()).await && process.lets_in(&desk.cookies()).await);
}

#[tokio::test]
async fn one_that_could_not_be_evicted_is_refused_here_and_ends_later() {
    let fleet = Fleet::start().await;
    let (process, _) = with_two(&fleet);
    let other = fleet.process();
    let mut browsers: Vec<_> = (0..3).map(|_| Browser::new(&process.app)).collect();
    for browser in &mut browsers[..2] {
        sign_in(&fleet, &process, browser, "mira").await;
    }
    process.store.lose(Call::Delete, Lost::Before);
    sign_in(&fleet, &process, &mut browsers[2], "mira").await;
    assert!(!process.lets_in(&browsers[0].cookies()).await);
    eventually(async || !other.lets_in(&browsers[0].cookies()).await).await;
    assert!(other.lets_in(&browsers[1].cookies()).await);
}

#[tokio::test]
async fn a_limit_above_the_hundred_of_the_memory_counts_there() {
    let provider = provider(Provider::builder().user(mira())).await;
    let auth = MonoCloud::builder()
        .tenant_domain(provider.issuer())
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .app_url(ORIGIN)
        .cookie_secret(SECRET)
        .with_vars([("MONOCLOUD_AUTH_SESSIONS_IN", "memory")])
        .max_sessions_per_user(102)
        .build()
        .unwrap();
    let mut browsers: Vec<_> = (0..103).map(|_| Browser::new(&app(&auth))).collect();
    for browser in &mut browsers[..102] {
        assert_eq!(browser.sign_in(&provider, "mira").await.status, 303);
    }
    assert_eq!(browsers[0].get("/page").await.status, 200);
    browsers[102].sign_in(&provider, "mira").await;
    assert_eq!(browsers[0].get("/page").await.status, 303);
    assert_eq!(browsers[1].get("/page").await.status, 200);
}
