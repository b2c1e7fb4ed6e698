//! Whom the issuer is told to expect where somebody has to sign in again: who is signed in, and nobody else.

use monocloud_runtime::testing::{MintedSession, ProviderUser, id_token};

use crate::fixtures::{Answer, Browser, lin, mira, open_session};
use crate::step_up::{Site, on_to_the_issuer};

fn hints(started: &Answer) -> (Option<String>, Option<String>) {
    (started.asked("login_hint"), started.asked("id_token_hint"))
}

/// Begins the step-up of `/strong` with this session.
async fn begun(site: &Site, session: MintedSession) -> Answer {
    let mut browser = Browser::with(&site.app, &session.cookie(&site.auth));
    let denied = browser.get("/strong").await;
    on_to_the_issuer(&mut browser, &denied).await
}

#[tokio::test]
async fn who_is_expected_is_told_by_a_name_or_by_the_id_token() {
    let site = Site::start().await;
    let (mut browser, _) = site.signed_in("lin").await;
    let session = open_session(&site.auth, &browser.cookies()).unwrap();
    let denied = browser.get("/strong").await;
    let started = on_to_the_issuer(&mut browser, &denied).await;
    let token = id_token(&session).map(str::to_owned);
    assert!(token.is_some());
    assert_eq!(hints(&started), (None, token));

    let told = |hint: &str| (Some(hint.to_owned()), None);
    for (user, hint) in [
        (mira().email("mira@example.com"), "mira@example.com"),
        (lin().claim("preferred_username", "lin.s"), "lin.s"),
        (
            lin()
                .email("lin@example.com")
                .claim("preferred_username", "lin.s"),
            "lin@example.com",
        ),
        (lin().claim("email", "").claim("preferred_username", ""), "lin"),
        (ProviderUser::new("a b&c=d"), "a b&c=d"),
    ] {
        let shown = format!("{user:?}");
        assert_eq!(
            hints(&begun(&site, MintedSession::new(user)).await),
            told(hint),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn nobody_is_expected_where_nobody_or_somebody_else_is_signed_in() {
    let site = Site::start().await;
    let mut nobody = Browser::new(&site.app);
    let denied = nobody.get("/strong").await;
    let started = on_to_the_issuer(&mut nobody, &denied).await;
    assert_eq!(hints(&started), (None, None));

    // A link that a page of mira's had, followed after lin signed in there.
    let cookie = |user| MintedSession::new(user).cookie(&site.auth);
    let denied = Browser::with(&site.app, &cookie(mira().email("mira@example.com")))
        .get("/strong")
        .await;
    let mut lins = Browser::with(&site.app, &cookie(lin().email("lin@example.com")));
    let started = on_to_the_issuer(&mut lins, &denied).await;
    assert_eq!(hints(&started), (None, None));
    assert_eq!(started.asked("acr_values").as_deref(), Some("urn:mfa urn:pin"));
}
