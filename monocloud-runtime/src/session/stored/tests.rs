use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Filing, Held, MAX_SEALED, NotHeld, key_of};
use crate::clock::Clock;
use crate::config::Lifetime;
use crate::cookie::SentTicket;
use crate::crypto::{KeyRing, Named, Ticket};
use crate::error::Error;
use crate::identity::User;
use crate::session::summary::Summary;
use crate::session::{NewSession, Session, SignIn, TokenSet, Unusable};
use crate::store::{IndexKey, NewRecord, Revision, Stored};

const NOW: i64 = 1_800_000_000;
const LIFETIME: Lifetime = Lifetime::Sliding {
    duration: 1_000,
    max_duration: 3_000,
};
const ISSUER: &str = "https://issuer.example.com";
const BROWSER: Option<&str> = Some("Mozilla/5.0");

/// With the current secret and earlier ones.
fn ring(secrets: &[&'static str]) -> KeyRing {
    let (current, previous) = secrets.split_first().expect("there is one");
    KeyRing::new(
        &["app"],
        current,
        previous.iter().copied(),
        Clock::fixed(NOW),
        3_000,
    )
}

fn filing<'a>(keys: &'a KeyRing, groups_claim: &'a Arc<str>) -> Filing<'a> {
    Filing {
        keys,
        groups_claim,
        lifetime: LIFETIME,
        most_of_user: Some(5),
        now: NOW,
    }
}

fn groups_claim() -> Arc<str> {
    "groups".into()
}

fn session(sid: Option<&str>, issued_at: Option<i64>) -> Session {
    let claims = json!({"sub": "mira", "groups": ["admin"]});
    let mut tokens = TokenSet::new(None);
    tokens.refresh_token = Some("a refresh token".to_owned());
    let new = NewSession {
        user: User::from_claims(claims.as_object().expect("an object").clone()),
        sign_in: SignIn {
            issuer: ISSUER.to_owned(),
            sid: sid.map(str::to_owned),
            issued_at,
            ..SignIn::default()
        },
        tokens,
    };
    let mut session = Session::start(new, LIFETIME, NOW * 1_000 + 123);
    session.insert("cart", 3).expect("a number is JSON");
    session
}

fn sent(ticket: &Ticket, reseal: bool) -> SentTicket {
    let ticket = ticket.clone();
    SentTicket { ticket, reseal }
}

/// As a store gives it back.
fn stored(sealed: &Bytes, revision: Revision) -> Stored {
    Stored {
        sealed: sealed.clone(),
        revision,
    }
}

/// What is found after a session was created.
fn held(filing: Filing<'_>, session: &Session) -> (Held, NewRecord) {
    let ticket = Ticket::random();
    let new = filing.first(&ticket, session, BROWSER).expect("it is small");
    let stored = stored(&new.record.sealed, Revision::FIRST);
    let held = filing.open(sent(&ticket, false), stored).expect("it opens");
    (held, new)
}

#[test]
fn a_session_comes_back_as_it_was_filed() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let written = session(Some("s"), Some(NOW - 5));
    let (held, new) = held(filing(&keys, &groups), &written);
    assert!(held.record == *written.record());
    assert!(held.record.user().is_in_group("admin"));
    assert_eq!(held.session(held.record.clone()).as_ref(), Some(&written));
    assert_eq!(
        (held.key, held.revision),
        (key_of(held.ticket()), Revision::FIRST)
    );
    assert_eq!(
        (new.created_at, new.issued_at, new.longest, new.most_of_user),
        (
            NOW * 1_000 + 123,
            Some(NOW - 5),
            Duration::from_secs(3_000),
            Some(5)
        )
    );
    assert_eq!(new.record.remaining, Duration::from_secs(1_000));
    assert_eq!(new.record.renamed, None);
    let summary = Summary::open(&keys, held.key, &new.record.summary).expect("it is its own");
    assert_eq!((summary.made_at, summary.user_agent.as_deref()), (NOW, BROWSER));
}

#[test]
fn what_is_not_known_of_a_sign_in_is_not_made_up() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let filing = filing(&keys, &groups);
    let (_, new) = held(filing, &session(None, None));
    assert_eq!(new.issued_at, None);
    // A logout that has both finds it by what it is filed under in place of the `sid`.
    let without = filing.filed_under(Named::SubWithoutSid, ISSUER, "mira");
    assert_eq!(new.names.sid.as_slice(), &*without);
}

#[test]
fn a_session_is_filed_under_what_its_logout_asks_for() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let filing = filing(&keys, &groups);
    let (_, new) = held(filing, &session(Some("s"), None));
    let sid = filing.filed_under(Named::Sid, ISSUER, "s");
    let sub = filing.filed_under(Named::Sub, ISSUER, "mira");
    assert_eq!((new.names.sid.as_slice(), &[new.names.sub][..]), (&*sid, &*sub));
}

#[test]
fn a_record_opens_under_its_key_and_revision_alone() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let filing = filing(&keys, &groups);
    let (first, new) = held(filing, &session(None, None));
    let sealed = &new.record.sealed;
    let older_as_newer = filing.open(sent(first.ticket(), false), stored(sealed, first.revision.next()));
    assert_eq!(older_as_newer.err(), Some(NotHeld::Sealed));
    let copied = filing.open(sent(&Ticket::random(), false), stored(sealed, first.revision));
    assert_eq!(copied.err(), Some(NotHeld::Sealed));
}

#[test]
fn every_flipped_bit_is_refused() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let filing = filing(&keys, &groups);
    let (held, new) = held(filing, &session(Some("s"), None));
    let whole = |sealed: Vec<u8>| {
        let stored = stored(&sealed.into(), held.revision);
        let held = filing.open(sent(held.ticket(), false), stored).ok()?;
        held.session(held.record.clone())
    };
    let sealed = new.record.sealed.to_vec();
    assert!(whole(sealed.clone()).is_some());
    for bit in 0..sealed.len() * 8 {
        let mut copy = sealed.clone();
        copy[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(whole(copy), None, "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert_eq!(whole(sealed[..length].to_vec()), None, "{length} bytes");
    }
}

#[test]
fn a_write_is_the_next_revision_and_is_built_on() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let mut filing = filing(&keys, &groups);
    let mut session = session(None, None);
    let (first, _) = held(filing, &session);
    filing.now = NOW + 600;
    let record = first.record.slid(LIFETIME, filing.now).expect("it is due");
    let slid = first.session(record).expect("it opens");
    let next = filing.next(&first, &slid, BROWSER).expect("it is small");
    assert_eq!(next.remaining, Duration::from_secs(1_000));
    let found = stored(&next.sealed, first.revision.next());
    let found = filing.open(sent(first.ticket(), false), found).expect("it opens");
    assert!(found.record == *slid.record() && found.key == first.key);
    // Another change in the same request.
    let second = first.replaced(&slid, &next);
    assert_eq!(second.revision, found.revision);
    session = second.session(second.record.clone()).expect("it opens");
    session.insert("cart", 4).expect("a number is JSON");
    let third = filing.next(&second, &session, BROWSER).expect("it is small");
    let found = stored(&third.sealed, second.revision.next());
    let found = filing.open(sent(first.ticket(), false), found).expect("it opens");
    assert_eq!(found.session(found.record.clone()), Some(session));
}

#[test]
fn rotation_of_the_secret_keeps_the_key_and_moves_the_names() {
    let (before, after, groups) = (ring(&["1"]), ring(&["2", "1"]), groups_claim());
    let session = session(Some("s"), None);
    let (first, new) = held(filing(&before, &groups), &session);
    let filing = filing(&after, &groups);
    let found = stored(&new.record.sealed, first.revision);
    let found = filing.open(sent(first.ticket(), true), found).expect("it opens");
    assert_eq!(found.key, first.key);
    let under = |named, value| -> [IndexKey; 2] {
        let names = filing.filed_under(named, ISSUER, value);
        names.try_into().expect("one of each secret")
    };
    let [sid, earlier_sid] = under(Named::Sid, "s");
    let [sub, earlier_sub] = under(Named::Sub, "mira");
    assert_eq!((new.names.sid, new.names.sub), (Some(earlier_sid), earlier_sub));
    let next = filing.next(&found, &session, BROWSER).expect("it is small");
    let renamed = next.renamed.expect("the secret is another one");
    assert_eq!((renamed.sid, renamed.sub), (Some(sid), sub));
    let third = filing.next(&found.replaced(&session, &next), &session, BROWSER);
    assert_eq!(third.expect("it is small").renamed, None, "once is enough");
    assert!(Summary::open(&after, first.key, &new.record.summary).is_some());
}

#[test]
fn what_is_over_or_from_the_future_is_told_from_what_was_changed() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let (first, new) = held(filing(&keys, &groups), &session(None, None));
    for (now, lifetime, why) in [
        (NOW + 999, LIFETIME, None),
        (NOW + 1_000, LIFETIME, Some(Unusable::Over)),
        (
            NOW + 500,
            Lifetime::Absolute { duration: 500 },
            Some(Unusable::Over),
        ),
        (NOW - 61, LIFETIME, Some(Unusable::FromTheFuture)),
    ] {
        let filing = Filing {
            lifetime,
            now,
            ..filing(&keys, &groups)
        };
        let found = filing.open(
            sent(first.ticket(), false),
            stored(&new.record.sealed, first.revision),
        );
        assert_eq!(found.err(), why.map(NotHeld::Unusable), "{now}");
    }
}

#[test]
fn a_session_that_no_store_must_take_is_refused() {
    let (keys, groups) = (ring(&["1"]), groups_claim());
    let filing = filing(&keys, &groups);
    let mut session = session(None, None);
    let (held, new) = held(filing, &session);
    let room = MAX_SEALED - new.record.sealed.len();
    // `,"note":"…"`
    session
        .insert("note", "a".repeat(room - 10))
        .expect("text is JSON");
    let largest = filing.next(&held, &session, BROWSER).expect("it just fits");
    assert_eq!(largest.sealed.len(), MAX_SEALED);
    session
        .insert("note", "a".repeat(room - 9))
        .expect("text is JSON");
    for refused in [
        filing.next(&held, &session, BROWSER).err(),
        filing.first(&Ticket::random(), &session, BROWSER).err(),
    ] {
        let Some(Error::RecordTooLarge { bytes, limit }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((bytes, limit), (MAX_SEALED + 1, MAX_SEALED));
    }
    let nested = (0..200).fold(Value::Null, |inner, _| json!([inner]));
    session.insert("note", nested).expect("it is JSON");
    let refused = filing.next(&held, &session, BROWSER).err();
    assert!(matches!(refused, Some(Error::InvalidRequest(_))), "{refused:?}");
}
