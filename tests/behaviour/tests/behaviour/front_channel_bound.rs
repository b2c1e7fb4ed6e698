//! More front-channel logouts than are remembered: anybody can send them, so they push nothing out.

use crate::fixtures::{Answer, LogoutSite, assert_done, events, get, logged, post_logout, query_of};

const BOUND: usize = 50_000;

async fn frame(site: &LogoutSite, sid: &str, cookies: &str) -> Answer {
    let query = query_of(&[("iss", site.provider.issuer()), ("sid", sid)]);
    let headers = [("cookie", cookies)];
    let headers = if cookies.is_empty() { &[][..] } else { &headers };
    get(
        &site.app,
        &format!("/api/auth/frontchannel-logout{query}"),
        headers,
    )
    .await
}

async fn is_in(site: &LogoutSite, cookies: &str) -> bool {
    let page = get(&site.app, "/page", &[("cookie", cookies)]).await;
    page.status == 200
}

#[tokio::test]
async fn at_the_bound_more_is_refused_and_nobody_else_is_signed_out() {
    let site = LogoutSite::start().await;
    let (earlier, alive) = (site.signed_in("mira").await, site.signed_in("lin").await);
    let (owner, last) = (site.signed_in("lin").await, site.signed_in("lin").await);
    let sid = site.sid(&earlier);
    assert_eq!(frame(&site, &sid, "").await.status, 200);
    for number in 1..BOUND {
        let answer = frame(&site, &number.to_string(), "").await;
        assert_eq!(answer.status, 200, "{number}");
    }
    let own = site.sid(&alive);
    let ((answer, log), events) = events(logged(frame(&site, &own, ""))).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    assert!(
        log.contains("ERROR") && log.contains("back-channel logout"),
        "{log}"
    );
    assert_eq!(events[0], "ERROR monocloud.logout.front_channel_full");
    assert!(is_in(&site, &alive.cookies()).await, "who was told so: 503");
    assert!(!is_in(&site, &earlier.cookies()).await, "what came before holds");
    assert_eq!(frame(&site, &sid, "").await.status, 200, "and may come again");
    // The owner's browser says whose session it is, and needs none of that memory.
    let answer = frame(&site, &site.sid(&owner), &owner.cookies()).await;
    assert!(answer.cookie("session").unwrap().deletes(), "{answer:?}");
    assert!(!is_in(&site, &owner.cookies()).await, "nor does a copy live on");
    // What the issuer has signed has a room of its own.
    let token = site.provider.logout_token(None, Some(&site.sid(&last)));
    assert_done(&post_logout(&site.app, &token).await);
    assert!(!is_in(&site, &last.cookies()).await);
    assert!(is_in(&site, &alive.cookies()).await);
}
