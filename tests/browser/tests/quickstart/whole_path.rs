//! From the home page to a guarded page, out again, and back as someone else.

use browser::Quickstart;
use serde_json::json;

use crate::SIGNED_OUT;
use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn home_dashboard_admin_api_and_sign_out() {
    let app = Quickstart::start();
    let browser = Browser::start().await;

    browser.open(&app.at("/")).await;
    assert!(browser.has(SIGN_IN).await, "{}", browser.text("body").await);
    let refused = (401, json!({ "message": "unauthorized" }));
    assert_eq!(browser.fetch_json("/api/me").await, refused);

    browser.click(r#"main a[href="/dashboard"]"#).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/dashboard")).await;
    assert!(browser.text("main").await.contains("Mira Adler"));
    let (status, me) = browser.fetch_json("/api/me").await;
    assert_eq!(
        (status, &me["sub"], &me["email"]),
        (200, &json!("mira"), &json!("mira@example.com"))
    );
    assert_eq!(browser.script("return document.cookie").await, json!(""));

    browser.open(&app.at("/admin")).await;
    assert_eq!(browser.status().await, 200);
    assert!(browser.text("main").await.contains("Mira Adler"));
    browser.open(&app.at("/")).await;
    assert!(browser.text("main").await.contains("Mira Adler"));

    browser.click(SIGN_OUT).await;
    browser.wait_for_start(&app.at(SIGNED_OUT)).await;
    assert!(browser.has(SIGN_IN).await, "{}", browser.text("body").await);
    assert_eq!(browser.fetch_json("/api/me").await, refused);

    // The provider has forgotten Mira too: it asks.
    browser.open(&app.at("/admin")).await;
    browser.choose("tomas").await;
    browser.wait_for(&app.at("/admin")).await;
    assert_eq!(browser.status().await, 403);
    // That page is the library's and lets no script ask anything.
    browser.open(&app.at("/")).await;
    assert_eq!(
        browser.fetch_json("/api/admin").await,
        (403, json!({ "message": "forbidden" }))
    );
    assert_eq!(browser.fetch_json("/api/me").await.1["sub"], "tomas");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_sign_in_comes_back_to_its_page() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.open(&app.at("/api")).await;
    browser.click(SIGN_IN).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/api")).await;
    assert!(browser.has(SIGN_OUT).await, "{}", browser.text("body").await);
}

const SIGN_IN: &str = r#"a[href*="/api/auth/signin?return_url="]"#;
const SIGN_OUT: &str = r#"a[href$="/api/auth/signout"]"#;
