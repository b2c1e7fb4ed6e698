//! The issuer's keys, where anybody can send what asks for them: no stranger makes the application flood its issuer, or
//! keeps others from a new key.

use monocloud_runtime::testing::{Endpoint, Fault, LogoutTokenFault};

use crate::back_channel_tokens::{post, start};
use crate::rp::{Rp, failures_are_forgotten};

/// As strangers write them: with a key that nobody has published.
async fn forged(rp: &Rp, count: usize) {
    for fault in [LogoutTokenFault::UnknownKid, LogoutTokenFault::BadSignature] {
        rp.provider.fault(Fault::LogoutToken(fault));
        for _ in 0..count {
            let token = rp.provider.logout_token(Some("mira"), None);
            assert_eq!(post(rp, &token).await, 400);
        }
        rp.provider.clear_faults();
    }
}

#[tokio::test]
async fn what_strangers_send_asks_for_new_keys_once_in_a_minute() {
    let (rp, clock) = start().await;
    forged(&rp, 20).await;
    assert_eq!(
        rp.calls(Endpoint::Jwks),
        2,
        "the keys, and once whether there are others"
    );
    clock.advance(59);
    forged(&rp, 5).await;
    assert_eq!(rp.calls(Endpoint::Jwks), 2);
    clock.advance(1);
    forged(&rp, 5).await;
    assert_eq!((rp.calls(Endpoint::Jwks), rp.calls(Endpoint::Discovery)), (3, 1));
}

#[tokio::test]
async fn a_new_key_is_found_for_a_logout_token() {
    let (rp, _) = start().await;
    let token = rp.provider.logout_token(Some("mira"), None);
    assert_eq!(post(&rp, &token).await, 200);
    rp.provider.rotate_keys();
    let token = rp.provider.logout_token(Some("mira"), None);
    assert_eq!(post(&rp, &token).await, 200);
    assert_eq!(rp.calls(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn what_strangers_send_keeps_no_sign_in_from_a_new_key() {
    let (rp, _) = start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    forged(&rp, 5).await;
    let calls = rp.calls(Endpoint::Jwks);
    rp.provider.rotate_keys();
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Jwks), calls + 1);
    // And the other way round: the sign-in's turn was not theirs.
    let token = rp.provider.logout_token(Some("mira"), None);
    assert_eq!(post(&rp, &token).await, 200);
}

#[tokio::test]
async fn what_strangers_send_asks_an_issuer_in_trouble_once_in_a_second() {
    for (endpoint, fault) in [Endpoint::Discovery, Endpoint::Jwks].map(|it| (it, Fault::Status(it, 500))) {
        let (rp, _) = start().await;
        let token = rp.provider.logout_token(Some("mira"), None);
        rp.provider.fault(fault);
        let started = std::time::Instant::now();
        for _ in 0..20 {
            assert_eq!(post(&rp, &token).await, 400);
        }
        let most = usize::try_from(started.elapsed().as_secs()).unwrap() + 1;
        let calls = rp.calls(endpoint);
        assert!((1..=most).contains(&calls), "{endpoint:?}: {calls} of {most}");
    }
}

#[tokio::test]
async fn an_issuer_that_is_away_is_400_and_the_token_may_come_again() {
    let (rp, _) = start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let token = rp.provider.logout_token(Some("mira"), None);
    rp.provider.stop().await;
    assert_eq!(post(&rp, &token).await, 200, "its keys are at hand");
    let (rp, _) = start().await;
    let token = rp.provider.logout_token(Some("mira"), None);
    rp.provider.stop().await;
    assert_eq!(post(&rp, &token).await, 400);
    rp.provider.restart().await.unwrap();
    failures_are_forgotten().await;
    assert_eq!(post(&rp, &token).await, 200);
}
