//! Sign-ins under way: each belongs to one browser and one tab, ends in time, and gives way when there are
//! too many.

use std::sync::Arc;
use std::time::Duration;

use monocloud_runtime::settings::StateLifetime;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::Endpoint;
use monocloud_runtime::testing::Provider;

use crate::fixtures::{Browser, app, choose, get, provider, settings_of};
use crate::routes_callback::{assert_refused, ready, site};

#[tokio::test]
async fn a_transaction_of_another_browser_is_refused() {
    let (provider, _, app) = site().await;
    let (_attackers, callback) = ready(&provider, &app).await;
    assert_refused(&get(&app, &callback, &[]).await, "no cookie");
    let mut victim = Browser::new(&app);
    victim.start("").await;
    let answer = victim.get(&callback).await;
    assert_refused(&answer, "another transaction");
    assert_eq!(victim.pending(), 1, "the victim's own goes on");
    assert_eq!(provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_state_cookie_serves_its_own_state_alone() {
    let (provider, _, app) = site().await;
    let (mut browser, callback) = ready(&provider, &app).await;
    let (mut other, other_callback) = ready(&provider, &app).await;
    // The value of one under the name of the other.
    browser.jar[0].1 = other.jar[0].1.clone();
    assert_refused(&browser.get(&callback).await, "swapped");
    let (name, _) = ready(&provider, &app).await.0.jar.remove(0);
    other.jar[0].0 = name;
    assert_refused(&other.get(&other_callback).await, "renamed");
    assert_eq!(provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn an_expired_transaction_is_refused_and_its_cookie_goes() {
    let clock = Clock::fixed(1_800_000_000);
    let same_time = clock.clone();
    let provider = provider(Provider::builder().clock(Arc::new(move || same_time.now()))).await;
    let auth = settings_of(&provider)
        .clock(clock.clone())
        .state_lifetime(StateLifetime::new().duration(Duration::from_secs(600)))
        .build()
        .unwrap();
    let app = app(&auth);
    for (waited, status) in [(599, 303), (600, 400), (601, 400)] {
        let mut browser = Browser::new(&app);
        let started = browser.start("").await;
        clock.advance(waited);
        let callback = choose(&provider, started.location(), "mira").await;
        let answer = browser.get(&callback).await;
        assert_eq!(answer.status, status, "after {waited} s: {answer:?}");
        assert_eq!(browser.pending(), 0, "after {waited} s");
    }
}

#[tokio::test]
async fn expired_transactions_are_swept_by_the_next_one() {
    let clock = Clock::fixed(1_800_000_000);
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).clock(clock.clone()).build().unwrap();
    let mut browser = Browser::new(&app(&auth));
    browser.start("").await;
    browser.start("").await;
    clock.advance(899);
    browser.start("").await;
    assert_eq!(browser.pending(), 3);
    clock.advance(1);
    browser.start("").await;
    assert_eq!(browser.pending(), 2, "two are over");
}

#[tokio::test]
async fn at_most_so_many_transactions_are_under_way_and_the_oldest_gives_way() {
    for (max, settings) in [
        (5, StateLifetime::new()),
        (2, StateLifetime::new().max_concurrent(2)),
    ] {
        let clock = Clock::fixed(1_800_000_000);
        let same_time = clock.clone();
        let provider = provider(Provider::builder().clock(Arc::new(move || same_time.now()))).await;
        let auth = settings_of(&provider)
            .clock(clock.clone())
            .state_lifetime(settings)
            .build()
            .unwrap();
        let mut browser = Browser::new(&app(&auth));
        let mut started = Vec::new();
        for _ in 0..=max {
            started.push(browser.start("").await.location().to_owned());
            clock.advance(1);
        }
        assert_eq!(browser.pending(), max);
        let oldest = choose(&provider, &started[0], "mira").await;
        assert_refused(&browser.get(&oldest).await, "the oldest gave way");
        for url in &started[1..] {
            let callback = choose(&provider, url, "mira").await;
            assert_eq!(browser.get(&callback).await.status, 303);
        }
        assert_eq!(browser.pending(), 0);
    }
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let (provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    let first = browser.start("?return_url=/first").await;
    let second = browser.start("?return_url=/second").await;
    assert_eq!(browser.pending(), 2);
    let first = choose(&provider, first.location(), "lin").await;
    let second = choose(&provider, second.location(), "mira").await;
    assert_eq!(
        browser.get(&second).await.location(),
        "http://localhost:3000/second"
    );
    assert_eq!(browser.get("/").await.body, "signed in as mira");
    assert_eq!(
        browser.get(&first).await.location(),
        "http://localhost:3000/first"
    );
    assert_eq!(
        browser.get("/").await.body,
        "signed in as lin",
        "the last sign-in counts"
    );
    assert_eq!(browser.pending(), 0);
}

#[tokio::test]
async fn an_abandoned_sign_in_dies_in_time_and_with_the_sign_out() {
    let (provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    for _ in 0..2 {
        let answer = browser.start("").await;
        assert_eq!(answer.cookies()[0].attribute("max-age"), Some("900"));
    }
    browser.sign_in(&provider, "mira").await;
    let names: Vec<String> = browser.names().into_iter().map(str::to_owned).collect();
    assert_eq!(browser.pending(), 2);
    let out = browser.get("/api/auth/signout").await;
    let deleted = out.deleted();
    for name in names {
        assert!(deleted.contains(&name), "{name} stays: {out:?}");
    }
    assert!(browser.names().is_empty(), "{:?}", browser.names());
}

#[tokio::test]
async fn what_others_plant_counts_for_nothing_and_is_left_alone() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider)
        .state_lifetime(StateLifetime::new().max_concurrent(2))
        .build()
        .unwrap();
    let app = app(&auth);
    let others = crate::fixtures::app(
        &settings_of(&provider)
            .cookie_secret(crate::fixtures::OTHER_SECRET)
            .build()
            .unwrap(),
    );
    let mut neighbour = Browser::new(&others);
    let mut planted: Vec<(String, String)> = (0..40)
        .map(|number| (format!("state.{number:016}"), "x".to_owned()))
        .collect();
    for number in 0..150 {
        let long = "A".repeat(300 + number);
        planted.push((format!("state.long-{number:011}"), long));
    }
    for _ in 0..3 {
        let foreign = neighbour.start("").await.cookies().remove(0);
        planted.push((foreign.name, foreign.value));
    }
    let mut browser = Browser::with(&app, &crate::fixtures::joined(&planted));
    let mut started = Vec::new();
    for _ in 0..3 {
        let answer = browser.start("").await;
        for name in answer.deleted() {
            assert!(planted.iter().all(|(theirs, _)| *theirs != name), "{name}");
        }
        started.push(answer);
    }
    let ours = browser.jar.len() - planted.len();
    assert_eq!(ours, 2, "the limit holds: {:?}", browser.names());
    let callback = choose(&provider, started[2].location(), "mira").await;
    assert_eq!(browser.get(&callback).await.status, 303);
    browser.get("/api/auth/signout").await;
    for (name, value) in &planted {
        assert!(
            browser.jar.contains(&(name.clone(), value.clone())),
            "{name} was touched"
        );
    }
}

#[tokio::test]
async fn sign_ins_begun_at_once_fit_into_a_header() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    // A browser that opens its tabs anew: none knows of another.
    let mut browser = Browser::new(&app);
    let mut started = Vec::new();
    for tab in 0..24 {
        let path = format!("/api/auth/signin?return_url=%2Fpage%3Ftab%3D{tab}");
        let answer = get(&app, &path, &[]).await;
        let cookie = answer.cookies().remove(0);
        browser.jar.push((cookie.name, cookie.value));
        started.push(answer.location().to_owned());
    }
    let bytes = |browser: &Browser| browser.cookies().len();
    assert!(bytes(&browser) <= 7 * 1024, "{} bytes", bytes(&browser));
    for (tab, url) in started.iter().enumerate().take(3) {
        let callback = choose(&provider, url, "mira").await;
        let answer = browser.get(&callback).await;
        let expected = format!("http://localhost:3000/page?tab={tab}");
        assert_eq!(answer.location(), expected);
        assert!(bytes(&browser) <= 7 * 1024, "{} bytes", bytes(&browser));
    }
    browser.start("").await;
    assert!(browser.pending() <= 5, "{}", browser.pending());
}

#[tokio::test]
async fn a_long_return_url_makes_older_sign_ins_give_way() {
    let (_provider, _, app) = site().await;
    let mut browser = Browser::new(&app);
    for number in 0..12 {
        let long = format!("?return_url=%2Fpage%3F{number}{}", "x".repeat(1_900));
        browser.start(&long).await;
        assert!(browser.cookies().len() <= 7 * 1024, "{}", browser.cookies().len());
    }
    assert!(browser.pending() >= 2);
}
