//! What can be asked of a store, and where it is chosen by chance.

use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::store::{
    CLOSED_FOR, Denial, IndexKey, Lease, Names, NewRecord, Owner, Record, StoreKey, Strangers,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// Sessions have numbers, of which all else follows: two of each account, with and without a `sid` or an `iat`.
const SESSIONS: u8 = 4;
const OWNERS: u8 = 3;

/// `of` is a session, `at` the revision that it is thought to have; none is the one that it has.
#[derive(Clone, Debug)]
pub(crate) enum Do {
    Get {
        of: u8,
    },
    Create {
        of: u8,
        text: u8,
        lives: u64,
        most: Option<u32>,
    },
    Update {
        of: u8,
        at: Option<u64>,
        text: u8,
        lives: u64,
        renamed: bool,
    },
    Begin {
        of: u8,
        at: Option<u64>,
        by: u8,
        length: u64,
    },
    Commit {
        of: u8,
        at: Option<u64>,
        by: u8,
        text: u8,
        lives: u64,
    },
    Abandon {
        of: u8,
        by: u8,
        unclear: bool,
    },
    Delete {
        of: u8,
    },
    EndAll {
        names: Vec<u8>,
        denial: Denial,
        strangers: Strangers,
        lives: u64,
    },
    List {
        names: Vec<u8>,
    },
    Touch {
        of: u8,
        text: u8,
    },
    Claim {
        name: u8,
        by: u8,
        length: u64,
    },
    Settle {
        name: u8,
        by: u8,
        keep: Option<u64>,
    },
    Wait {
        length: u64,
    },
}

impl Do {
    /// The same with an hour, or no time at all. Where sessions run out none is renamed: a store need not remember what
    /// else one was filed under that is over.
    pub(crate) fn timeless(mut self, run_out: bool) -> Option<Self> {
        let hour_or_none = |length: &mut u64| *length = if *length < 100 { 0 } else { 3_600_000 };
        match &mut self {
            Self::Wait { .. } => return None,
            Self::Create { lives, .. } | Self::Commit { lives, .. } | Self::EndAll { lives, .. } => {
                hour_or_none(lives);
            }
            Self::Update { lives, renamed, .. } => {
                hour_or_none(lives);
                *renamed &= !run_out;
            }
            Self::Begin { length, .. } | Self::Claim { length, .. } => hour_or_none(length),
            Self::Settle { keep, .. } => keep.iter_mut().for_each(hour_or_none),
            Self::Get { .. }
            | Self::Abandon { .. }
            | Self::Delete { .. }
            | Self::List { .. }
            | Self::Touch { .. } => {}
        }
        Some(self)
    }
}

pub(crate) fn key(of: u8) -> StoreKey {
    StoreKey::from_bytes([of + 1; 16])
}

pub(crate) fn name(name: u8) -> IndexKey {
    IndexKey::from_bytes([name + 1; 16])
}

pub(crate) fn owner(by: u8) -> Owner {
    Owner::from_bytes([by; 16])
}

/// Accounts are 0 and 1, sessions of the issuer 4 to 7; renamed, they are 8 more.
pub(crate) fn names(of: u8, renamed: bool) -> Names {
    let more = if renamed { 8 } else { 0 };
    Names {
        sid: (of != 3).then(|| name(4 + of + more)),
        sub: name(of % 2 + more),
    }
}

pub(crate) fn millis(length: u64) -> Duration {
    Duration::from_millis(length)
}

pub(crate) fn record(text: u8, lives: u64) -> Record {
    Record::new(Bytes::from(vec![text; 3]), Bytes::from(vec![text]), millis(lives))
}

pub(crate) fn new(of: u8, text: u8, lives: u64, most: Option<u32>) -> NewRecord {
    let created_at = 100 * i64::from(of);
    let mut new = NewRecord::new(record(text, lives), names(of, false), created_at, CLOSED_FOR);
    new.most_of_user = most;
    new.issued_at = [Some(10), Some(20), None, Some(30)][usize::from(of)];
    new
}

pub(crate) fn updated(of: u8, text: u8, lives: u64, renamed: bool) -> Record {
    let mut record = record(text, lives);
    record.renamed = renamed.then(|| names(of, true));
    record
}

pub(crate) fn lease(by: u8, length: u64) -> Lease {
    Lease {
        owner: owner(by),
        length: millis(length),
    }
}

pub(crate) fn several(names: &[u8]) -> Vec<IndexKey> {
    names.iter().copied().map(name).collect()
}

/// Where sessions run out, none are ended by name: how long a store remembers that a session was there is left to it.
pub(crate) fn operation(run_out: bool) -> impl Strategy<Value = Do> {
    let of = || 0..SESSIONS;
    let by = || 0..OWNERS;
    let at = || prop_oneof![3 => Just(None), 1 => (1..4_u64).prop_map(Some)];
    let text = || any::<u8>();
    let a_name = || prop_oneof![0..2_u8, 4..16_u8];
    let some_names = || vec(a_name(), 1..3);
    let lives = move || {
        if run_out {
            prop_oneof![Just(600_000), 0..300_u64].boxed()
        } else {
            Just(1_000_000_000).boxed()
        }
    };
    let length = || 1..200_u64;
    let denial = prop_oneof![
        Just(Denial::Every),
        (0..40_i64).prop_map(Denial::IssuedUntil),
        (0..400_i64).prop_map(Denial::CreatedBefore),
    ];
    let strangers = prop_oneof![Just(Strangers::Deny), Just(Strangers::PassOver)];
    let ended = vec(a_name(), if run_out { 0..1 } else { 1..3_usize });
    prop_oneof![
        4 => of().prop_map(|of| Do::Get { of }),
        4 => (of(), text(), lives(), prop_oneof![Just(None), (0..3_u32).prop_map(Some)])
            .prop_map(|(of, text, lives, most)| Do::Create { of, text, lives, most }),
        3 => (of(), at(), text(), lives(), prop_oneof![4 => Just(false), 1 => Just(true)])
            .prop_map(|(of, at, text, lives, renamed)| Do::Update { of, at, text, lives, renamed }),
        4 => (of(), at(), by(), length()).prop_map(|(of, at, by, length)| Do::Begin { of, at, by, length }),
        3 => (of(), at(), by(), text(), lives())
            .prop_map(|(of, at, by, text, lives)| Do::Commit { of, at, by, text, lives }),
        2 => (of(), by(), any::<bool>()).prop_map(|(of, by, unclear)| Do::Abandon { of, by, unclear }),
        1 => of().prop_map(|of| Do::Delete { of }),
        1 => (ended, denial, strangers, prop_oneof![Just(600_000), 0..300_u64])
            .prop_map(|(names, denial, strangers, lives)| Do::EndAll { names, denial, strangers, lives }),
        2 => some_names().prop_map(|names| Do::List { names }),
        1 => (of(), text()).prop_map(|(of, text)| Do::Touch { of, text }),
        2 => (0..2_u8, by(), length()).prop_map(|(name, by, length)| Do::Claim { name, by, length }),
        2 => (0..2_u8, by(), prop_oneof![Just(None), length().prop_map(Some)])
            .prop_map(|(name, by, keep)| Do::Settle { name, by, keep }),
        2 => prop_oneof![length(), Just(700_000)].prop_map(|length| Do::Wait { length }),
    ]
}
