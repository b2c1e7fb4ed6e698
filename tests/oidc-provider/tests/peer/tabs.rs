//! Two tabs of one browser on their way at once.

use support::UserAgent;

use crate::site::{Client, Site, log_in};

#[tokio::test(flavor = "multi_thread")]
async fn both_tabs_finish_where_they_wanted_to_go() {
    let site = Site::start(Client::default()).await;
    let browser = UserAgent::new();
    let first = site.open_login(&browser, "/dashboard").await;
    let second = site.open_login(&browser, "/admin").await;

    let first = log_in(&browser, &first, "ada").await;
    let second = log_in(&browser, &second, "ada").await;
    let second = browser.submit(&second, &[]).await;
    site.assert_is_at(&second, "/admin");
    assert_eq!(second.body, "administration by Ada Byron");
    let first = browser.submit(&first, &[]).await;
    site.assert_is_at(&first, "/dashboard");
    assert_eq!(first.body, "dashboard of Ada Byron");
}
