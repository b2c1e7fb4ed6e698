//! One answer of the issuer that comes to two processes at once: its code is sent by one of them.

use std::time::{Duration, Instant};

use monocloud_runtime::testing::{Endpoint, Fault};

use super::callback::ready;
use super::faulty::{Call, Lost};
use super::fleet::{Fleet, Process};
use crate::fixtures::{Answer, Browser};

/// So long the one waits for the other, at most: half of this.
const TIMEOUT: Duration = Duration::from_secs(5);

fn process(fleet: &Fleet) -> Process {
    fleet.process_with(|settings| settings.response_timeout(TIMEOUT))
}

/// Whether the session of an answer is `mira`'s at this process.
async fn is_in(process: &Process, answer: &Answer) -> bool {
    let Some(ticket) = answer.cookie("session") else {
        return false;
    };
    process.lets_in(&format!("session={}", ticket.value)).await
}

/// The answers to who comes first, and to who comes while that one is at `call`.
async fn at_once(fleet: &Fleet, [one, other]: [&Process; 2], call: Call) -> [Answer; 2] {
    let (browser, callback) = ready(fleet, one).await;
    let cookies = browser.cookies();
    let gate = one.store.gate(call);
    let meanwhile = gate.meanwhile(TIMEOUT / 10, other.get(&callback, &cookies));
    let (first, second) = tokio::join!(one.get(&callback, &cookies), meanwhile);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303));
    assert_eq!(first.location(), second.location());
    assert_eq!(fleet.provider.calls(Endpoint::Token), 1, "the code is sent once");
    [first, second]
}

#[tokio::test]
async fn whoever_comes_second_waits_for_the_session_of_the_first() {
    let fleet = Fleet::start().await;
    let (one, other) = (process(&fleet), process(&fleet));
    let [first, second] = at_once(&fleet, [&one, &other], Call::Create).await;
    assert!(is_in(&other, &first).await && is_in(&one, &second).await);
    assert_eq!(one.auth.sessions("mira").await.unwrap().len(), 1);
}

#[tokio::test]
async fn beside_cookies_whoever_comes_second_waits_and_is_sent_on() {
    let fleet = Fleet::in_cookies().await;
    let (one, other) = (process(&fleet), process(&fleet));
    let [first, second] = at_once(&fleet, [&one, &other], Call::Settle).await;
    assert!(is_in(&other, &first).await);
    assert!(
        second.cookie("session").is_none(),
        "the session of the first is not touched"
    );
}

#[tokio::test]
async fn a_process_that_dies_with_a_code_holds_the_next_up_for_half_of_the_timeout() {
    let fleet = Fleet::start().await;
    let (one, other) = (process(&fleet), process(&fleet));
    let (browser, callback) = ready(&fleet, &one).await;
    let cookies = browser.cookies();
    // It has the code, and does not know.
    one.store.lose(Call::Claim, Lost::After);
    assert_eq!(one.get(&callback, &cookies).await.status, 503);
    assert_eq!(fleet.provider.calls(Endpoint::Token), 0);
    let started = Instant::now();
    let answer = other.get(&callback, &cookies).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(is_in(&one, &answer).await);
    let took = started.elapsed();
    assert!(took > TIMEOUT / 4 && took < TIMEOUT, "{took:?}");
}

#[tokio::test]
async fn a_code_that_the_issuer_did_not_take_is_sent_no_more() {
    for fleet in Fleet::both().await {
        let (one, other) = (process(&fleet), process(&fleet));
        let (browser, callback) = ready(&fleet, &one).await;
        let cookies = browser.cookies();
        fleet
            .provider
            .fault(Fault::TokenError("invalid_grant".to_owned()));
        // Beside cookies nobody knows elsewhere what became of it: the browser is sent on, and signs in anew.
        let elsewhere = if fleet.in_cookies { 303 } else { 400 };
        for (process, status) in [(&one, 400), (&other, elsewhere), (&one, 400), (&other, elsewhere)] {
            let answer = process.get(&callback, &cookies).await;
            assert_eq!(answer.status, status, "{answer:?}");
            assert!(answer.cookie("session").is_none());
        }
        assert_eq!(fleet.provider.calls(Endpoint::Token), 1);
        // Anybody can have codes refused, and the store has to remember each.
        assert_eq!(one.store.last_kept(), Some(Duration::from_secs(60)));
    }
}

#[tokio::test]
async fn a_code_that_did_not_reach_the_issuer_is_anybodys_at_once() {
    let fleet = Fleet::start().await;
    let (one, other) = (process(&fleet), process(&fleet));
    let (browser, callback) = ready(&fleet, &one).await;
    let cookies = browser.cookies();
    fleet.provider.fault(Fault::Status(Endpoint::Token, 503));
    assert_eq!(one.get(&callback, &cookies).await.status, 503);
    fleet.provider.clear_faults();
    let started = Instant::now();
    let mut again = Browser::with(&other.app, &cookies);
    assert_eq!(again.get(&callback).await.status, 303);
    assert_eq!(again.get("/page").await.body, "page of mira");
    assert!(started.elapsed() < TIMEOUT / 4);
}
