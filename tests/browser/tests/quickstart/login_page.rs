//! What else the login page offers: to sign up, and to say no.

use browser::Quickstart;

use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_as_someone_new() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.open(&app.at("/")).await;
    browser
        .click(r#"a[href*="register"], a[href*="prompt=create"]"#)
        .await;
    browser.fill("form.sign-up input[name=name]", "Zoë O'Neill").await;
    browser
        .fill("form.sign-up input[name=email]", "zoe@example.com")
        .await;
    browser.fill("form.sign-up input[name=groups]", "admin").await;
    browser.click("form.sign-up button").await;
    browser.wait_for(&app.at("/")).await;
    assert!(browser.text("main").await.contains("Zoë O'Neill"));
    browser.open(&app.at("/admin")).await;
    assert_eq!(browser.status().await, 200);
    assert_eq!(browser.fetch_json("/api/me").await.1["email"], "zoe@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_no_can_think_again() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.open(&app.at("/dashboard")).await;
    browser.wait_for_login().await;
    browser.click("form.deny button").await;
    browser.wait_for_start(&app.at("/api/auth/callback?")).await;
    assert_eq!(browser.status().await, 400);
    let refusal = browser.tab().await;
    browser.new_tab().await;
    browser.open(&app.at("/")).await;
    assert_eq!(browser.fetch_json("/api/me").await.0, 401);

    browser.switch_to(&refusal).await;
    browser.click(r#"a[href*="/api/auth/signin"]"#).await;
    browser.choose("lin").await;
    browser.open(&app.at("/dashboard")).await;
    assert!(browser.text("main").await.contains("Lin Sato"));
}
