//! What comes back from a sign-in that a guard asked for: it proves what was asked, or the person reads so.

use monocloud_runtime::settings::AuthParams;
use monocloud_runtime::testing::{Endpoint, Fault, MintedSession};

use crate::fixtures::{Browser, ORIGIN, Person, logged, mira};
use crate::step_up::{Site, on_to_the_issuer};

#[tokio::test]
async fn another_account_is_signed_in_and_ends_on_the_start_page() {
    let site = Site::start().await;
    let (mut browser, _) = site.signed_in("mira").await;
    let denied = browser.get("/strong?of=mira").await;
    let started = on_to_the_issuer(&mut browser, &denied).await;
    // Whatever that account proves, it is nothing that was asked of it.
    site.provider.fault(Fault::IgnoreStepUp);
    let callback = Person::new()
        .answer(&site.provider, started.location(), &[("user", "lin")])
        .await;
    let back = browser.get(&callback).await;
    assert_eq!(
        (back.status.as_u16(), back.location()),
        (303, &*format!("{ORIGIN}/"))
    );
    assert_eq!(browser.get("/").await.body, "lin");
    assert_eq!(
        browser.get("/strong").await.status,
        303,
        "nothing was proved for this page"
    );
}

#[tokio::test]
async fn what_is_not_confirmed_is_a_page_and_leaves_everything_as_it_was() {
    for (path, wanted) in [
        ("/fresh?x=1", "MONOCLOUD_AUTH_CLOCK_SKEW"),
        ("/strong", "urn:mfa urn:pin"),
    ] {
        let site = Site::start().await;
        let (mut browser, person) = site.signed_in("mira").await;
        site.clock.advance(400);
        site.provider.fault(Fault::IgnoreStepUp);
        let denied = browser.get(path).await;
        let started = on_to_the_issuer(&mut browser, &denied).await;
        let callback = person.answer(&site.provider, started.location(), &[]).await;
        let session = browser.jar.iter().find(|(name, _)| name == "session").cloned();
        let (answer, log) = logged(browser.get(&callback)).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.header("location"), None);
        assert!(answer.body.contains("Could not confirm"), "{answer:?}");
        assert!(
            !answer.body.contains("auth_time") && !answer.body.contains("urn:"),
            "{answer:?}"
        );
        assert!(log.contains("not_confirmed") && log.contains(wanted), "{log}");
        assert_eq!(
            browser.jar.iter().find(|(name, _)| name == "session").cloned(),
            session
        );
        assert_eq!(browser.get("/").await.body, "mira", "still signed in");
        assert_eq!(site.provider.calls(Endpoint::Userinfo), 1, "of the first sign-in");

        // The page's link asks for a login, and then the issuer cannot pass it over.
        site.provider.clear_faults();
        let (_, link) = answer
            .body
            .split_once(&format!("href=\"{ORIGIN}/api/auth/signin?sealed="))
            .unwrap();
        let link = link.split('"').next().unwrap();
        let started = browser.get(&format!("/api/auth/signin?sealed={link}")).await;
        assert_eq!(started.asked("prompt").as_deref(), Some("login"));
        let callback = person
            .answer(&site.provider, started.location(), &[("user", "mira")])
            .await;
        assert_eq!(browser.get(&callback).await.location(), format!("{ORIGIN}{path}"));
        assert_eq!(browser.get(path).await.status, 200);
    }
}

#[tokio::test]
async fn a_sign_in_without_a_page_never_confirms_anything() {
    let silent = AuthParams::new().prompt("none");
    for allowed in [false, true] {
        let silent = silent.clone();
        let site =
            Site::with(|settings| settings.auth_params(silent).allow_query_param_overrides(allowed)).await;
        let cookie = MintedSession::new(mira()).auth_time(0).cookie(&site.auth);
        let mut browser = Browser::with(&site.app, &cookie);
        let denied = browser.get("/fresh").await;
        let sealed = denied.location().strip_prefix(ORIGIN).unwrap();
        for more in ["", "&prompt=none", "&max_age=9999999&acr_values=other"] {
            let started = browser.get(&format!("{sealed}{more}")).await;
            assert_eq!(started.asked("prompt"), None, "{more}");
            assert_eq!(started.asked("max_age").as_deref(), Some("300"), "{more}");
        }
    }
}

#[tokio::test]
async fn who_goes_round_without_an_end_is_stopped() {
    let site = Site::start().await;
    let (mut browser, person) = site.signed_in("mira").await;
    site.clock.advance(301);
    let old = browser
        .jar
        .iter()
        .find(|(name, _)| name == "session")
        .cloned()
        .unwrap();
    for round in 0..4 {
        let denied = browser.get("/fresh").await;
        let answer = browser.get(denied.location().strip_prefix(ORIGIN).unwrap()).await;
        if answer.status == 400 {
            assert_eq!(round, 3, "three times is enough");
            return;
        }
        let callback = person
            .answer(&site.provider, answer.location(), &[("user", "mira")])
            .await;
        assert_eq!(browser.get(&callback).await.status, 303);
        // The browser drops what it was given, and keeps what it had.
        browser.jar.retain(|(name, _)| !name.starts_with("session"));
        browser.jar.push(old.clone());
    }
    panic!("no end");
}
