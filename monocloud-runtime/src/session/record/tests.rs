use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::{FIXED, Record, SignIn, Unusable};
use crate::config::Lifetime;
use crate::identity::User;

const LIFETIME: Lifetime = Lifetime::Absolute { duration: 1_000 };
const SLIDING: Lifetime = Lifetime::Sliding {
    duration: 1_000,
    max_duration: 3_000,
};

fn record(session_expiry: Option<i64>, lifetime: Lifetime) -> Record {
    let claims = json!({"sub": "mira", "groups": ["admin"], "tier": 3});
    let sign_in = SignIn {
        issuer: "https://issuer.example.com".to_owned(),
        sid: Some("s".to_owned()),
        acr: Some("gold".to_owned()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        auth_time: Some(9_000),
        issued_at: Some(9_100),
        session_expiry,
        scopes: vec!["openid".to_owned(), "email".to_owned()],
    };
    let user = User::from_claims(claims.as_object().expect("an object").clone());
    Record::new(user, &sign_in, lifetime, 10_000_123)
}

fn read(bytes: &[u8], now: i64) -> Result<Record, Unusable> {
    let groups: Arc<str> = "groups".into();
    Record::read(bytes.into(), 0..bytes.len(), &groups, LIFETIME, now)
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let written = record(None, LIFETIME);
    let read = read(&written.to_bytes(), 10_500).expect("it lives");
    assert_eq!(read.to_bytes(), written.to_bytes());
    assert_eq!(
        (read.sid(), read.acr(), read.auth_time()),
        (Some("s"), Some("gold"), Some(9_000))
    );
    assert_eq!(
        (read.text(0), read.text(4)),
        (Some("https://issuer.example.com"), Some("openid email"))
    );
    assert_eq!(
        (read.created_at_millis(), read.created_at(), read.expires_at()),
        (10_000_123, 10_000, 11_000)
    );
    assert_eq!(read.user(), written.user());
    assert!(read.user().is_in_group("admin"));
}

#[test]
fn it_ends_when_its_time_is_over_and_has_not_begun_before_it_was_written() {
    let bytes = record(None, LIFETIME).to_bytes();
    assert_eq!(read(&bytes, 11_000).err(), Some(Unusable::Over));
    assert!(read(&bytes, 10_000 - 60).is_ok(), "clocks differ a little");
    assert_eq!(read(&bytes, 10_000 - 61).err(), Some(Unusable::FromTheFuture));
}

/// Denials are compared with the first ID token's `iat`, and `amr` says how the person signed in.
#[test]
fn a_renewal_and_new_claims_prove_nothing_new() {
    let first = record(None, LIFETIME);
    let mut renewed = first.clone();
    renewed.renew(7, "openid");
    let claims = json!({"sub": "mira", "iat": 1, "amr": ["hwk"], "acr": "platinum", "auth_time": 9_999});
    renewed.set_user(User::from_claims(claims.as_object().expect("an object").clone()));
    let renewed = read(&renewed.to_bytes(), 10_500).expect("it lives");
    let proved = |record: &Record| {
        (
            record.issued_at,
            record.auth_time(),
            record.acr().map(str::to_owned),
            record.text(3).map(str::to_owned),
            record.created_at_millis(),
        )
    };
    assert_eq!((renewed.generation(), proved(&renewed)), (7, proved(&first)));
    assert_eq!(renewed.issued_at, 9_100);
}

#[test]
fn it_ends_with_the_issuers_session() {
    let record = record(Some(10_800), SLIDING);
    assert_eq!(record.expires_at(), 10_800);
    let record = record.slid(SLIDING, 10_600).expect("it is worth a cookie");
    assert_eq!(record.expires_at(), 10_800);
    let over = self::record(Some(10_000), LIFETIME).to_bytes();
    assert_eq!(read(&over, 10_000).err(), Some(Unusable::Over));
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_none(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        begins_well in any::<bool>(),
    ) {
        if begins_well {
            let good = record(None, LIFETIME).to_bytes();
            let length = bytes.len().min(FIXED);
            bytes[..length].copy_from_slice(&good[..length]);
        }
        if let Ok(record) = read(&bytes, 10_500) {
            record.user().to_claims();
            for number in 0..5 {
                record.text(number);
            }
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_changed_byte_is_read_without_a_panic(at in 0_usize..200, byte in any::<u8>(), cut in 0_usize..200) {
        let mut bytes = record(None, LIFETIME).to_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut.min(bytes.len()));
        if let Ok(record) = read(&bytes, 10_500) {
            record.user().to_claims();
            record.user().is_in_group("admin");
            record.sid();
        }
    }
}
