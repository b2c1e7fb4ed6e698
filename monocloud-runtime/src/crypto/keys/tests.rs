use super::{Clock, KEY_NAME, KeyRing, OVERHEAD, Purpose, SECONDS_A_DAY};

const OWNER: &[&str] = &["https://issuer.example.com", "client"];
const SECRET: &str = "an application's cookie secret, 1";
const WEEK: i64 = 7 * SECONDS_A_DAY;

fn ring(clock: &Clock) -> KeyRing {
    KeyRing::new(OWNER, SECRET, [], clock.clone(), WEEK)
}

fn at_rest() -> (KeyRing, Clock) {
    let clock = Clock::fixed(20_000 * SECONDS_A_DAY);
    (ring(&clock), clock)
}

fn sealed(ring: &KeyRing) -> Vec<u8> {
    let mut out = Vec::new();
    ring.seal(Purpose::Session, &[b"session"], b"hello", &mut out);
    out
}

fn opens(ring: &KeyRing, value: &[u8]) -> bool {
    let mut copy = value.to_vec();
    ring.open(Purpose::Session, &[b"session"], &mut copy).is_some()
}

#[test]
fn opens_only_for_its_purpose_and_context() {
    let (ring, _) = at_rest();
    let value = sealed(&ring);
    assert_eq!(value.len(), b"hello".len() + OVERHEAD);
    let open = |purpose, context: &[&[u8]]| {
        let mut copy = value.clone();
        ring.open(purpose, context, &mut copy).map(<[u8]>::to_vec)
    };
    assert_eq!(
        open(Purpose::Session, &[b"session"]).as_deref(),
        Some(&b"hello"[..])
    );
    assert_eq!(open(Purpose::SessionContents, &[b"session"]), None);
    assert_eq!(open(Purpose::Transaction, &[b"session"]), None);
    assert_eq!(open(Purpose::Session, &[b"other"]), None);
    assert_eq!(open(Purpose::Session, &[b"sess", b"ion"]), None);
}

#[test]
fn every_flipped_bit_is_refused() {
    let (ring, _) = at_rest();
    let value = sealed(&ring);
    for bit in 0..value.len() * 8 {
        let mut copy = value.clone();
        copy[bit / 8] ^= 1 << (bit % 8);
        assert!(!opens(&ring, &copy), "bit {bit}");
    }
}

#[test]
fn another_client_with_the_same_secret_is_a_stranger() {
    let (ring, clock) = at_rest();
    let owner = &["https://issuer.example.comc", "lient"];
    let other = KeyRing::new(owner, SECRET, [], clock, WEEK);
    assert!(!opens(&other, &sealed(&ring)));
}

#[test]
fn a_previous_secret_opens_and_never_seals() {
    let (ring, clock) = at_rest();
    let rotated = KeyRing::new(OWNER, "an application's cookie secret, 2", [SECRET], clock, WEEK);
    assert!(opens(&rotated, &sealed(&ring)));
    assert!(!opens(&ring, &sealed(&rotated)));
}

#[test]
fn each_day_seals_with_a_key_of_its_own_and_opens_those_of_its_longest_life() {
    let (ring, clock) = at_rest();
    let value = sealed(&ring);
    // The day's number stands in front; under another one it is another key.
    let mut moved = value.clone();
    moved[KEY_NAME - 1] += 1;
    assert!(opens(&ring, &value) && !opens(&ring, &moved));
    clock.advance(WEEK + SECONDS_A_DAY - 1);
    assert!(
        opens(&ring, &value),
        "sealed early on its day, opened late on the last"
    );
    clock.advance(1);
    assert!(!opens(&ring, &value), "older than anything may live");
}

#[test]
fn one_day_ahead_is_opened_and_no_more() {
    let (ring, clock) = at_rest();
    clock.advance(SECONDS_A_DAY);
    let value = sealed(&ring);
    clock.advance(-SECONDS_A_DAY);
    assert!(opens(&ring, &value));
    clock.advance(-1);
    assert!(!opens(&ring, &value));
}

#[test]
fn what_others_send_makes_no_key_beyond_the_days_and_old_ones_go() {
    let (ring, clock) = at_rest();
    let value = sealed(&ring);
    let mut longest = 0;
    for today in 0..40 {
        for number in 0..=u16::MAX {
            let mut copy = value.clone();
            copy[KEY_NAME - 2..KEY_NAME].copy_from_slice(&number.to_be_bytes());
            if today % 20 == 0 {
                ring.open(Purpose::Session, &[b"session"], &mut copy);
            } else if number < 1 {
                sealed(&ring);
            }
        }
        longest = longest.max(ring.current.of_days.read().expect("not poisoned").len());
        clock.advance(SECONDS_A_DAY);
    }
    assert!(longest <= 9, "{longest} keys for a week, today and tomorrow");
}
