//! Times in ID tokens, with one clock on both sides: leeway, skew, and `auth_time` when `max_age` was asked for.

use std::time::Duration;

use monocloud_runtime::settings::AuthParams;
use monocloud_runtime::testing::Clock;
use monocloud_runtime::testing::{Endpoint, Fault};
use serde_json::{Map, Value, json};

use crate::rp::{Rp, Setup};

/// Nothing is special about it.
const NOW: i64 = 1_900_000_000;

fn setup() -> Setup {
    Setup::new().clock(&Clock::fixed(NOW))
}

async fn signs_in(setup: Setup, change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> bool {
    let rp = setup.start().await;
    rp.provider.tamper_id_token(move |_, claims| change(claims));
    let page = rp.sign_in().await;
    if rp.has_session() {
        rp.assert_signed_in(&page);
        return true;
    }
    rp.assert_id_token_refused(&page);
    false
}

/// Signs in with this claim at so many seconds from now.
async fn accepts(setup: Setup, claim: &'static str, offset: i64) -> bool {
    signs_in(setup, move |claims| {
        claims.insert(claim.into(), json!(NOW + offset));
    })
    .await
}

#[tokio::test]
async fn exp_has_the_default_leeway_of_a_minute() {
    assert!(accepts(setup(), "exp", -59).await);
    assert!(!accepts(setup(), "exp", -60).await);
    assert!(!accepts(setup(), "exp", -3600).await);
}

#[tokio::test]
async fn iat_has_the_default_leeway_of_a_minute() {
    assert!(accepts(setup(), "iat", 60).await);
    assert!(!accepts(setup(), "iat", 61).await);
    assert!(accepts(setup(), "iat", -3600).await);
}

#[tokio::test]
async fn nbf_has_the_default_leeway_of_a_minute() {
    assert!(accepts(setup(), "nbf", 60).await);
    assert!(!accepts(setup(), "nbf", 61).await);
    assert!(accepts(setup(), "nbf", -3600).await);
}

#[tokio::test]
async fn clock_tolerance_is_the_leeway() {
    let strict = || setup().settings(|settings| settings.clock_tolerance(Duration::ZERO));
    assert!(accepts(strict(), "exp", 1).await);
    assert!(!accepts(strict(), "exp", 0).await);
    assert!(accepts(strict(), "iat", 0).await);
    assert!(!accepts(strict(), "iat", 1).await);
    assert!(accepts(strict(), "nbf", 0).await);
    assert!(!accepts(strict(), "nbf", 1).await);
    let lenient = || setup().settings(|settings| settings.clock_tolerance(Duration::from_mins(10)));
    assert!(accepts(lenient(), "exp", -599).await);
    assert!(!accepts(lenient(), "exp", -600).await);
    assert!(accepts(lenient(), "iat", 600).await);
    assert!(!accepts(lenient(), "iat", 601).await);
}

/// The most that is taken.
#[tokio::test]
async fn the_largest_tolerance_signs_in() {
    let rp = setup()
        .settings(|settings| settings.clock_tolerance(Duration::from_hours(24)))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

/// The skew moves our clock before any comparison.
#[tokio::test]
async fn clock_skew_moves_our_clock() {
    let skewed = |skew| setup().settings(move |settings| settings.clock_skew(skew));
    assert!(!accepts(skewed(3600), "exp", 3600 - 60).await);
    assert!(accepts(skewed(3600), "exp", 3600 - 59).await);
    assert!(accepts(skewed(3600), "iat", 3600 + 60).await);
    assert!(!accepts(skewed(3600), "iat", 3600 + 61).await);
    assert!(accepts(skewed(-60), "iat", 0).await);
    assert!(!accepts(skewed(-61), "iat", 0).await);
}

/// The numbers may have fractions (RFC 7519 2).
#[tokio::test]
async fn times_may_have_fractions() {
    for claim in ["iat", "nbf", "auth_time"] {
        assert!(
            signs_in(setup(), move |claims| {
                claims.insert(claim.into(), json!(1_899_999_999.5));
            })
            .await,
            "{claim}"
        );
    }
}

#[tokio::test]
async fn times_out_of_any_range_are_refused_or_harmless() {
    for value in [
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(i64::MIN),
        json!(-1e300),
    ] {
        for claim in ["exp", "iat", "nbf", "auth_time"] {
            let value = value.clone();
            let rp = setup()
                .settings(|settings| settings.auth_params(AuthParams::new().max_age(3600)))
                .start()
                .await;
            rp.provider.tamper_id_token(move |_, claims| {
                claims.insert(claim.into(), value.clone());
            });
            let page = rp.sign_in().await;
            assert!([200, 400].contains(&page.status.as_u16()), "{page:?}");
        }
    }
}

#[tokio::test]
async fn a_day_ahead_or_an_hour_late_is_refused() {
    for fault in [Fault::FutureIssuedAt, Fault::Expired] {
        let rp = Rp::start().await;
        rp.provider.fault(fault);
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

fn within(max_age: u32) -> Setup {
    setup().settings(move |settings| settings.auth_params(AuthParams::new().max_age(max_age)))
}

#[tokio::test]
async fn max_age_is_sent_and_enforced() {
    let rp = within(300).start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    let asked = rp.provider.last_request(Endpoint::Authorize).unwrap();
    assert_eq!(asked.query("max_age"), Some("300"));
    assert!(accepts(within(300), "auth_time", -360).await);
    assert!(!accepts(within(300), "auth_time", -361).await);
}

#[tokio::test]
async fn auth_time_in_the_future_is_refused_when_max_age_was_asked_for() {
    assert!(accepts(within(300), "auth_time", 60).await);
    assert!(!accepts(within(300), "auth_time", 61).await);
}

#[tokio::test]
async fn auth_time_must_be_there_when_max_age_was_asked_for() {
    let without = |claims: &mut Map<String, Value>| drop(claims.remove("auth_time"));
    assert!(!signs_in(within(300), without).await);
    assert!(signs_in(setup(), without).await);
    let null = |claims: &mut Map<String, Value>| drop(claims.insert("auth_time".into(), Value::Null));
    assert!(!signs_in(within(300), null).await);
}

/// Zero means a fresh sign-in, and the leeway is what remains.
#[tokio::test]
async fn max_age_zero_is_a_bound_too() {
    assert!(accepts(within(0), "auth_time", -60).await);
    assert!(!accepts(within(0), "auth_time", -61).await);
}
