//! The showcase in a browser: a step-up that comes back, and the calls that its home page makes.

use std::sync::Arc;

use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::{Clock, Provider};
use showcase::{Events, for_embedded, with_hooks};
use support::{Served, listen};

use crate::browser::{Browser, Look};

struct Showcase {
    app: Served,
    clock: Clock,
    _provider: Provider,
}

impl Showcase {
    async fn start() -> Self {
        let clock = Clock::fixed(1_800_000_000);
        let issuers = clock.clone();
        let provider = Provider::builder()
            .clock(Arc::new(move || issuers.now()))
            .start()
            .await
            .unwrap();
        let listening = listen().await;
        let events = Events::default();
        let settings = MonoCloud::builder()
            .tenant_domain(provider.issuer())
            .client_id(provider.client_id())
            .client_secret(provider.client_secret())
            .cookie_secret("9d1e7c5b3a2f48606e8d0c1b2a394857f6e5d4c3b2a190817263544f3e2d1c0b")
            .app_url(&listening.url)
            .clock(clock.clone());
        let auth = with_hooks(for_embedded(settings, &listening.url), &events)
            .build()
            .unwrap();
        Self {
            app: listening.serve(showcase::app(&auth, events).unwrap()),
            clock,
            _provider: provider,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_up_comes_back_with_its_query() {
    let site = Showcase::start().await;
    let browser = Browser::start().await;
    let page = site.app.at("/step-up?tab=2&q=%26");
    browser.open(&page).await;
    browser.choose("lin").await;
    browser.wait_for(&page).await;
    assert_eq!(browser.text("h1").await, "Step-up");
    site.clock.advance(61);
    browser.open(&site.app.at("/dashboard")).await;
    assert_eq!(browser.text("h1").await, "Dashboard", "the session goes on");
    browser.open(&page).await;
    browser.choose("lin").await;
    browser.wait_for(&page).await;
    assert_eq!(browser.status().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_its_home_page_are_answered() {
    let site = Showcase::start().await;
    let browser = Browser::start().await;
    browser.open(&site.app.at("/dashboard")).await;
    browser.choose("mira").await;
    browser.wait_for(&site.app.at("/dashboard")).await;
    browser.open(&site.app.at("/")).await;
    let count = browser
        .script("return document.querySelectorAll('.call').length")
        .await;
    let count = count.as_u64().unwrap();
    assert!(count >= 10, "{count}");
    for at in 1..=count {
        let call = format!("section.call:nth-of-type({at})");
        browser.click(&format!("{call} button")).await;
        assert!(browser.has(&format!("{call} output:not(:empty)")).await);
        let (name, status) = (
            browser.text(&format!("{call} h3")).await,
            browser.text(&format!("{call} output")).await,
        );
        let expected = match name.lines().next() {
            Some("POST /api/orders") => "201",
            // The page's script has no access token.
            Some("GET /api/bearer") => "401",
            // Its sessions are in cookies.
            Some("GET /api/sessions") => "501",
            Some(call) if call.starts_with("DELETE") => "204",
            _ => "200",
        };
        assert_eq!(status, expected, "{name}");
    }
    browser.open(&site.app.at("/")).await;
    assert_eq!(browser.text("h1").await, "You are not signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_pages_fit_a_phone() {
    let site = Showcase::start().await;
    let browser = Browser::start().await;
    let look = Look {
        size: (390, 844),
        dark: true,
    };
    browser.emulate(look).await;
    browser.open(&site.app.at("/second-factor")).await;
    browser.choose("mira").await;
    browser.wait_for(&site.app.at("/second-factor")).await;
    for page in [
        "/second-factor",
        "/",
        "/dashboard",
        "/staff",
        "/sessions",
        "/events",
        "/nothing",
    ] {
        browser.open(&site.app.at(page)).await;
        let too_wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.script(too_wide).await, 0, "{page}");
        let name = page.trim_start_matches('/');
        browser.keep_picture(&format!("showcase-{name}.phone-dark")).await;
    }
}
