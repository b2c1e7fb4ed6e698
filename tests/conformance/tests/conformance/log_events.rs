//! The names of events are an interface: filters and alerts are built on them.

use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::Fault;

use crate::logging::collect;
use crate::rp::{Rp, Setup};

#[tokio::test]
async fn the_events_of_a_sign_in_and_a_sign_out_have_stable_names() {
    let log = collect();
    let rp = Rp::start().await;
    assert_eq!(
        log.events(),
        [
            "WARN monocloud.config.warning",
            "WARN monocloud.config.no_access_tokens"
        ],
        "the client's secret has a space, and another test's guard waits for tokens"
    );
    rp.agent.visit(&rp.app.at("/")).await;
    assert_eq!(log.events(), [""; 0]);
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert_eq!(
        log.events(),
        [
            "INFO monocloud.denied",
            "DEBUG monocloud.metadata.fetched",
            "INFO monocloud.sign_in.started",
        ]
    );
    let page = rp.go_on(&rp.agent, page, "mira").await;
    rp.assert_signed_in(&page);
    assert_eq!(
        log.events(),
        ["DEBUG monocloud.keys.fetched", "INFO monocloud.sign_in.completed"]
    );
    rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert_eq!(log.events(), [""; 0]);
    rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    let events = log.events();
    assert_eq!(events[0], "INFO monocloud.sign_out");
    assert!(
        events[1..]
            .iter()
            .all(|event| event == "DEBUG monocloud.metadata.fetched")
    );
}

#[tokio::test]
async fn the_events_of_failures_have_stable_names() {
    let log = collect();
    let clock = Clock::fixed(1_900_000_000);
    let rp = Setup::new().clock(&clock).start().await;
    rp.provider.fault(Fault::WrongNonce);
    rp.sign_in().await;
    let events = log.events();
    assert_eq!(events.last().unwrap(), "WARN monocloud.route.failed");
    rp.provider.clear_faults();
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    log.events();
    rp.provider.stop().await;
    clock.advance(6);
    rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(
        log.events(),
        [
            "INFO monocloud.sign_out",
            "WARN monocloud.sign_out.issuer_unreachable"
        ]
    );
}
