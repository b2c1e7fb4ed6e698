//! Two tabs that sign in at once.

use browser::Quickstart;

use crate::SIGNED_OUT;
use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn both_tabs_finish_where_they_wanted_to_go() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    let first = browser.tab().await;
    browser.open(&app.at("/dashboard?tab=1")).await;
    browser.wait_for_login().await;
    let second = browser.new_tab().await;
    browser.open(&app.at("/admin?tab=2")).await;
    browser.wait_for_login().await;

    browser.switch_to(&first).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/dashboard?tab=1")).await;
    assert!(browser.text("main").await.contains("Mira Adler"));
    browser.switch_to(&second).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/admin?tab=2")).await;
    assert!(browser.text("main").await.contains("Mira Adler"));

    // One sign-out is for both.
    browser.open(&app.at("/api/auth/signout")).await;
    browser.wait_for_start(&app.at(SIGNED_OUT)).await;
    browser.switch_to(&first).await;
    browser.open(&app.at("/dashboard")).await;
    browser.wait_for_login().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_tab_may_finish_first_and_as_someone_else() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    let first = browser.tab().await;
    browser.open(&app.at("/dashboard")).await;
    browser.wait_for_login().await;
    let second = browser.new_tab().await;
    browser.open(&app.at("/admin")).await;
    browser.wait_for_login().await;
    browser.choose("tomas").await;
    browser.wait_for(&app.at("/admin")).await;
    assert_eq!(browser.status().await, 403);

    browser.switch_to(&first).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/dashboard")).await;
    assert!(browser.text("main").await.contains("Mira Adler"));
    browser.switch_to(&second).await;
    browser.open(&app.at("/admin")).await;
    assert_eq!(browser.status().await, 200);
}
