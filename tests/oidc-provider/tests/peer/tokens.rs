//! Refresh tokens that are replaced with every use, and what the provider does about one that comes back.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use monocloud_runtime::testing::{Clock, open_session, refresh_token};
use reqwest::Method;
use serde_json::json;
use support::UserAgent;

use crate::site::{Site, refreshes};

const REQUESTS: usize = 200;

/// How long the provider's access tokens last, in seconds.
const LIFETIME: i64 = 3_600;

async fn site() -> (Site, UserAgent) {
    let site = Site::with_refresh_tokens(json!({}), |app| app.revoke_on_sign_out(true)).await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    (site, agent)
}

/// The refresh token that this browser's cookies hold.
pub(crate) fn held(site: &Site, agent: &UserAgent) -> String {
    let cookies = agent.cookies(&site.app.url);
    let cookies: Vec<_> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let session = open_session(&site.auth, &cookies.join("; ")).expect("signed in");
    refresh_token(&session).expect("a refresh token").to_owned()
}

/// A browser with the same cookies.
fn copy(site: &Site, agent: &UserAgent) -> UserAgent {
    let copy = UserAgent::new();
    for (name, value) in agent.cookies(&site.app.url) {
        copy.set_cookie(&site.app.url, &format!("{name}={value}; Path=/"));
    }
    copy
}

/// The token endpoint's answer to a refresh by somebody who has the token and the client's secret.
async fn replay(site: &Site, token: &str) -> (u16, serde_json::Value) {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    site.call_provider("/token", &form).await
}

/// Within a second of a refresh its result serves.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(1_050)).await;
}

/// The session is over, for this browser and for every copy of its cookie, and the app said why.
async fn assert_ends(site: &Site, agent: &UserAgent) {
    let copy = copy(site, agent);
    let refused = site.tokens(agent, Method::POST, &[]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()),
        (401, json!({ "error": "refresh_refused" }))
    );
    for agent in [agent, &copy] {
        let refused = site.tokens(agent, Method::GET, &[]).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()),
            (401, json!({ "error": "no_session" }))
        );
        let me = agent.fetch(Method::GET, &site.app.at("/api/me")).await;
        assert_eq!(me.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_replaced_with_every_use() {
    let (mut site, agent) = site().await;
    let mut seen = BTreeSet::from([held(&site, &agent)]);
    for refresh in 1..=3 {
        let given = site.tokens(&agent, Method::POST, &[]).await;
        assert_eq!(given.status, 200, "{given:?}");
        assert!(seen.insert(held(&site, &agent)), "a new one each time");
        assert_eq!(refreshes(&mut site.peer), refresh);
        a_moment().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_are_one_refresh_and_never_look_like_theft() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let clock = Clock::fixed(i64::try_from(now.as_secs()).unwrap());
    let app_clock = clock.clone();
    let mut site = Site::with_refresh_tokens(json!({}), |app| app.clock(app_clock)).await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    // Cookies of two generations, whose access tokens have both expired.
    let before = copy(&site, &agent);
    site.tokens(&agent, Method::POST, &[]).await;
    clock.advance(LIFETIME);
    let requests = (0..REQUESTS).map(|number| {
        let agent = if number % 2 == 0 { &before } else { &agent };
        site.tokens(agent, Method::GET, &[])
    });
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let distinct: BTreeSet<_> = answers
        .iter()
        .map(|answer| answer.json()["access_token"].to_string())
        .collect();
    assert_eq!(distinct.len(), 1);
    assert_eq!(held(&site, &before), held(&site, &agent));
    let seen = site.peer.seen();
    let expected = ["authorization_code", "refresh_token", "refresh_token"];
    assert_eq!(seen, expected.map(|grant| format!("grant.success {grant}")));

    // The provider took none of them for stolen.
    a_moment().await;
    let after = site.tokens(&before, Method::POST, &[]).await;
    assert_eq!(
        (after.status.as_u16(), refreshes(&mut site.peer)),
        (200, 3),
        "{after:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_refresh_token_that_comes_back_ends_the_session() {
    let (mut site, agent) = site().await;
    let stolen = held(&site, &agent);
    site.tokens(&agent, Method::POST, &[]).await;
    let (status, answer) = replay(&site, &stolen).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    assert_eq!(site.peer.seen().last().unwrap(), "grant.error refresh_token");
    assert!(site.peer.seen().contains(&"grant.revoked token".to_owned()));
    a_moment().await;
    assert_ends(&site, &agent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_refresh_token_a_thief_used_first_ends_and_so_does_the_thief() {
    let (site, agent) = site().await;
    let (status, thief) = replay(&site, &held(&site, &agent)).await;
    assert_eq!(status, 200, "{thief}");
    assert_ends(&site, &agent).await;
    let (status, answer) = replay(&site, thief["refresh_token"].as_str().unwrap()).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_revokes_the_tokens_at_the_provider() {
    let (mut site, agent) = site().await;
    site.tokens(&agent, Method::POST, &[]).await;
    let latest = held(&site, &agent);
    let access = site.tokens(&agent, Method::GET, &[]).await.json()["access_token"].clone();
    // Before anybody answers the provider's own question.
    site.visit(&agent, "/api/auth/signout").await;
    assert_eq!(site.peer.seen().last().unwrap(), "grant.revoked revocation");
    let (status, answer) = replay(&site, &latest).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    let token = [("token", access.as_str().unwrap())];
    let (_, told) = site.call_provider("/token/introspection", &token).await;
    assert_eq!(told["active"], false);
}
