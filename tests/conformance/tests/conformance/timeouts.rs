//! No answer takes longer than the response timeout in all, however the time is spent.

use std::time::{Duration, Instant};

use monocloud_runtime::testing::{Endpoint, Fault};
use support::{Page, UserAgent};

use crate::rp::{Rp, Setup};

const LIMIT: Duration = Duration::from_secs(2);
/// For a busy machine. Without the limit the answers below would take twice as long and more.
const MARGIN: Duration = Duration::from_millis(1_500);

async fn start() -> Rp {
    Setup::new()
        .settings(|settings| settings.response_timeout(LIMIT))
        .start()
        .await
}

fn slow(rp: &Rp, endpoint: Endpoint, wait: Duration) {
    rp.provider.fault(Fault::Slow(endpoint, wait));
}

async fn timed(page: impl Future<Output = Page>) -> (Page, Duration) {
    let start = Instant::now();
    let page = page.await;
    (page, start.elapsed())
}

/// Each call is within the limit, all of them together are not.
#[tokio::test]
async fn slow_endpoints_one_after_another_do_not_add_up() {
    let rp = start().await;
    let login = rp.begin(&rp.agent).await;
    for endpoint in [Endpoint::Token, Endpoint::Jwks, Endpoint::Userinfo] {
        slow(&rp, endpoint, Duration::from_millis(1_600));
    }
    let (page, took) = timed(rp.go_on(&rp.agent, login, "mira")).await;
    rp.assert_refused(&page, 503);
    assert!(took < LIMIT + MARGIN, "{took:?}");
}

/// All four calls in one answer: the app was started anew between authorization and callback.
#[tokio::test]
async fn not_even_when_the_metadata_is_to_be_fetched_too() {
    let clock = monocloud_runtime::testing::Clock::fixed(1_900_000_000);
    let rp = Setup::new()
        .clock(&clock)
        .settings(|settings| {
            settings
                .response_timeout(LIMIT)
                .metadata_cache(Duration::from_secs(1))
                .state_lifetime(
                    monocloud_runtime::settings::StateLifetime::new().duration(Duration::from_hours(3)),
                )
        })
        .start()
        .await;
    let login = rp.begin(&rp.agent).await;
    clock.advance(3601 + 60);
    for endpoint in [
        Endpoint::Discovery,
        Endpoint::Token,
        Endpoint::Jwks,
        Endpoint::Userinfo,
    ] {
        slow(&rp, endpoint, Duration::from_millis(1_200));
    }
    let login = rp.agent.visit(login.url.as_str()).await;
    let (page, took) = timed(rp.go_on(&rp.agent, login, "mira")).await;
    rp.assert_refused(&page, 503);
    assert!(took < LIMIT + MARGIN, "{took:?}");
    assert_eq!(rp.calls(Endpoint::Discovery), 2);
}

/// Slow, but in time, is no reason to refuse.
#[tokio::test]
async fn slow_endpoints_within_the_limit_sign_in() {
    let rp = start().await;
    for endpoint in [Endpoint::Token, Endpoint::Jwks, Endpoint::Userinfo] {
        slow(&rp, endpoint, Duration::from_millis(100));
    }
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

#[tokio::test]
async fn a_sign_in_does_not_wait_longer_for_the_metadata() {
    let rp = start().await;
    slow(&rp, Endpoint::Discovery, Duration::from_secs(30));
    let (page, took) = timed(rp.begin(&rp.agent)).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(took < LIMIT + MARGIN, "{took:?}");
}

/// A body may trickle for as long as it likes, each byte in time.
#[tokio::test]
async fn a_trickling_body_does_not_hold_an_answer_open() {
    let rp = start().await;
    rp.provider
        .fault(Fault::Trickle(Endpoint::Token, Duration::from_millis(100)));
    let (page, took) = timed(rp.sign_in()).await;
    rp.assert_refused(&page, 503);
    assert!(took < LIMIT + LIMIT + MARGIN, "{took:?}");
}

/// Whoever waits for a call that another request began waits no longer either.
#[tokio::test]
async fn those_who_share_a_call_wait_no_longer() {
    let rp = start().await;
    slow(&rp, Endpoint::Discovery, Duration::from_secs(30));
    let (first, second) = (UserAgent::new(), UserAgent::new());
    let later = async {
        tokio::time::sleep(LIMIT / 2).await;
        timed(rp.begin(&second)).await
    };
    let ((one, one_took), (other, other_took)) = tokio::join!(timed(rp.begin(&first)), later);
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (503, 503));
    assert!(one_took < LIMIT + MARGIN, "{one_took:?}");
    assert!(other_took < LIMIT + MARGIN, "{other_took:?}");
}

/// A slow issuer does not keep anybody signed in.
#[tokio::test]
async fn a_sign_out_goes_home_in_time_when_the_issuer_is_slow() {
    let clock = monocloud_runtime::testing::Clock::fixed(1_900_000_000);
    let rp = Setup::new()
        .clock(&clock)
        .settings(|settings| settings.response_timeout(LIMIT))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    slow(&rp, Endpoint::Discovery, Duration::from_secs(30));
    clock.advance(6);
    let (page, took) = timed(rp.agent.visit(&rp.app.at("/api/auth/signout"))).await;
    assert_eq!(page.body, "home: signed out", "{page:?}");
    assert!(!rp.has_session());
    assert!(took < LIMIT + MARGIN, "{took:?}");
}

#[tokio::test]
async fn a_refetch_of_userinfo_does_not_wait_longer() {
    let rp = start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    slow(&rp, Endpoint::Userinfo, Duration::from_secs(30));
    let refetch = rp.app.at("/api/auth/userinfo?refetch=true");
    let (page, took) = timed(rp.agent.fetch(http::Method::GET, &refetch)).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.header("retry-after").is_some());
    assert!(took < LIMIT + MARGIN, "{took:?}");
    assert!(rp.has_session());
}
