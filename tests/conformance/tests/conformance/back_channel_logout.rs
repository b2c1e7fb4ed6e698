//! The back-channel logout plan: each module by its name, without `oidcc-client-test`. A logout token is sent while the
//! application's own sign-out is under way, so that the session is over already.

use monocloud_runtime::testing::{Fault, LogoutAnswer, LogoutTokenFault, SigningAlg};

use crate::rp::{Rp, Setup};

/// RS256, as the plans register their clients.
async fn start() -> Rp {
    Setup::new().alg(SigningAlg::Rs256).back_channel().start().await
}

/// What the application answers to the logout token that its own sign-out brings.
async fn rp_init_logout(rp: &Rp) -> LogoutAnswer {
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let before = rp.provider.logout_answers().len();
    let page = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
    assert_eq!(
        (page.status.as_u16(), page.body.as_str()),
        (200, "home: signed out")
    );
    let answers = rp.provider.logout_answers();
    assert_eq!(answers.len(), before + 1);
    answers[before].clone()
}

#[track_caller]
fn assert_answer(answer: &LogoutAnswer, status: u16) {
    assert_eq!(answer.status().unwrap().as_u16(), status);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

async fn refuses(fault: LogoutTokenFault) {
    let rp = start().await;
    rp.provider.fault(Fault::LogoutToken(fault));
    assert_answer(&rp_init_logout(&rp).await, 400);
    // It would have ended nothing either.
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let answers = rp.provider.end_sessions_of("mira").await;
    assert!(!answers.is_empty());
    for answer in &answers {
        assert_answer(answer, 400);
    }
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert_eq!(page.body, "dashboard of Mira Adler", "{fault:?}");
    // Nothing but the fault was in the way.
    rp.provider.clear_faults();
    assert_answer(&rp_init_logout(&rp).await, 200);
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout() {
    let rp = start().await;
    // Unknown claims are passed over.
    rp.provider.tamper_logout_token(|_, claims| {
        claims.insert("further".into(), serde_json::json!({ "claim": [1] }));
    });
    assert_answer(&rp_init_logout(&rp).await, 200);
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_alg_none() {
    refuses(LogoutTokenFault::AlgNone).await;
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_no_event() {
    refuses(LogoutTokenFault::MissingEvents).await;
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_with_nonce() {
    refuses(LogoutTokenFault::WithNonce).await;
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_wrong_alg() {
    refuses(LogoutTokenFault::WrongAlg).await;
    refuses(LogoutTokenFault::Hs256).await;
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_wrong_aud() {
    refuses(LogoutTokenFault::WrongAudience).await;
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_wrong_event() {
    refuses(LogoutTokenFault::WrongEvent).await;
}

#[tokio::test]
async fn rp_backchannel_rpinitlogout_wrong_iss() {
    refuses(LogoutTokenFault::WrongIssuer).await;
}

#[tokio::test]
async fn a_sign_out_elsewhere_ends_the_session_here() {
    let rp = start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let answers = rp.provider.end_sessions_of("mira").await;
    assert_eq!(answers.len(), 1);
    assert_answer(&answers[0], 200);
    let page = rp.agent.visit(&rp.app.at("/")).await;
    assert_eq!(page.body, "home: signed out");
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    assert!(page.body.contains("name=\"user\""), "who is asked anew: {page:?}");
    let page = rp.go_on(&rp.agent, page, "mira").await;
    rp.assert_signed_in(&page);
}
