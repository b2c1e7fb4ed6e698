//! One denial as it stands in a file.
//!
//! | bytes | |
//! |---|---|
//! | 4 | what it is |
//! | 16 + 16 | the name of a `sid`, a `sub` or an account; of an account also the session's |
//! | 8 | the moment that sessions are compared with |
//! | 8 + 8 | when it was noted, and until when it holds, in milliseconds |
//! | 4 | how many entries were on the disk when its writing began |
//! | 8 | of the SHA-256 of all that, and of its place in the file |

use std::time::Duration;

use tokio::time::Instant;

use super::time::Now;
use crate::crypto::{Name, sha256};

pub(super) const BYTES: usize = 72;

const CHECKED: usize = BYTES - 8;

/// What is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A session that ended here.
    Ended,
    /// Sessions of an account that were created before the moment, by our clock in milliseconds.
    EndedBefore,
    /// The same, whoever's they are.
    EverybodyBefore,
    Sid,
    /// Sessions of a user whose ID token was issued by the moment, by the issuer's clock in seconds.
    Sub,
    /// The same, whoever's they are.
    Everybody,
    /// A `sid` that nobody has proved.
    UnprovedSid,
}

const KINDS: [Kind; 7] = [
    Kind::Ended,
    Kind::EndedBefore,
    Kind::EverybodyBefore,
    Kind::Sid,
    Kind::Sub,
    Kind::Everybody,
    Kind::UnprovedSid,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) name: Name,
    pub(super) session: Name,
    pub(super) moment: i64,
    pub(super) noted_at: i64,
    pub(super) until: i64,
}

/// What stands at a place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// `None` where it is of a kind that this version does not know.
    pub(super) entry: Option<Entry>,
    /// How many entries were on the disk when its writing began.
    pub(super) before: u32,
}

impl Entry {
    /// In a file that has `at` entries before this one, of which `before` are on the disk.
    pub(super) fn to_bytes(self, at: u32, before: u32) -> [u8; BYTES] {
        let kind = KINDS
            .iter()
            .position(|kind| *kind == self.kind)
            .unwrap_or_default();
        let parts: [&[u8]; 7] = [
            &u32::try_from(kind).unwrap_or(u32::MAX).to_be_bytes(),
            &self.name,
            &self.session,
            &self.moment.to_be_bytes(),
            &self.noted_at.to_be_bytes(),
            &self.until.to_be_bytes(),
            &before.to_be_bytes(),
        ];
        let mut bytes = [0; BYTES];
        let (checked, check) = bytes.split_at_mut(CHECKED);
        checked.copy_from_slice(&parts.concat());
        check.copy_from_slice(&checksum(at, checked));
        bytes
    }

    /// What [`Self::to_bytes`] has made for this place, if it is whole.
    pub(super) fn read(bytes: &[u8; BYTES], at: u32) -> Option<Read> {
        let (checked, check) = bytes.split_at(CHECKED);
        if checksum(at, checked) != *check {
            return None;
        }
        let mut rest = checked;
        let kind = usize::try_from(u32::from_be_bytes(take(&mut rest)?)).ok()?;
        let (name, session) = (take(&mut rest)?, take(&mut rest)?);
        let mut number = || Some(i64::from_be_bytes(take(&mut rest)?));
        let (moment, noted_at, until) = (number()?, number()?, number()?);
        let before = u32::from_be_bytes(take(&mut rest)?);
        let entry = KINDS.get(kind).map(|kind| Self {
            kind: *kind,
            name,
            session,
            moment,
            noted_at,
            until,
        });
        Some(Read { entry, before })
    }

    /// Until when it holds, if it still does: as long as it was to, and as long as any session of `lifetime` can live. No
    /// clock that was set back makes that longer than it was.
    pub(super) fn holds_until(&self, lifetime: Duration, now: Now) -> Option<Instant> {
        let was_to = self.until.saturating_sub(self.noted_at);
        let left = self.until.saturating_sub(now.millis).min(was_to);
        now.in_millis(left).max(now.until_over(self.noted_at, lifetime))
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

fn checksum(at: u32, checked: &[u8]) -> [u8; BYTES - CHECKED] {
    let hash = sha256(&[&at.to_be_bytes(), checked].concat());
    *hash.first_chunk().expect("32 bytes hold 8")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{BYTES, Entry, KINDS, Kind, Read};
    use crate::session::denials::time::Now;

    fn entry(kind: Kind) -> Entry {
        Entry {
            kind,
            name: [1; 16],
            session: [2; 16],
            moment: -3,
            noted_at: 1_000,
            until: 61_000,
        }
    }

    #[test]
    fn what_is_written_is_read_at_its_place_alone() {
        for kind in KINDS {
            let bytes = entry(kind).to_bytes(7, 5);
            let read = Read {
                entry: Some(entry(kind)),
                before: 5,
            };
            assert_eq!(Entry::read(&bytes, 7), Some(read));
            assert_eq!(Entry::read(&bytes, 8), None);
        }
        assert_eq!(Entry::read(&[0; BYTES], 0), None);
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let bytes = entry(Kind::Sub).to_bytes(7, 5);
        for bit in 0..BYTES * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Entry::read(&flipped, 7), None, "{bit}");
        }
    }

    #[test]
    fn it_holds_as_long_as_it_was_to_and_as_long_as_sessions_live_now() {
        let instant = Instant::now();
        let holds = |millis, lifetime| {
            let now = Now { instant, millis };
            let until = entry(Kind::Sid).holds_until(Duration::from_secs(lifetime), now);
            until.map(|until| until.duration_since(instant).as_secs())
        };
        assert_eq!(holds(1_000, 60), Some(60));
        assert_eq!(holds(31_000, 60), Some(30));
        assert_eq!(holds(61_000, 60), None);
        // Lifetimes were made shorter, or longer, since.
        assert_eq!(holds(31_000, 10), Some(30));
        assert_eq!(holds(31_000, 100), Some(70));
        // The clock was set back by a year.
        assert_eq!(holds(-31_536_000_000, 10), Some(60));
    }
}
