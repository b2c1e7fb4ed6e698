use std::time::Duration;

use tokio::time::Instant;

use super::super::bounded::Latest;
use super::super::entry::Kind;
use super::super::time::Now;
use super::{ByIssuer, Denied, Full, Most, Subject};
use crate::crypto::Name;
use crate::event::logged::logged;

const DAY: Duration = Duration::from_secs(86_400);
const MOST: Most = Most { sids: 20, subs: 20 };

fn name(number: u64) -> Name {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// A session at the issuer and its user of this number.
fn session(number: u64, issued_at: i64) -> Subject {
    Subject {
        sid: Some(name(number)),
        sub: name(1_000 + number),
        sub_without_sid: None,
        issued_at,
    }
}

fn insert(denied: &mut Denied, kind: Kind, name: Name, issued_at: i64, now: Now) {
    denied.tidy(DAY, now);
    denied.insert(kind, name, Latest::new(issued_at, DAY, now), MOST);
}

fn insert_unproved(denied: &mut Denied, name: Name, now: Now) -> Result<bool, Full> {
    denied.tidy(DAY, now);
    denied.insert_unproved(name, Latest::new(0, DAY, now), 20)
}

fn at(start: Instant, seconds: u64) -> Now {
    Now {
        instant: start + Duration::from_secs(seconds),
        millis: i64::try_from(seconds).expect("a small number") * 1_000,
    }
}

#[test]
fn a_sid_is_denied_outright() {
    let (mut denied, now) = (Denied::default(), at(Instant::now(), 0));
    insert(&mut denied, Kind::Sid, name(1), 100, now);
    for issued_at in [i64::MIN, 0, 100, 101, i64::MAX] {
        assert!(denied.denies(session(1, issued_at)), "{issued_at}");
        assert!(!denied.denies(session(2, issued_at)), "{issued_at}");
    }
    let without = Subject {
        sid: None,
        ..session(1, 100)
    };
    assert!(
        !denied.denies(without),
        "it is of no session that the issuer names"
    );
}

#[test]
fn a_sub_is_compared_by_the_issuers_clock() {
    let (mut denied, now) = (Denied::default(), at(Instant::now(), 5_000));
    insert(&mut denied, Kind::Sub, name(1_001), 100, now);
    for (issued_at, is_denied) in [(i64::MIN, true), (99, true), (100, true), (101, false)] {
        assert_eq!(denied.denies(session(1, issued_at)), is_denied, "{issued_at}");
    }
    assert!(!denied.denies(session(2, 99)), "somebody else's lives on");
    // A token that was late takes nothing back.
    insert(&mut denied, Kind::Sub, name(1_001), 50, now);
    assert!(denied.denies(session(1, 100)));
    insert(&mut denied, Kind::Sub, name(1_001), 200, now);
    assert!(denied.denies(session(1, 200)));
}

#[test]
fn a_session_without_a_sid_ends_with_its_user() {
    let (mut denied, now) = (Denied::default(), at(Instant::now(), 5_000));
    insert(&mut denied, Kind::Sub, name(5_001), 100, now);
    let without = |issued_at| Subject {
        sid: None,
        sub_without_sid: Some(name(5_001)),
        ..session(1, issued_at)
    };
    assert!(denied.denies(without(100)) && !denied.denies(without(101)));
    assert!(!denied.denies(session(1, 100)), "this one has a `sid`");
}

#[test]
fn a_sid_and_a_sub_of_one_name_are_two() {
    let (mut denied, now) = (Denied::default(), at(Instant::now(), 0));
    insert(&mut denied, Kind::Sid, name(1_002), 100, now);
    assert!(!denied.denies(session(2, 0)));
}

#[test]
fn overflow_fails_closed() {
    let start = Instant::now();
    for kind in [Kind::Sid, Kind::Sub] {
        let mut denied = Denied::default();
        let of = |number| {
            if kind == Kind::Sid {
                name(number)
            } else {
                name(1_000 + number)
            }
        };
        for number in 0..100_u32 {
            let now = at(start, number.into());
            let issued_at = i64::from(number) * 10;
            insert(&mut denied, kind, of(number.into()), issued_at, now);
            assert!(denied.sids.len() + denied.subs.len() <= 20);
        }
        for number in 0..100_u32 {
            let ended = session(number.into(), i64::from(number) * 10);
            assert!(denied.denies(ended), "{kind:?} {number}: never a silent revival");
        }
        assert!(!denied.denies(session(500, 10_000)), "what is newer lives");
        // And the moment for everybody is forgotten with the last that it stands for.
        denied.tidy(DAY, at(start, 86_600));
        assert!(denied.everybody.is_none() && denied.sids.len() + denied.subs.len() == 0);
    }
}

#[test]
fn overflow_is_told_to_the_operator() {
    for kind in [Kind::Sid, Kind::Sub] {
        let (mut denied, now) = (Denied::default(), at(Instant::now(), 0));
        let mut note = |number: u64| logged(|| insert(&mut denied, kind, name(number), 100, now));
        for number in 0..20 {
            assert_eq!(note(number), [""; 0], "{kind:?} {number}");
        }
        assert_eq!(note(20), ["ERROR monocloud.logout.full"], "{kind:?}");
    }
}

#[test]
fn the_same_again_and_again_takes_no_more_memory() {
    let (mut denied, start) = (Denied::default(), Instant::now());
    for number in 0..1_000_u32 {
        let now = at(start, number.into());
        insert(&mut denied, Kind::Sid, name(1), number.into(), now);
        assert_eq!((denied.sids.len(), denied.everybody), (1, None));
    }
}

#[test]
fn a_denial_lives_as_long_as_any_session_can_by_both_clocks() {
    let (mut denied, start) = (Denied::default(), Instant::now());
    let mut now = at(start, 100_000);
    insert(&mut denied, Kind::Sid, name(1), 100, now);
    // The clock is set back by an hour, so that sessions live an hour longer.
    now.instant = start + Duration::from_secs(100_000 + 86_401);
    now.millis = (100_000 + 86_401 - 3_600) * 1_000;
    denied.tidy(DAY, now);
    assert!(denied.denies(session(1, 0)));
    now.instant += Duration::from_secs(3_600);
    now.millis += 3_600_000;
    denied.tidy(DAY, now);
    assert!(!denied.denies(session(1, 0)));
}

#[test]
fn front_channel_noise_evicts_nothing() {
    let (mut denied, now) = (Denied::default(), at(Instant::now(), 0));
    insert(&mut denied, Kind::Sid, name(1), 100, now);
    insert(&mut denied, Kind::Sub, name(1_002), 100, now);
    assert_eq!(insert_unproved(&mut denied, name(3), now), Ok(true));
    for number in 100..1_000 {
        let outcome = insert_unproved(&mut denied, name(number), now);
        assert_eq!(outcome.is_ok(), number < 119, "{number}");
    }
    for number in [1, 2, 3, 118] {
        assert!(denied.denies(session(number, 100)), "{number}");
    }
    assert!(!denied.denies(session(500, 0)), "and nobody else is signed out");
    assert!(denied.everybody.is_none());
    // What is known already is done.
    assert_eq!(insert_unproved(&mut denied, name(3), now), Ok(false));
    assert_eq!(insert_unproved(&mut denied, name(1), now), Ok(false));
    // What the issuer has signed still comes in.
    insert(&mut denied, Kind::Sid, name(500), 100, now);
    assert!(denied.denies(session(500, 0)));
}

#[test]
fn what_comes_back_out_of_a_file_is_denied() {
    let (before, now) = (ByIssuer::default(), at(Instant::now(), 5_000));
    {
        let mut denied = before.denied.write().expect("whole");
        for number in 0..100 {
            let issued_at = i64::try_from(number).expect("small") * 10;
            insert(&mut denied, Kind::Sid, name(number), issued_at, now);
        }
        insert(&mut denied, Kind::Sub, name(1_300), 5_000, now);
        insert_unproved(&mut denied, name(400), now).expect("room");
    }
    let again = ByIssuer::default();
    for entry in before.entries(now) {
        again.restore(&entry, DAY, now);
    }
    let denied = again.denied.read().expect("whole");
    for number in 0..100 {
        let issued_at = i64::try_from(number).expect("small") * 10;
        assert!(denied.denies(session(number, issued_at)), "{number}");
    }
    assert!(denied.denies(session(300, 5_000)) && !denied.denies(session(300, 5_001)));
    assert!(denied.denies(session(400, i64::MAX)));
    assert!(!denied.denies(session(500, 5_000)), "what is newer lives");
    assert_eq!((denied.unproved.len(), denied.subs.len()), (1, 1));
    assert!(denied.everybody.is_some());
}
