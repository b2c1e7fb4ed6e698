//! How the pages look: pictures for people, in tests/artefacts/browser, and what a program can tell of them.

use browser::Quickstart;

use crate::SIGNED_OUT;
use crate::browser::{Browser, Look};

const WIDE: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);

#[tokio::test(flavor = "multi_thread")]
async fn wide_and_light() {
    tour(
        "wide-light",
        Look {
            size: WIDE,
            dark: false,
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_and_dark() {
    tour(
        "wide-dark",
        Look {
            size: WIDE,
            dark: true,
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phone_and_light() {
    tour(
        "phone-light",
        Look {
            size: PHONE,
            dark: false,
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phone_and_dark() {
    tour(
        "phone-dark",
        Look {
            size: PHONE,
            dark: true,
        },
    )
    .await;
}

async fn tour(name: &str, look: Look) {
    let app = Quickstart::start();
    let browser = Browser::start().await;
    browser.emulate(look).await;
    let picture = async |page: &str| {
        browser.keep_picture(&format!("{page}.{name}")).await;
        fits_and_has_the_right_colours(&browser, page, look).await;
    };

    browser.open(&app.at("/")).await;
    picture("1-home").await;
    browser.open(&app.at("/api/auth/signin?register=true")).await;
    browser.has("form.sign-up").await;
    picture("2-sign-up").await;
    browser.open(&app.at("/dashboard")).await;
    browser.wait_for_login().await;
    picture("3-login").await;
    browser.click("form.deny button").await;
    browser.wait_for_start(&app.at("/api/auth/callback?")).await;
    picture("4-said-no").await;

    browser.open(&app.at("/admin")).await;
    browser.choose("tomas").await;
    browser.wait_for(&app.at("/admin")).await;
    picture("5-forbidden").await;
    browser.open(&app.at("/api/auth/signout")).await;
    browser.wait_for_start(&app.at(SIGNED_OUT)).await;

    browser.open(&app.at("/dashboard")).await;
    browser.choose("mira").await;
    browser.wait_for(&app.at("/dashboard")).await;
    picture("6-dashboard").await;
    browser.open(&app.at("/admin")).await;
    picture("7-admin").await;
    browser.open(&app.at("/")).await;
    picture("8-home-signed-in").await;
    browser.open(&app.at("/api")).await;
    browser.has("[data-path=\"/api/admin\"] pre:not(:empty)").await;
    picture("9-api").await;
    browser.open(&app.at("/nothing/here")).await;
    picture("10-not-found").await;
}

async fn fits_and_has_the_right_colours(browser: &Browser, page: &str, look: Look) {
    let too_wide = browser
        .script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await;
    assert_eq!(too_wide, 0, "{page} is wider than the screen by so many pixels");
    // What a script draws from the page's own background: the mean of red, green and blue.
    let brightness = browser
        .script(
            "const colour = e => getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number);
             let [r, g, b, a = 1] = colour(document.body);
             if (a === 0) [r, g, b, a = 1] = colour(document.documentElement);
             if (a === 0) return matchMedia('(prefers-color-scheme: dark)').matches ? 18 : 255;
             return (r + g + b) / 3",
        )
        .await
        .as_f64()
        .unwrap();
    assert_eq!(
        brightness < 128.0,
        look.dark,
        "the background of {page} is {brightness} of 255"
    );
}
