//! The provider changes its keys between two sign-ins.

use reqwest::Method;
use support::UserAgent;

use crate::site::{Client, Site, keys};

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_after_the_keys_have_changed() {
    let mut site = Site::start(Client::default()).await;
    let before = UserAgent::new();
    site.sign_in(&before, "/dashboard", "ada").await;

    site.peer.rotate(&keys("second"));
    let published = before
        .fetch(Method::GET, &format!("{}/jwks", site.peer.issuer))
        .await;
    assert!(!published.body.contains("first-RS256") && published.body.contains("second-RS256"));

    let after = UserAgent::new();
    let dashboard = site.sign_in(&after, "/dashboard", "ben").await;
    assert_eq!(dashboard.body, "dashboard of Ben Okri");
    let dashboard = site.visit(&before, "/dashboard").await;
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
}
