//! The envelope of a sealed cookie, before its base64url:
//!
//! | bytes | |
//! |---|---|
//! | 1 | version |
//! | 1 | number of chunks |
//! | 6 | name of the key |
//! | 4 | length of the front's plaintext |
//! | 4 | length of the contents' plaintext, 0 where there are none |
//! | … | the front, sealed, with this head and the cookie's name as associated data |
//! | … | the contents, sealed with a key of their own, with the front's tag as associated data |
//!
//! The front is padded so that the contents begin at a whole group of four characters: each is
//! decoded without the other.

use std::ops::Range;

use base64_simd::{Out, URL_SAFE_NO_PAD};

use crate::crypto::{KEY_NAME, KeyName, NONCE, TAG};

const VERSION: u8 = 2;
const LENGTHS: usize = 2 + KEY_NAME;

/// The bytes in front of what is sealed.
pub(super) const HEAD: usize = LENGTHS + 4 + 4;

/// Where the front's plaintext begins, once it is opened in place.
pub(super) const FRONT: usize = HEAD + NONCE;

/// More than any session that is not refused.
pub(super) const MAX_CHUNKS: usize = 32;

/// More than browsers keep in one cookie, so nothing of ours.
const MAX_CHUNK: usize = 4_096;

/// What an envelope says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) chunks: usize,
    pub(super) key: KeyName,
    pub(super) front: usize,
    pub(super) contents: usize,
}

impl Head {
    /// Reads it from the first chunk as it was sent. Only what opens proves it.
    pub(super) fn of_first_chunk(chunk: &[u8]) -> Option<Self> {
        if chunk.len() > MAX_CHUNK {
            return None;
        }
        let mut bytes = [0; HEAD.next_multiple_of(3)];
        let characters = chunk.get(..bytes.len() / 3 * 4)?;
        URL_SAFE_NO_PAD
            .decode(characters, Out::from_slice(&mut bytes))
            .ok()?;
        Self::from_bytes(bytes.first_chunk()?)
    }

    fn from_bytes(bytes: &[u8; HEAD]) -> Option<Self> {
        let length = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
        let head = Self {
            chunks: usize::from(bytes[1]),
            key: KeyName::from_bytes(*bytes.get(2..)?.first_chunk()?),
            front: length(LENGTHS)?,
            contents: length(LENGTHS + 4)?,
        };
        let most = MAX_CHUNKS * MAX_CHUNK;
        let is_possible = bytes[0] == VERSION
            && (1..=MAX_CHUNKS).contains(&head.chunks)
            && head.front < most
            && head.contents < most;
        is_possible.then_some(head)
    }

    pub(super) fn to_bytes(self) -> Option<[u8; HEAD]> {
        let mut bytes = [0; HEAD];
        bytes[0] = VERSION;
        bytes[1] = u8::try_from(self.chunks).ok()?;
        bytes[2..LENGTHS].copy_from_slice(&self.key.to_bytes());
        bytes[LENGTHS..LENGTHS + 4].copy_from_slice(&u32::try_from(self.front).ok()?.to_be_bytes());
        bytes[LENGTHS + 4..].copy_from_slice(&u32::try_from(self.contents).ok()?.to_be_bytes());
        Some(bytes)
    }

    /// The front's plaintext with its padding.
    pub(super) fn padded_front(self) -> usize {
        (FRONT + self.front + TAG).next_multiple_of(3) - FRONT - TAG
    }

    /// Where the front with its tag ends: a multiple of three.
    pub(super) fn front_end(self) -> usize {
        FRONT + self.padded_front() + TAG
    }

    pub(super) fn end(self) -> usize {
        match self.contents {
            0 => self.front_end(),
            contents => self.front_end() + NONCE + contents + TAG,
        }
    }

    /// The characters of the whole value.
    pub(super) fn characters(self) -> usize {
        encoded(self.end())
    }

    /// How long the chunk with this number is when the first one has `first` characters: all but the
    /// last are equally long, in whole groups of four.
    pub(super) fn chunk_length(self, first: usize, number: usize) -> Option<usize> {
        let before = first.checked_mul(self.chunks - 1)?;
        if self.chunks > 1 && !first.is_multiple_of(4) {
            return None;
        }
        let last = self.characters().checked_sub(before).filter(|last| *last > 0)?;
        if last > first && self.chunks > 1 {
            return None;
        }
        Some(if number + 1 == self.chunks { last } else { first })
    }
}

/// The characters that so many bytes take.
pub(super) fn encoded(bytes: usize) -> usize {
    bytes / 3 * 4 + [0, 2, 3][bytes % 3]
}

/// The chunks of one value, in order; the last ones may be missing.
#[derive(Clone, Copy)]
pub(super) struct Chunks<'a>(pub(super) &'a [&'a [u8]]);

impl Chunks<'_> {
    /// Decodes the bytes of a range that begins at a multiple of three, and ends at one or at the
    /// value's end.
    pub(super) fn decode(&self, bytes: Range<usize>, out: &mut [u8]) -> Option<()> {
        let mut skipped = encoded(bytes.start);
        let mut wanted = encoded(bytes.end).checked_sub(skipped)?;
        let mut out = out.get_mut(..bytes.len())?;
        for chunk in self.0 {
            let Some(rest) = chunk.get(skipped..) else {
                skipped -= chunk.len();
                continue;
            };
            skipped = 0;
            let part = &rest[..rest.len().min(wanted)];
            wanted -= part.len();
            let decoded = URL_SAFE_NO_PAD.decode(part, Out::from_slice(out)).ok()?.len();
            out = &mut out[decoded..];
            if wanted == 0 {
                return out.is_empty().then_some(());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunks, Head, MAX_CHUNKS, encoded};
    use crate::clock::Clock;
    use crate::crypto::KeyRing;
    use base64_simd::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    fn head(chunks: usize, front: usize, contents: usize) -> Head {
        let ring = KeyRing::new(
            &["app"],
            "a secret of the tests, 32 bytes long",
            [],
            Clock::default(),
            1,
        );
        Head {
            chunks,
            key: ring.today(0),
            front,
            contents,
        }
    }

    proptest! {
        #[test]
        fn any_characters_are_a_head_or_none(chunk in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(head) = Head::of_first_chunk(&chunk) {
                prop_assert!(head.chunks <= MAX_CHUNKS && head.end() >= head.front_end());
                for number in 0..head.chunks {
                    head.chunk_length(chunk.len(), number);
                }
            }
        }

        #[test]
        fn a_head_is_read_as_it_was_written(front in 0_usize..9_999, contents in 0_usize..9_999) {
            let head = head(3, front, contents);
            let mut bytes = head.to_bytes().expect("small").to_vec();
            bytes.extend([7; 99]);
            let encoded = URL_SAFE_NO_PAD.encode_to_string(bytes);
            prop_assert_eq!(Head::of_first_chunk(encoded.as_bytes()), Some(head));
            prop_assert_eq!(head.front_end() % 3, 0);
            prop_assert!(head.padded_front() - front < 3);
        }

        #[test]
        fn any_range_is_decoded_over_any_chunks(
            bytes in prop::collection::vec(any::<u8>(), 1..600),
            step in 1_usize..40,
            start in 0_usize..200,
        ) {
            let text = URL_SAFE_NO_PAD.encode_to_string(&bytes);
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(step * 4).collect();
            let start = (start * 3).min(bytes.len() / 3 * 3);
            let mut out = vec![0; bytes.len() - start];
            prop_assert_eq!(Chunks(&chunks).decode(start..bytes.len(), &mut out), Some(()));
            prop_assert_eq!(&out, &bytes[start..]);
            prop_assert_eq!(encoded(bytes.len()), text.len());
            let mut out = vec![0; bytes.len()];
            let cut = Chunks(&chunks[..chunks.len() - 1]);
            prop_assert_eq!(cut.decode(0..bytes.len(), &mut out), None);
        }
    }
}
