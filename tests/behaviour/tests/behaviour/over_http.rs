//! The whole path over real connections, as a browser goes it.

use http::Method;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{AuthParams, ResponseMode, SameSite, SessionCookie};
use monocloud_runtime::testing::Endpoint;
use monocloud_runtime::testing::Provider;
use support::{Page, Served, UserAgent, app, listen};

use crate::fixtures::{provider, settings_of, with_claims_of};

async fn site(
    provider: &Provider,
    set: impl FnOnce(monocloud_runtime::settings::Builder) -> monocloud_runtime::settings::Builder,
) -> Served {
    let listening = listen().await;
    let auth: MonoCloud = set(settings_of(provider).app_url(&listening.url))
        .build()
        .unwrap();
    listening.serve(app(&auth))
}

/// Names of the cookies that the app has set.
fn names(browser: &UserAgent, site: &Served) -> Vec<String> {
    browser
        .cookies(&site.url)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

async fn choose(browser: &UserAgent, page: &Page, user: &str) -> Page {
    browser.submit(page, &[("user", user)]).await
}

#[tokio::test]
async fn from_the_dashboard_to_the_issuer_and_back_and_out_again() {
    let provider = provider(Provider::builder()).await;
    let site = site(&provider, |settings| settings).await;
    let browser = UserAgent::new();
    assert_eq!(browser.visit(&site.at("/")).await.body, "home: signed out");
    assert_eq!(browser.fetch(Method::GET, &site.at("/api/me")).await.status, 401);

    let login = browser.visit(&site.at("/dashboard?tab=2")).await;
    assert!(login.url.as_str().starts_with(provider.issuer()), "{login:?}");
    let page = choose(&browser, &login, "lin").await;
    assert_eq!(page.url.as_str(), site.at("/dashboard?tab=2"));
    assert_eq!(page.body, "dashboard of Lin Sato");
    assert_eq!(browser.lasting_cookies(&site.url), ["session"]);

    assert_eq!(browser.visit(&site.at("/admin")).await.status, 403);
    let me = browser.fetch(Method::GET, &site.at("/api/me")).await;
    assert_eq!(
        (me.status.as_u16(), me.json()["name"].as_str().unwrap().to_owned()),
        (200, "Lin Sato".to_owned())
    );

    let out = browser.visit(&site.at("/api/auth/signout")).await;
    assert_eq!(
        (out.url.path(), out.body.as_str()),
        ("/", "home: signed out"),
        "{out:?}"
    );
    assert_eq!(provider.calls(Endpoint::EndSession), 1);
    assert!(names(&browser, &site).is_empty());
    // At the issuer too: it asks again.
    let login = browser.visit(&site.at("/admin")).await;
    let page = choose(&browser, &login, "mira").await;
    assert_eq!(page.body, "administration by Mira Adler");
}

#[tokio::test]
async fn two_tabs_and_another_person_at_once() {
    let provider = provider(Provider::builder()).await;
    let site = site(&provider, |settings| settings).await;
    let (browser, other) = (UserAgent::new(), UserAgent::new());
    let first = browser.visit(&site.at("/dashboard?first")).await;
    let second = browser.visit(&site.at("/dashboard?second")).await;
    let theirs = other.visit(&site.at("/dashboard")).await;
    assert_eq!(names(&browser, &site).len(), 2);
    let second = choose(&browser, &second, "mira").await;
    assert_eq!(second.url.query(), Some("second"));
    let theirs = choose(&other, &theirs, "tomas").await;
    assert_eq!(theirs.body, "dashboard of Tomas Okoro");
    let first = choose(&browser, &first, "mira").await;
    assert_eq!(
        (first.url.query(), first.body.as_str()),
        (Some("first"), "dashboard of Mira Adler")
    );
    assert_eq!(browser.lasting_cookies(&site.url), ["session"]);
}

#[tokio::test]
async fn nine_kilobytes_of_claims_go_over_real_headers() {
    let user = with_claims_of(9_000);
    let provider = provider(Provider::builder().user(user).claims_in_id_token(true)).await;
    let site = site(&provider, |settings| settings).await;
    let browser = UserAgent::new();
    let login = browser.visit(&site.at("/dashboard")).await;
    let page = choose(&browser, &login, "many").await;
    assert_eq!(page.body, "dashboard of Many Groups");
    assert!(names(&browser, &site).len() > 2);
    browser.visit(&site.at("/api/auth/signout")).await;
    assert!(names(&browser, &site).is_empty(), "no stray chunk");
}

#[tokio::test]
async fn a_strict_session_is_there_on_the_first_page_after_the_callback() {
    let provider = provider(Provider::builder()).await;
    let strict = SessionCookie::new().same_site(SameSite::Strict);
    let site = site(&provider, |settings| settings.session_cookie(strict)).await;
    let browser = UserAgent::new();
    let login = browser.visit(&site.at("/dashboard?tab=2")).await;
    let between = choose(&browser, &login, "mira").await;
    assert_eq!(
        (between.status.as_u16(), between.url.path()),
        (200, "/api/auth/callback")
    );
    let [link] = <[_; 1]>::try_from(between.links()).unwrap();
    let page = browser.follow(&between, &link).await;
    assert_eq!(
        (page.url.query(), page.body.as_str()),
        (Some("tab=2"), "dashboard of Mira Adler")
    );
}

#[tokio::test]
async fn a_posted_answer_comes_through_the_rules_for_cookies() {
    let provider = provider(Provider::builder()).await;
    let form_post = AuthParams::new().response_mode(ResponseMode::FormPost);
    let site = site(&provider, |settings| settings.auth_params(form_post)).await;
    let browser = UserAgent::new();
    let login = browser.visit(&site.at("/dashboard")).await;
    let form = choose(&browser, &login, "mira").await;
    let page = browser
        .submit(&form, &[("state", &value_of(&form, "state"))])
        .await;
    assert!(
        page.trail.iter().any(|url| url.path() == "/api/auth/callback"),
        "{page:?}"
    );
    // The session cookie is `Lax`, and the browser was sent here by a page of another site.
    let page = browser.visit(&site.at("/dashboard")).await;
    assert_eq!(page.body, "dashboard of Mira Adler");
}

fn value_of(page: &Page, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}
