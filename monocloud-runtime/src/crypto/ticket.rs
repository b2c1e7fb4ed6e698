//! A ticket: 256 random bits that a browser carries, and all that comes of them.
//!
//! HKDF-Expand-SHA256 (RFC 5869 §2.3) makes of them what a session's record is filed under in a store, and the keys that
//! seal it; they are as random as a key must be, so that nothing is extracted first (§3.3). No secret of the application
//! goes into it: whoever has the store has no key to it, and a new cookie secret moves nothing.
//!
//! A sealed record:
//!
//! | bytes | |
//! |---|---|
//! | 1 | version |
//! | 4 | length of the front's plaintext |
//! | … | the front, sealed, with version, key and revision as associated data |
//! | … | the contents, sealed with a key of their own, with the front's tag as associated data |
//!
//! So a record opens under its own key, as the writing that it is, and neither half opens with another one's. Nonces are
//! random: a session is written some thousand times.

use std::ops::Range;
use std::sync::Arc;

use aws_lc_rs::hkdf;

use super::keys::{NONCE, SealingKey, TAG, expand};
#[cfg(any(test, feature = "testing"))]
use super::random;

/// The bytes of a ticket.
pub(crate) const TICKET: usize = 32;

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4;

/// Who has it can find and read one session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    bytes: [u8; TICKET],
    /// Every request needs it several times.
    key: [u8; 16],
}

/// The front of a record, opened in place.
pub(crate) struct RecordFront {
    /// Nonce, plaintext, tag.
    pub(crate) buffer: Arc<[u8]>,
    /// Where the plaintext stands in the buffer.
    pub(crate) plaintext: Range<usize>,
}

/// The two halves of a sealed record, each with its nonce and tag.
struct Halves<'a> {
    front: &'a [u8],
    contents: &'a [u8],
}

impl Ticket {
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn random() -> Self {
        Self::from_bytes(random())
    }

    pub(crate) fn from_bytes(bytes: [u8; TICKET]) -> Self {
        let mut key = [0; 32];
        expand(&prk(&bytes), &[b"monocloud v2 store key"], &mut key);
        let key = *key.first_chunk().expect("32 bytes hold 16");
        Self { bytes, key }
    }

    pub(crate) fn as_bytes(&self) -> &[u8; TICKET] {
        &self.bytes
    }

    /// What the record is filed under.
    pub(crate) fn key(&self) -> [u8; 16] {
        self.key
    }

    /// The record's writing of this revision.
    pub(crate) fn seal(&self, revision: u64, front: &[u8], contents: &[u8]) -> Vec<u8> {
        let length = u32::try_from(front.len()).expect("a front is shorter than 4 GiB");
        let mut sealed = Vec::with_capacity(HEAD + front.len() + contents.len() + 2 * (NONCE + TAG));
        sealed.push(VERSION);
        sealed.extend_from_slice(&length.to_be_bytes());
        let of_fronts = self.sealing_key(b"monocloud v2 store record");
        of_fronts.seal(&self.associated_data(revision), front, &mut sealed);
        let tag: [u8; TAG] = *sealed.last_chunk().expect("it was just sealed");
        let of_contents = self.sealing_key(b"monocloud v2 store contents");
        of_contents.seal(&tag, contents, &mut sealed);
        sealed
    }

    /// The front of what [`Self::seal`] made. `None` for anything else.
    pub(crate) fn open_front(&self, revision: u64, sealed: &[u8]) -> Option<RecordFront> {
        let mut buffer: Arc<[u8]> = Halves::of(sealed)?.front.into();
        let bytes = Arc::get_mut(&mut buffer).expect("nobody else has it yet");
        let key = self.sealing_key(b"monocloud v2 store record");
        let length = key.open(&self.associated_data(revision), bytes)?.len();
        Some(RecordFront {
            buffer,
            plaintext: NONCE..NONCE + length,
        })
    }

    /// The contents that were sealed with the front, which says whose and which writing's they are.
    pub(crate) fn open_contents(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let Halves { front, contents } = Halves::of(sealed)?;
        let key = self.sealing_key(b"monocloud v2 store contents");
        Some(
            key.open(front.last_chunk::<TAG>()?, &mut contents.to_vec())?
                .to_vec(),
        )
    }

    fn sealing_key(&self, label: &[u8]) -> SealingKey {
        SealingKey::derive(&prk(&self.bytes), &[label])
    }

    /// Each part is of a fixed length.
    fn associated_data(&self, revision: u64) -> Vec<u8> {
        [
            &b"monocloud v2 store"[..],
            &[VERSION],
            &self.key,
            &revision.to_be_bytes(),
        ]
        .concat()
    }
}

fn prk(ticket: &[u8; TICKET]) -> hkdf::Prk {
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, ticket)
}

impl<'a> Halves<'a> {
    fn of(sealed: &'a [u8]) -> Option<Self> {
        let (head, halves) = sealed.split_first_chunk::<HEAD>()?;
        let [version, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        let (front, contents) = halves.split_at_checked(length.checked_add(NONCE + TAG)?)?;
        let is_whole = version == VERSION && contents.len() >= NONCE + TAG;
        is_whole.then_some(Self { front, contents })
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HEAD, NONCE, TAG, Ticket};

    const FRONT: &[u8] = b"who";
    const CONTENTS: &[u8] = b"tokens";
    /// Where the contents begin.
    const MIDDLE: usize = HEAD + NONCE + FRONT.len() + TAG;

    fn ticket() -> Ticket {
        Ticket::from_bytes(std::array::from_fn(|at| u8::try_from(at).expect("small")))
    }

    fn front(ticket: &Ticket, revision: u64, sealed: &[u8]) -> Option<Vec<u8>> {
        let front = ticket.open_front(revision, sealed)?;
        Some(front.buffer[front.plaintext].to_vec())
    }

    /// Both halves.
    fn open(ticket: &Ticket, revision: u64, sealed: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        Some((front(ticket, revision, sealed)?, ticket.open_contents(sealed)?))
    }

    #[test]
    fn a_record_opens_under_its_key_and_revision_alone() {
        let sealed = ticket().seal(7, FRONT, CONTENTS);
        assert_eq!(
            open(&ticket(), 7, &sealed),
            Some((FRONT.to_vec(), CONTENTS.to_vec()))
        );
        for revision in [0, 6, 8, 7 << 8, u64::MAX] {
            assert_eq!(front(&ticket(), revision, &sealed), None, "{revision}");
        }
        let other = Ticket::random();
        assert_eq!(front(&other, 7, &sealed), None);
        assert_eq!(other.open_contents(&sealed), None);
        let empty = ticket().seal(1, b"", b"");
        assert_eq!(open(&ticket(), 1, &empty), Some((Vec::new(), Vec::new())));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let sealed = ticket().seal(7, FRONT, CONTENTS);
        for bit in 0..sealed.len() * 8 {
            let mut copy = sealed.clone();
            copy[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&ticket(), 7, &copy), None, "bit {bit}");
            let is_of_the_front = bit / 8 < MIDDLE;
            assert_eq!(
                front(&ticket(), 7, &copy).is_none(),
                is_of_the_front,
                "the halves are apart, bit {bit}"
            );
        }
    }

    #[test]
    fn nothing_that_was_cut_or_lengthened_is_whole() {
        let sealed = ticket().seal(7, FRONT, CONTENTS);
        for length in 0..sealed.len() {
            assert_eq!(open(&ticket(), 7, &sealed[..length]), None, "{length} bytes");
        }
        // Without its contents it is not a record whose contents are empty.
        assert_eq!(front(&ticket(), 7, &sealed[..MIDDLE]), None);
        assert_eq!(open(&ticket(), 7, &[&sealed[..], &[0]].concat()), None);
    }

    #[test]
    fn contents_of_another_writing_are_refused() {
        let first = ticket().seal(7, FRONT, CONTENTS);
        for second in [
            ticket().seal(8, FRONT, b"other"),
            ticket().seal(7, FRONT, CONTENTS),
        ] {
            let mixed = [&first[..MIDDLE], &second[MIDDLE..]].concat();
            assert_eq!(front(&ticket(), 7, &mixed).as_deref(), Some(FRONT));
            assert_eq!(ticket().open_contents(&mixed), None);
        }
    }

    /// Otherwise everybody is signed out by a new version.
    #[test]
    fn the_key_of_a_ticket_stays() {
        let hmac_by_other_hands = [
            0xe3, 0xb8, 0x41, 0x4e, 0xcd, 0x49, 0xdb, 0xb9, 0x1e, 0xe8, 0x3c, 0x0b, 0xd6, 0xb2, 0xd0, 0x09,
        ];
        assert_eq!(ticket().key(), hmac_by_other_hands);
    }

    #[test]
    fn a_ticket_is_never_shown_and_never_made_twice() {
        assert_eq!(format!("{:?}", ticket()), "Ticket([redacted])");
        assert_ne!(Ticket::random(), Ticket::random());
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..120),
            kept in 0_usize..80,
        ) {
            let good = ticket().seal(7, FRONT, CONTENTS);
            let kept = kept.min(bytes.len()).min(good.len());
            bytes[..kept].copy_from_slice(&good[..kept]);
            prop_assume!(bytes != good);
            prop_assert_eq!(open(&ticket(), 7, &bytes), None);
        }
    }
}
