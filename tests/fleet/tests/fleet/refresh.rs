//! One refresh in the fleet.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use stores::Server;
use support::UserAgent;

use crate::mode::Mode;
use crate::site::{Fleet, Setup};

in_each_mode!(five_hundred_requests_at_token_expiry_are_one_refresh_and_sign_nobody_out);

const REQUESTS: usize = 500;

async fn five_hundred_requests_at_token_expiry_are_one_refresh_and_sign_nobody_out(mode: Mode) {
    let redis = Server::start();
    let mut fleet = Fleet::start(Setup::patient(mode, &redis)).await;
    fleet.peer.access_token_lifetime(2);
    let agent = UserAgent::new();
    fleet.sign_in(&agent, "ada-byron").await;
    let first = fleet.gate.tokens().len();
    fleet.peer.access_token_lifetime(3_600);
    tokio::time::sleep(Duration::from_millis(2_500)).await;

    let requests = (0..REQUESTS).map(|number| {
        let (agent, url) = (&agent, fleet.processes[number % 3].at("/api/tokens?"));
        async move { agent.fetch(Method::GET, &url).await }
    });
    let answers = join_all(requests).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(refused.is_empty(), "{} of them: {:?}", refused.len(), refused[0]);
    let distinct: BTreeSet<_> = answers
        .iter()
        .map(|answer| answer.json()["access_token"].to_string())
        .collect();
    assert_eq!(distinct.len(), 1);
    assert_eq!(fleet.refreshes(), 1);
    assert_eq!(fleet.gate.tokens().len(), first + 1, "nobody else asked");

    // The provider took none of them for stolen, and what it gave is with all.
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let again = fleet.refresh(&agent).await;
    assert_eq!((again.status.as_u16(), fleet.refreshes()), (200, 2), "{again:?}");
    for at in 0..3 {
        let given = fleet.tokens(&agent, at).await;
        assert_eq!(
            given.json()["access_token"],
            again.json()["access_token"],
            "{given:?}"
        );
    }
    assert_eq!(fleet.ask(&agent).await, [200; 3]);
}
