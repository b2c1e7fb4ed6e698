//! Faults of the transport, and a provider that goes away and comes back.

use std::time::{Duration, Instant};

use monocloud_runtime::testing::{Endpoint, Fault, Provider};
use reqwest::{Client, Response, StatusCode};

use crate::relying_party::*;

async fn discovery(provider: &Provider) -> Response {
    http()
        .get(provider.url(Endpoint::Discovery))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_status_can_be_set() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Status(Endpoint::Discovery, 503));
    assert_eq!(
        discovery(&provider).await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        fetch(&provider, Endpoint::Jwks).await["keys"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    provider.clear_faults();
    assert_eq!(discovery(&provider).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn garbage_is_no_json() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Garbage(Endpoint::Discovery));
    let answer = discovery(&provider).await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body = answer.bytes().await.unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&body).is_err());
}

#[tokio::test]
async fn a_huge_answer_does_not_end() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Huge(Endpoint::Discovery));
    let mut answer = discovery(&provider).await;
    let mut read = 0;
    while read < 4 * 1024 * 1024 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }
    // One endless answer does not keep others from theirs.
    assert_eq!(
        fetch(&provider, Endpoint::Jwks).await["keys"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_slow_answer_comes_late_and_a_trickling_one_byte_by_byte() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Slow(Endpoint::Discovery, Duration::from_millis(300)));
    let asked = Instant::now();
    assert_eq!(discovery(&provider).await.status(), StatusCode::OK);
    assert!(asked.elapsed() >= Duration::from_millis(300));
    provider.clear_faults();

    provider.fault(Fault::Trickle(Endpoint::Discovery, Duration::from_millis(5)));
    let mut answer = discovery(&provider).await;
    let first = answer.chunk().await.unwrap().unwrap();
    assert!(first.len() < 8, "{} bytes at once", first.len());
    provider.fault(Fault::Trickle(Endpoint::Jwks, Duration::ZERO));
    assert_eq!(
        fetch(&provider, Endpoint::Jwks).await["keys"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_connection_can_be_cut() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Disconnect(Endpoint::Discovery));
    let answer = http().get(provider.url(Endpoint::Discovery)).send().await;
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(provider.calls(Endpoint::Discovery), 1);
}

#[tokio::test]
async fn who_follows_a_redirect_is_seen() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::Redirect(Endpoint::Discovery));
    assert_eq!(
        discovery(&provider).await.status(),
        StatusCode::TEMPORARY_REDIRECT
    );
    assert_eq!(provider.calls(Endpoint::Discovery), 1);
    let following = Client::builder().no_proxy().build().unwrap();
    let answer = following
        .get(provider.url(Endpoint::Discovery))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(provider.calls(Endpoint::Discovery), 3);
}

#[tokio::test]
async fn it_goes_away_and_comes_back_at_the_same_address() {
    let provider = Provider::builder().start().await.unwrap();
    let client = http();
    let url = provider.url(Endpoint::Jwks);
    let before = client.get(&url).send().await.unwrap().bytes().await.unwrap();
    // This answer would still come on a connection that outlives the listener.
    provider.fault(Fault::Slow(Endpoint::Discovery, Duration::from_mins(1)));
    let waiting = tokio::spawn(client.get(provider.url(Endpoint::Discovery)).send());
    while provider.calls(Endpoint::Discovery) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    provider.stop().await;
    assert!(waiting.await.unwrap().is_err());
    assert!(client.get(&url).send().await.unwrap_err().is_connect());
    provider.restart().await.unwrap();
    let after = client.get(&url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(before, after);
}

#[tokio::test]
async fn dropping_stops_it_and_a_port_can_be_chosen() {
    let provider = Provider::builder().start().await.unwrap();
    let url = provider.url(Endpoint::Discovery);
    let port = url::Url::parse(&url).unwrap().port().unwrap();
    assert!(Provider::builder().port(port).start().await.is_err());
    drop(provider);
    assert!(http().get(&url).send().await.unwrap_err().is_connect());
    let again = Provider::builder().port(port).start().await.unwrap();
    assert_eq!(again.url(Endpoint::Discovery), url);
}

#[tokio::test]
async fn a_closure_may_use_the_provider() {
    let provider = std::sync::Arc::new(Provider::builder().start().await.unwrap());
    let inner = std::sync::Arc::downgrade(&provider);
    provider.tamper_metadata(move |body| {
        let provider = inner.upgrade().unwrap();
        body["calls"] = provider.calls(Endpoint::Discovery).into();
    });
    assert_eq!(fetch(&provider, Endpoint::Discovery).await["calls"], 1);
}

#[tokio::test]
async fn it_starts_in_a_task_and_answers_while_the_clock_of_the_test_stands_still() {
    let provider = tokio::spawn(Provider::builder().start()).await.unwrap().unwrap();
    tokio::time::pause();
    provider.fault(Fault::Slow(Endpoint::Discovery, Duration::from_millis(50)));
    assert_eq!(discovery(&provider).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_done_may_be_answered_late_or_not_at_all() {
    let provider = Provider::builder().start().await.unwrap();
    let wait = Duration::from_millis(300);
    for fault in [
        Fault::LostAnswer(Endpoint::Token),
        Fault::Late(Endpoint::Token, wait),
    ] {
        let tokens = tokens(&provider, &[("scope", "openid offline_access")]).await;
        let refresh_token = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        provider.fault(fault.clone());
        let began = Instant::now();
        let answer = http()
            .post(provider.url(Endpoint::Token))
            .basic_auth(provider.client_id(), Some(provider.client_secret()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encode(&form))
            .send()
            .await;
        match fault {
            Fault::LostAnswer(_) => assert!(answer.is_err(), "nothing comes"),
            _ => assert!(answer.is_ok() && began.elapsed() >= wait, "{:?}", began.elapsed()),
        }
        provider.clear_faults();
        let (status, _) = token(&provider, &form).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "it was used: {fault:?}");
    }
}
