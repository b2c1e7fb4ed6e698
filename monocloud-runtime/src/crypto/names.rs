//! What a `sid`, a `sub` or a `jti` is called where it is remembered: an HMAC, so that nobody reads it back who has not got the
//! cookie secret.

use std::sync::Arc;

use aws_lc_rs::hmac;

/// 128 bits of HMAC-SHA256.
pub(crate) type Name = [u8; 16];

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// The issuer's id of its session.
    Sid,
    /// A user of the issuer.
    Sub,
    /// The same as far as their sessions have no `sid`.
    SubWithoutSid,
    /// A token of the issuer that acts once, by its `jti`.
    Token,
    /// A session of ours.
    Session,
    /// Whose sessions of ours are counted together.
    Account,
    /// What processes tell each other of sessions that are over.
    Entry,
}

/// Gives names. Those that were given under an earlier secret are still known.
#[derive(Clone)]
pub(crate) struct Names {
    /// The current one first.
    keys: Arc<[hmac::Key]>,
}

/// Gives names under one secret.
#[derive(Clone, Copy)]
pub(crate) struct Namer<'a>(&'a hmac::Key);

impl Names {
    pub(crate) fn new(current: &[u8; 32], previous: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let key = |bytes: &[u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let previous = previous.into_iter().map(|bytes| key(&bytes));
        Self {
            keys: std::iter::once(key(current)).chain(previous).collect(),
        }
    }

    /// Under the current secret.
    pub(crate) fn current(&self) -> Namer<'_> {
        Namer(&self.keys[0])
    }

    /// Under each secret.
    pub(crate) fn each(&self) -> impl Iterator<Item = Namer<'_>> {
        self.keys.iter().map(Namer)
    }
}

impl Namer<'_> {
    pub(crate) fn of(self, named: Named, issuer: &str, value: impl AsRef<[u8]>) -> Name {
        let kind: &[u8] = match named {
            Named::Sid => b"sid",
            Named::Sub => b"sub",
            Named::SubWithoutSid => b"sub without sid",
            Named::Token => b"jti",
            Named::Session => b"session",
            Named::Account => b"account",
            Named::Entry => b"entry of a log",
        };
        let mut context = hmac::Context::with_key(self.0);
        context.update(kind);
        context.update(&[0]);
        // Where one ends and the other begins must not be open.
        context.update(&u32::try_from(issuer.len()).unwrap_or(u32::MAX).to_be_bytes());
        context.update(issuer.as_bytes());
        context.update(value.as_ref());
        let tag = context.sign();
        *tag.as_ref().first_chunk().expect("HMAC-SHA256 has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Names};

    #[test]
    fn names_of_sid_and_sub_never_meet() {
        let (names, others) = (Names::new(&[7; 32], []), Names::new(&[8; 32], []));
        let all = [
            names.current().of(Named::Sid, "https://a.example", "1"),
            names.current().of(Named::Sub, "https://a.example", "1"),
            names.current().of(Named::SubWithoutSid, "https://a.example", "1"),
            names.current().of(Named::Session, "https://a.example", "1"),
            names.current().of(Named::Account, "https://a.example", "1"),
            names.current().of(Named::Sid, "https://a.example", "2"),
            names.current().of(Named::Sid, "https://a.example1", ""),
            names.current().of(Named::Sid, "https://a.exampl", "e1"),
            others.current().of(Named::Sid, "https://a.example", "1"),
        ];
        for (at, name) in all.iter().enumerate() {
            assert!(!all[..at].contains(name), "{at}");
        }
        assert_eq!(all[0], names.current().of(Named::Sid, "https://a.example", "1"));
    }

    #[test]
    fn what_an_earlier_secret_has_named_is_known() {
        let (before, after) = (Names::new(&[7; 32], []), Names::new(&[8; 32], [[7; 32]]));
        let name = before.current().of(Named::Sid, "https://a.example", "1");
        let known = |names: &Names| {
            let mut each = names.each();
            each.any(|namer| namer.of(Named::Sid, "https://a.example", "1") == name)
        };
        assert!(known(&before) && known(&after));
        assert!(!known(&Names::new(&[8; 32], [])));
        assert_ne!(after.current().of(Named::Sid, "https://a.example", "1"), name);
    }
}
