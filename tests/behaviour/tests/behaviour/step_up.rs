//! Guards that ask how and when somebody signed in: the browser signs in again and comes back to where it was.

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get as on_get};
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Clock, MintedSession, Provider, ProviderUser};
use monocloud_runtime::{MonoCloud, Session, User, monocloud_routes, protect, protect_api};

use crate::fixtures::{Answer, Browser, ORIGIN, Person, get, lin, mira, provider, settings_of};

pub(crate) const NOW: i64 = 1_800_000_000;

#[protect(max_age = 300)]
async fn fresh(user: User) -> String {
    format!("fresh page of {}", user.sub())
}

#[protect(acr_values = ["urn:mfa", "urn:pin"])]
async fn strong(session: Session) -> String {
    format!("strong page by {}", session.acr().unwrap_or_default())
}

#[protect(max_age = 60, acr_values = ["urn:mfa"], groups = ["admin"], return_url = "/elsewhere")]
async fn both(user: User) -> String {
    format!("secrets of {}", user.sub())
}

#[protect_api(max_age = 60, acr_values = ["urn:mfa", "urn:pin"])]
async fn api(user: User) -> String {
    format!("answer for {}", user.sub())
}

#[protect_api(max_age = 300)]
async fn fresh_api(user: User) -> String {
    format!("fresh answer for {}", user.sub())
}

/// The application, its issuer, and one clock for both.
pub(crate) struct Site {
    pub(crate) provider: Provider,
    pub(crate) auth: MonoCloud,
    pub(crate) clock: Clock,
    pub(crate) app: Router,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(|settings| settings).await
    }

    pub(crate) async fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Clock::fixed(NOW);
        let issuers = clock.clone();
        let mira = mira().email("mira@example.com");
        let builder = Provider::builder()
            .users([mira, lin(), ProviderUser::new("pia").acr("urn:pin")])
            .clock(Arc::new(move || issuers.now()));
        let provider = provider(builder).await;
        let auth = change(settings_of(&provider).clock(clock.clone()))
            .build()
            .unwrap();
        let app = Router::new()
            .route(
                "/",
                on_get(async |user: Option<User>| {
                    user.map_or_else(String::new, |user| user.sub().to_owned())
                }),
            )
            .route("/fresh", any(fresh))
            .route("/strong", any(strong))
            .route("/both", any(both))
            .route("/api", any(api))
            .route("/api/fresh", any(fresh_api))
            .merge(monocloud_routes!(auth))
            .layer(auth.layer());
        Self {
            provider,
            auth,
            clock,
            app,
        }
    }

    /// Someone who has signed in here and at the issuer.
    pub(crate) async fn signed_in(&self, user: &str) -> (Browser, Person) {
        let (mut browser, person) = (Browser::new(&self.app), Person::new());
        let started = browser.start("").await;
        let callback = person
            .answer(&self.provider, started.location(), &[("user", user)])
            .await;
        assert_eq!(browser.get(&callback).await.status, 303);
        (browser, person)
    }

    fn minted(&self, session: MintedSession) -> String {
        session.cookie(&self.auth)
    }

    async fn asks(&self, path: &str, session: MintedSession) -> Answer {
        get(&self.app, path, &[("cookie", &self.minted(session))]).await
    }
}

/// Follows a guard's redirect through the sign-in route to the issuer.
pub(crate) async fn on_to_the_issuer(browser: &mut Browser, denied: &Answer) -> Answer {
    assert_eq!(denied.status, 303, "{denied:?}");
    let started = browser.get(denied.location().strip_prefix(ORIGIN).unwrap()).await;
    assert_eq!(started.status, 303, "{started:?}");
    started
}

#[tokio::test]
async fn a_page_that_wants_a_fresh_sign_in_resumes_with_its_query() {
    let site = Site::start().await;
    let (mut browser, person) = site.signed_in("mira").await;
    let asked = "/fresh?a=1&next=https://x.example/%2F?&b=%26#no";
    let asked = asked.split('#').next().unwrap();
    assert_eq!(browser.get(asked).await.body, "fresh page of mira");
    site.clock.advance(300);
    assert_eq!(browser.get(asked).await.status, 200, "the last second counts");
    site.clock.advance(1);
    let denied = browser.get(asked).await;
    assert!(
        denied
            .location()
            .starts_with(&format!("{ORIGIN}/api/auth/signin?sealed=")),
        "{denied:?}"
    );
    let started = on_to_the_issuer(&mut browser, &denied).await;
    assert_eq!(started.asked("max_age").as_deref(), Some("300"));
    assert_eq!(started.asked("login_hint").as_deref(), Some("mira@example.com"));
    let callback = person
        .answer(&site.provider, started.location(), &[("user", "mira")])
        .await;
    let back = browser.get(&callback).await;
    assert_eq!(back.location(), format!("{ORIGIN}{asked}"));
    assert_eq!(browser.get(asked).await.body, "fresh page of mira");
}

#[tokio::test]
async fn a_page_that_wants_a_class_of_authentication_asks_for_any_of_the_list() {
    let site = Site::start().await;
    let (mut browser, person) = site.signed_in("mira").await;
    let denied = browser.get("/strong").await;
    let started = on_to_the_issuer(&mut browser, &denied).await;
    assert_eq!(started.asked("acr_values").as_deref(), Some("urn:mfa urn:pin"));
    assert_eq!(started.asked("max_age"), None);
    let callback = person
        .answer(&site.provider, started.location(), &[("user", "mira")])
        .await;
    assert_eq!(
        browser.get(&callback).await.location(),
        format!("{ORIGIN}/strong")
    );
    assert_eq!(browser.get("/strong").await.body, "strong page by urn:mfa");
}

#[tokio::test]
async fn the_class_is_compared_to_the_letter_and_none_is_no() {
    let site = Site::start().await;
    for good in ["urn:mfa", "urn:pin"] {
        let answer = site.asks("/strong", MintedSession::new(mira()).acr(good)).await;
        assert_eq!(answer.body, format!("strong page by {good}"));
    }
    for bad in [
        "URN:MFA",
        "urn:mfa ",
        "urn:mf",
        "urn:mfa urn:pin",
        "urn:pins",
        "0",
    ] {
        assert_eq!(
            site.asks("/strong", MintedSession::new(mira()).acr(bad))
                .await
                .status,
            303,
            "{bad}"
        );
    }
    assert_eq!(site.asks("/strong", MintedSession::new(mira())).await.status, 303);
    // A claim that the session shows is not what its sign-in proved.
    let shown = MintedSession::new(mira().claim("acr", "urn:mfa"));
    assert_eq!(site.asks("/strong", shown).await.status, 303);
}

#[tokio::test]
async fn a_time_that_is_not_known_or_far_ahead_is_no() {
    let site = Site::start().await;
    let of = || MintedSession::new(mira());
    for (session, status) in [
        (of(), 200),
        (of().auth_time(NOW - 300), 200),
        (of().auth_time(NOW - 301), 303),
        (of().auth_time(0), 303),
        (of().auth_time(i64::MIN + 1), 303),
        (of().without_auth_time(), 303),
        // The issuer's clock is a little before this one.
        (of().auth_time(NOW + 60), 200),
        (of().auth_time(NOW + 61), 303),
        (of().auth_time(i64::MAX), 303),
    ] {
        let shown = format!("{session:?}");
        assert_eq!(site.asks("/fresh", session).await.status, status, "{shown}");
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_makes_nothing_last_longer() {
    let site = Site::start().await;
    let cookie = site.minted(MintedSession::new(mira()).auth_time(NOW + 60));
    site.clock.advance(300);
    assert_eq!(get(&site.app, "/fresh", &[("cookie", &cookie)]).await.status, 200);
    site.clock.advance(1);
    assert_eq!(get(&site.app, "/fresh", &[("cookie", &cookie)]).await.status, 303);
}

#[tokio::test]
async fn the_skew_of_the_settings_counts_and_their_tolerance_does_not() {
    let an_hour = std::time::Duration::from_hours(1);
    let tolerant = Site::with(|settings| settings.clock_tolerance(an_hour)).await;
    let session = || MintedSession::new(mira()).auth_time(NOW - 301);
    assert_eq!(tolerant.asks("/fresh", session()).await.status, 303);
    let skewed = Site::with(|settings| settings.clock_skew(-1)).await;
    assert_eq!(skewed.asks("/fresh", session()).await.status, 200);
}

#[tokio::test]
async fn nobody_signs_in_again_for_a_page_of_another_group() {
    let site = Site::start().await;
    let answer = site.asks("/both", MintedSession::new(lin()).auth_time(0)).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let answer = site.asks("/both", MintedSession::new(mira()).auth_time(0)).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

#[tokio::test]
async fn who_is_signed_out_signs_in_as_the_page_asks_at_once() {
    let site = Site::start().await;
    let mut browser = Browser::new(&site.app);
    let denied = browser.get("/both?x=1").await;
    let started = on_to_the_issuer(&mut browser, &denied).await;
    assert_eq!(started.asked("max_age").as_deref(), Some("60"));
    assert_eq!(started.asked("acr_values").as_deref(), Some("urn:mfa"));
    assert_eq!(started.asked("login_hint"), None, "anyone may sign in");
    let callback = Person::new()
        .answer(&site.provider, started.location(), &[("user", "mira")])
        .await;
    let back = browser.get(&callback).await;
    assert_eq!(back.location(), format!("{ORIGIN}/elsewhere"));
    assert_eq!(browser.get("/both").await.body, "secrets of mira");
}
