//! Logouts that break off before they are done.

use super::faulty::{Call, Lost};
use super::fleet::Fleet;
use super::logout::FRONT_CHANNEL;
use crate::fixtures::{assert_done, assert_refused, get, post_logout, query_of};

/// Too many values that are used once are no reason to let anybody in.
#[tokio::test]
async fn a_logout_ends_sessions_though_its_token_cannot_be_claimed() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let browser = process.sign_in(&fleet, "mira").await;
        let token = fleet.provider.logout_token(None, Some(&process.sid(&browser)));
        process.store.lose(Call::Claim, Lost::Before);
        assert_refused(&post_logout(&process.app, &token).await);
        fleet.is_over(&browser.cookies(), [&process, &other]).await;
        // The issuer tries again.
        assert_done(&post_logout(&process.app, &token).await);
    }
}

#[tokio::test]
async fn a_logout_that_has_begun_goes_on_when_its_frame_is_gone() {
    for fleet in Fleet::both().await {
        let (process, other) = (fleet.process(), fleet.process());
        let browser = process.sign_in(&fleet, "mira").await;
        let sid = process.sid(&browser);
        let query = query_of(&[("iss", fleet.provider.issuer()), ("sid", &sid)]);
        let gate = process.store.gate(fleet.logging_out());
        let app = process.app.clone();
        let frame = tokio::spawn(async move { get(&app, &format!("{FRONT_CHANNEL}{query}"), &[]).await });
        gate.arrived().await;
        frame.abort();
        assert!(frame.await.is_err());
        gate.open();
        super::eventually(async || !other.lets_in(&browser.cookies()).await).await;
        fleet.is_over(&browser.cookies(), [&process, &other]).await;
    }
}
