//! What the ID token of a refresh says of the person is what the session shows from then on.

use monocloud_runtime::testing::Fault;
use serde_json::{Value, json};

use crate::fixtures::{Site, get, open_session, tokens_app};

/// Without userinfo: the ID token tells everything.
async fn site() -> Site {
    Site::with(
        |provider| provider.claims_in_id_token(true).groups_claim(true),
        |settings| settings.fetch_user_info(false),
    )
    .await
}

fn told(site: &Site, claim: &'static str, value: Value) {
    site.provider.tamper_id_token(move |_, claims| {
        claims.insert(claim.to_owned(), value.clone());
    });
}

#[tokio::test]
async fn who_was_taken_out_of_a_group_is_out_after_a_refresh() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let mut site = site().await;
    assert!(site.session().unwrap().user().is_in_group("admin"));
    let older = site.browser.cookies();
    told(&site, "groups", json!(["editor"]));
    told(&site, "name", json!("Mira Berg"));
    site.expire();
    site.tokens("").await;
    let session = site.session().unwrap();
    assert!(!session.user().is_in_group("admin"));
    assert_eq!(session.user().name(), Some("Mira Berg"));

    // A request that was sent with the cookie of before sees the same.
    let answer = get(&tokens_app(&site.auth), "/page", &[("cookie", &older)]).await;
    let cookie = answer.cookie("session").expect("the newer session");
    let seen = format!("session={}", cookie.value);
    let seen = open_session(&site.auth, &seen).unwrap();
    assert!(!seen.user().is_in_group("admin"));
}

#[tokio::test]
async fn what_an_id_token_leaves_out_or_says_again_changes_nothing() {
    let mut site = site().await;
    let before = site.session().unwrap();
    site.provider.tamper_id_token(|_, claims| {
        claims.remove("groups");
        claims.insert("name".to_owned(), Value::Null);
    });
    site.expire();
    site.tokens("").await;
    site.provider.clear_faults();
    site.provider.fault(Fault::NoIdToken);
    site.expire();
    site.tokens("").await;
    let after = site.session().unwrap();
    assert_eq!(after.user().to_claims(), before.user().to_claims());
}

#[tokio::test]
async fn a_refresh_shortens_the_session_and_never_prolongs_it() {
    if crate::IN_STORE {
        return; // It is about what is in the cookies.
    }
    let mut site = site().await;
    let (began, before) = (site.clock.now(), site.session().unwrap());
    let mut ends_at = before.expires_at();
    let older = site.browser.cookies();
    for (told, becomes) in [(20, 20), (30, 20), (10, 10), (400, 10)] {
        let expiry = began + told * 3_600;
        self::told(&site, "session_expiry", json!(expiry));
        site.expire();
        site.tokens("").await;
        ends_at = ends_at.min(began + becomes * 3_600);
        let session = site.session().unwrap();
        assert_eq!(session.expires_at(), ends_at, "{told} hours");
        assert_eq!(
            (session.created_at(), session.auth_time()),
            (before.created_at(), before.auth_time())
        );
        // A copy from before ends no later.
        let answer = get(&tokens_app(&site.auth), "/page", &[("cookie", &older)]).await;
        let seen = format!("session={}", answer.cookie("session").unwrap().value);
        let seen = open_session(&site.auth, &seen).unwrap();
        assert_eq!(seen.expires_at(), ends_at, "{told} hours");
    }
    site.clock.advance(6 * 3_600);
    assert_eq!(site.browser.get("/page").await.status, 303);

    // Over already: so is the session, from now on.
    let mut site = self::site().await;
    told(&site, "session_expiry", json!(site.clock.now()));
    site.expire();
    site.browser.get("/tokens").await;
    assert_eq!(site.browser.get("/page").await.status, 303);
}

#[tokio::test]
async fn what_userinfo_told_stays_and_so_does_what_is_filtered() {
    let mut site = Site::with(
        |provider| provider.claims_in_id_token(true),
        |settings| {
            settings.filtered_id_token_claims([
                "iss",
                "exp",
                "nbf",
                "aud",
                "nonce",
                "iat",
                "auth_time",
                "secret",
            ])
        },
    )
    .await;
    let name = site.session().unwrap().user().name().map(str::to_owned);
    told(&site, "name", json!("Somebody Else"));
    told(&site, "secret", json!("not for pages"));
    told(&site, "locale", json!("pt"));
    site.expire();
    site.tokens("").await;
    let user = site.session().unwrap().user().clone();
    assert_eq!(user.name(), name.as_deref());
    assert_eq!(user.claim("secret"), None);
    assert_eq!(user.claim_str("locale"), Some("pt"));
}
