//! What the site's own code adds to a sign-in, and hears.

use monocloud_runtime::testing::Endpoint;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn a_session_keeps_how_somebody_came() {
    let site = Site::with("mira").await;
    let (_, session) = site.get("/api/session").await;
    assert_eq!(session["arrival"]["browser"], json!("unknown"), "{session}");
    let dashboard = site.open("/dashboard").await;
    assert!(dashboard.body.contains("Came with"), "{dashboard:?}");
}

#[tokio::test]
async fn who_may_not_come_in_reads_why() {
    let site = Site::start().await;
    let login = site.open("/api/auth/signin?register=true").await;
    let person = [("name", "Kim"), ("email", "kim@blocked.example")];
    let answer = site.submit(&login, &person).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(
        answer
            .body
            .contains("Accounts at blocked.example may not come in."),
        "{answer:?}"
    );
    assert_eq!(site.get("/api/me").await.0, 401);
}

#[tokio::test]
async fn who_says_no_at_the_issuer_reads_a_page_of_this_site() {
    let site = Site::start().await;
    let login = site.open("/dashboard").await;
    let answer = site.submit(&login, &[("action", "deny")]).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(
        answer.body.contains("You said no") && answer.body.contains("Showcase"),
        "{answer:?}"
    );
    let again = answer
        .links()
        .into_iter()
        .find(|link| link.contains("/api/auth/signin"));
    let login = site.follow(&answer, &again.unwrap()).await;
    assert!(
        site.choose(&login, "lin")
            .await
            .url
            .path()
            .ends_with("/dashboard")
    );
}

#[tokio::test]
async fn any_other_failure_is_a_page_of_the_library() {
    let site = Site::start().await;
    let page = site.open("/api/auth/callback?code=x&state=y").await;
    assert_eq!(page.status, 400);
    assert!(!page.body.contains("You said no"), "{page:?}");
}

#[tokio::test]
async fn admins_see_the_events_and_others_why_not() {
    let site = Site::with("tomas").await;
    let page = site.open("/events").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("This page is not for you"), "{page:?}");
    assert!(page.body.contains("Tomas Okoro"), "{page:?}");
    site.open("/go/sign-out").await;
    site.sign_in("mira").await;
    let page = site.open("/events").await;
    assert_eq!(page.status, 200);
    for part in [
        "tomas at /events: wrong group",
        "tomas: signed_out",
        "somebody at /dashboard: signed out",
        "<code>signed_in</code> <span>mira</span>",
    ] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    let nobody = Site::start().await;
    assert_eq!(nobody.get("/events").await.0, 401);
}

#[tokio::test]
async fn sign_outs_revoke() {
    let site = Site::with("mira").await;
    site.open("/go/sign-out").await;
    assert_eq!(site.provider.calls(Endpoint::Revocation), 1);
}

#[tokio::test]
async fn a_logout_that_the_issuer_begins_ends_the_session_and_is_heard_of() {
    let site = Site::with("tomas").await;
    site.provider.end_sessions_of("tomas").await;
    assert_eq!(site.get("/api/me").await.0, 401);
    site.sign_in("mira").await;
    let page = site.open("/events").await;
    assert!(page.body.contains("tomas: back_channel"), "{page:?}");
}
