//! Whatever somebody writes into a return URL, the browser stays on the app's origin.
//!
//! The corpus and thousands of random strings made of its pieces go through every way in: the sign-in route
//! up to the end of the flow, `post_logout_url`, `HX-Current-URL`, `Referer`, and the request's own address.

use axum::Router;
use http::{HeaderValue, Method, Uri};
use monocloud_runtime::testing::Provider;
use monocloud_runtime::{MonoCloud, protect};
use url::form_urlencoded;

use crate::fixtures::{
    Browser, ORIGIN, Person, app, at_rest, call, get, parameter, provider, settings, settings_of,
};

const APP_URLS: [&str; 3] = [ORIGIN, "https://app.example.com", "https://example.com/app"];

const OWN_ROUTES: [&str; 4] = [
    "/api/auth/signin",
    "/api/auth/signout",
    "/api/auth/callback",
    "/api/auth/userinfo",
];

/// The strings of the corpus, and some that are too long for a file.
fn corpus() -> Vec<String> {
    let file = include_str!("../../corpus/return_urls.txt");
    let mut all: Vec<String> = file
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(unescaped)
        .collect();
    assert!(all.len() > 400, "the corpus is there");
    for length in [1_999, 2_000, 2_001, 8_000] {
        all.push(format!("//{}", "e".repeat(length)));
        all.push(format!("/{}", "/..".repeat(length / 3)));
        all.push(format!(
            "https://{}@evil.example/",
            "localhost:3000".repeat(length / 14)
        ));
        all.push("\u{9}/".repeat(length / 2));
        all.push("ü".repeat(length));
    }
    all
}

/// `\\` and `\u{9}`, as in Rust.
fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        rest = if let Some(code) = after.strip_prefix("u{") {
            let (code, behind) = code.split_once('}').unwrap();
            text.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            behind
        } else {
            text.push('\\');
            after.strip_prefix('\\').unwrap()
        };
    }
    text + rest
}

/// Where a browser on a page of the app would end, which must be there. `home` stands for the app itself.
fn assert_stays(auth: &MonoCloud, location: &str, given: &str) {
    let origin = auth.app_url().origin().ascii_serialization();
    let rest = location
        .strip_prefix(&origin)
        .unwrap_or_else(|| panic!("{given:?} leads to {location:?}"));
    assert!(
        rest.is_empty() || rest.starts_with('/'),
        "{given:?} leads to {location:?}"
    );
    assert!(!rest.starts_with("//"), "{given:?} leads to {location:?}");
    assert!(
        location.bytes().all(|byte| (0x21..0x7f).contains(&byte)),
        "{given:?} leads to {location:?}"
    );
    let resolved = auth.app_url().join(location).unwrap();
    assert_eq!(
        resolved.origin(),
        auth.app_url().origin(),
        "{given:?} leads to {location:?}"
    );
    assert_eq!(
        resolved.as_str().trim_end_matches('/'),
        location.trim_end_matches('/'),
        "{given:?}"
    );
    let path = resolved.path();
    let path = path
        .strip_prefix(auth.app_url().path().trim_end_matches('/'))
        .unwrap_or(path);
    assert!(
        !OWN_ROUTES.contains(&path.trim_end_matches('/')),
        "{given:?} leads to {location:?}"
    );
}

/// As a return URL that the sign-in route got: path, query and fragment.
fn assert_kept_here(auth: &MonoCloud, kept: &str, given: &str) {
    assert!(kept.starts_with('/'), "{given:?} is kept as {kept:?}");
    assert_stays(
        auth,
        &format!("{}{kept}", auth.app_url().origin().ascii_serialization()),
        given,
    );
    let relative = auth.app_url().join(kept).unwrap();
    assert_eq!(
        relative.origin(),
        auth.app_url().origin(),
        "{given:?} is kept as {kept:?}"
    );
    assert!(kept.len() <= 2_000, "{given:?} is kept as {kept:?}");
}

pub(crate) fn apps() -> Vec<(MonoCloud, Router)> {
    APP_URLS
        .iter()
        .map(|url| {
            let (auth, _) = at_rest(settings().app_url(*url).federated_sign_out(false));
            let app = app(&auth);
            (auth, app)
        })
        .collect()
}

pub(crate) async fn through_post_logout_url(auth: &MonoCloud, app: &Router, given: &str) {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("post_logout_url", given)
        .finish();
    let answer = get(app, &format!("/api/auth/signout?{query}"), &[]).await;
    assert_eq!(answer.status, 303, "{given:?}: {answer:?}");
    assert_stays(auth, answer.location(), given);
}

pub(crate) fn fits_a_header(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok()
}

pub(crate) async fn through_headers(auth: &MonoCloud, app: &Router, given: &str) {
    let htmx = get(app, "/page", &[("hx-request", "true"), ("hx-current-url", given)]).await;
    assert_eq!(htmx.status, 401, "{given:?}");
    let kept = parameter(htmx.header("hx-redirect").unwrap(), "return_url").unwrap();
    assert_kept_here(auth, &kept, given);

    let posted = call(app, Method::POST, "/page", &[("referer", given)]).await;
    assert_eq!(posted.status, 303, "{given:?}");
    assert_kept_here(auth, &posted.asked("return_url").unwrap(), given);
}

#[tokio::test]
async fn the_corpus_as_a_post_logout_url() {
    for (auth, app) in apps() {
        for given in corpus() {
            through_post_logout_url(&auth, &app, &given).await;
        }
    }
}

#[tokio::test]
async fn the_corpus_as_the_page_of_a_script_or_a_form() {
    for (auth, app) in apps() {
        let mut sent = 0;
        for given in corpus().iter().filter(|given| fits_a_header(given)) {
            through_headers(&auth, &app, given).await;
            sent += 1;
        }
        assert!(sent > 200, "{sent}");
    }
}

#[protect]
async fn everywhere() {}

#[tokio::test]
async fn the_corpus_as_the_address_of_a_guarded_page() {
    for (auth, _) in apps() {
        let app: Router = Router::new().fallback(everywhere).layer(auth.layer());
        let mut sent = 0;
        for given in corpus() {
            let path = if given.starts_with('/') {
                given.clone()
            } else {
                format!("/{given}")
            };
            if path.parse::<Uri>().is_ok() {
                let answer = get(&app, &path, &[]).await;
                assert_eq!(answer.status, 303, "{given:?}");
                assert_kept_here(&auth, &answer.asked("return_url").unwrap(), &given);
                sent += 1;
            }
        }
        assert!(sent > 200, "{sent}");
    }
}

/// The whole way, with one person who stays signed in at the issuer.
pub(crate) struct Flow {
    auth: MonoCloud,
    app: Router,
    issuer: Person,
    provider: Provider,
}

impl Flow {
    pub(crate) async fn new() -> Self {
        let provider = provider(Provider::builder()).await;
        let auth = settings_of(&provider).build().unwrap();
        Self {
            app: app(&auth),
            auth,
            issuer: Person::new(),
            provider,
        }
    }

    pub(crate) async fn end(&self, given: &str) {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("return_url", given)
            .finish();
        let mut browser = Browser::new(&self.app);
        let started = browser.start(&format!("?{query}")).await;
        let back = self
            .issuer
            .answer(&self.provider, started.location(), &[("user", "mira")])
            .await;
        let answer = browser.get(&back).await;
        assert_eq!(answer.status, 303, "{given:?}: {answer:?}");
        assert_stays(&self.auth, answer.location(), given);
    }
}

#[tokio::test]
async fn the_corpus_through_a_whole_sign_in() {
    let flow = Flow::new().await;
    for given in corpus() {
        flow.end(&given).await;
    }
}
