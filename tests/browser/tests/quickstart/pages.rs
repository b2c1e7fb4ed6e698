//! What all pages of the quickstart have: where one is, who one is, and an answer for every address.

use browser::Quickstart;
use serde_json::json;

use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn the_navigation_leads_to_pages_and_says_where_one_is() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.open(&app.at("/dashboard")).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/dashboard")).await;

    browser.open(&app.at("/")).await;
    let links = "return [...document.querySelectorAll('header a:not(.button), main a')]
        .map(link => link.getAttribute('href'))";
    let links = browser.script(links).await;
    let links: Vec<&str> = links
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|link| link.as_str())
        .collect();
    assert!(links.len() >= 7, "{links:?}");
    for link in links {
        browser.open(&app.at(link)).await;
        assert_eq!(browser.status().await, 200, "{link}");
        assert_eq!(
            browser.script("return document.contentType").await,
            "text/html",
            "{link}"
        );
        let current = "return [...document.querySelectorAll('[aria-current=page]')]
            .map(link => link.getAttribute('href'))";
        assert_eq!(browser.script(current).await, json!([link]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_says_who_is_signed_in() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.open(&app.at("/nothing/here")).await;
    assert!(!browser.text("header").await.contains("Mira"));
    browser.open(&app.at("/dashboard")).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/dashboard")).await;
    for page in ["/", "/dashboard", "/admin", "/api", "/nothing/here"] {
        browser.open(&app.at(page)).await;
        assert!(
            browser.text("header .session").await.contains("Mira Adler"),
            "{page}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_page_in_the_look_of_the_others() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    for nowhere in ["/nothing/here", "/api/nothing", "/dashboard/"] {
        browser.open(&app.at(nowhere)).await;
        assert_eq!(browser.status().await, 404, "{nowhere}");
        assert_eq!(browser.text("h1").await, "Page not found");
        assert_eq!(
            browser
                .script("return document.querySelector('[aria-current]')")
                .await,
            json!(null)
        );
    }
    browser.click("main a").await;
    browser.wait_for(&app.at("/")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_api_shows_what_a_script_gets() {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.open(&app.at("/api")).await;
    for (path, expected) in [("/api/me", "unauthorized"), ("/api/admin", "unauthorized")] {
        call(&browser, path, "401", expected).await;
    }
    browser.open(&app.at("/dashboard")).await;
    browser.choose("tomas").await;
    browser.wait_for(&app.at("/dashboard")).await;
    browser.open(&app.at("/api")).await;
    call(&browser, "/api/me", "200", "tomas@example.com").await;
    call(&browser, "/api/admin", "403", "forbidden").await;
}

/// What the page shows of one call, once it has been answered.
async fn call(browser: &Browser, path: &str, status: &str, expected: &str) {
    let card = format!(r#"[data-path="{path}"]"#);
    assert!(browser.has(&format!("{card} output:not(:empty)")).await, "{path}");
    assert_eq!(browser.text(&format!("{card} output")).await, status, "{path}");
    assert!(browser.has(&format!("{card} pre:not(:empty)")).await, "{path}");
    let body = browser.text(&format!("{card} pre")).await;
    assert!(body.contains(expected), "{path}: {body}");
}
