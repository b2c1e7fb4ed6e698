//! A `jti` is used up by the logout that was carried out, and by nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use monocloud_runtime::testing::{Fault, LogoutTokenFault};

use super::faulty::{Call, Lost};
use super::fleet::Fleet;
use super::logout::counting;
use crate::fixtures::{assert_done, assert_refused, post_logout};

/// A token about a `sid` under this `jti`, with what is wrong with it.
fn token(fleet: &Fleet, (jti, sid): (&str, &str), fault: Option<LogoutTokenFault>) -> String {
    let jti = jti.to_owned();
    fleet.provider.tamper_logout_token(move |_, claims| {
        claims.insert("jti".into(), jti.clone().into());
    });
    if let Some(fault) = fault {
        fleet.provider.fault(Fault::LogoutToken(fault));
    }
    let token = fleet.provider.logout_token(None, Some(sid));
    fleet.provider.clear_faults();
    token
}

/// Whoever has seen a `jti` could keep the logout from being carried out.
#[tokio::test]
async fn a_token_that_is_not_good_uses_up_no_jti() {
    use LogoutTokenFault as Of;
    for fleet in Fleet::both().await {
        let (one, other) = (fleet.process(), fleet.process());
        for fault in [
            Of::BadSignature,
            Of::UnknownKid,
            Of::WrongAudience,
            Of::WrongIssuer,
            Of::WrongType,
            Of::WrongEvent,
            Of::WithNonce,
            Of::Expired,
            Of::AlgNone,
            Of::Hs256,
        ] {
            let browser = one.sign_in(&fleet, "mira").await;
            let sid = one.sid(&browser);
            let jti = format!("of {fault:?}");
            let wrong = token(&fleet, (&jti, &sid), Some(fault));
            let good = token(&fleet, (&jti, &sid), None);
            for process in [&one, &other] {
                assert_refused(&post_logout(&process.app, &wrong).await);
                assert!(process.lets_in(&browser.cookies()).await, "{fault:?}");
            }
            assert_done(&post_logout(&one.app, &good).await);
            fleet.is_over(&browser.cookies(), [&one, &other]).await;
            for process in [&one, &other] {
                assert_refused(&post_logout(&process.app, &good).await);
            }
        }
    }
}

/// Otherwise the issuer would be told for as long as it asks that its logout failed, which was carried out.
#[tokio::test]
async fn a_logout_is_done_though_the_store_does_not_say_that_its_jti_is_used() {
    for lost in [
        &[Lost::Before][..],
        &[Lost::After],
        &[Lost::Before, Lost::Before],
        &[Lost::After, Lost::Before],
    ] {
        for fleet in Fleet::both().await {
            let calls = Arc::<AtomicUsize>::default();
            let (one, other) = (counting(&fleet, &calls, false), counting(&fleet, &calls, false));
            let browser = one.sign_in(&fleet, "mira").await;
            for lost in lost {
                one.store.lose(Call::Settle, *lost);
            }
            let good = token(&fleet, ("once", &one.sid(&browser)), None);
            assert_done(&post_logout(&one.app, &good).await);
            fleet.is_over(&browser.cookies(), [&one, &other]).await;
            for process in [&one, &other] {
                assert_refused(&post_logout(&process.app, &good).await);
            }
            assert_eq!(calls.load(Ordering::SeqCst), 1, "{lost:?}");
        }
    }
}
