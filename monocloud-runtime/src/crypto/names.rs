//! What a `sid` or a `sub` is called where it is remembered: an HMAC, so that nobody reads it back who has not got the
//! cookie secret.

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
}

/// Gives names.
#[derive(Clone)]
pub(crate) struct Names(hmac::Key);

impl Names {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    pub(crate) fn of(&self, named: Named, issuer: &str, value: &str) -> Name {
        let kind: &[u8] = match named {
            Named::Sid => b"sid",
            Named::Sub => b"sub",
        };
        let mut context = hmac::Context::with_key(&self.0);
        context.update(kind);
        context.update(&[0]);
        // Where one ends and the other begins must not be open.
        context.update(&u32::try_from(issuer.len()).unwrap_or(u32::MAX).to_be_bytes());
        context.update(issuer.as_bytes());
        context.update(value.as_bytes());
        let tag = context.sign();
        *tag.as_ref().first_chunk().expect("HMAC-SHA256 has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Names};

    #[test]
    fn names_of_sid_and_sub_never_meet() {
        let names = Names::new(&[7; 32]);
        let all = [
            names.of(Named::Sid, "https://a.example", "1"),
            names.of(Named::Sub, "https://a.example", "1"),
            names.of(Named::Sid, "https://a.example", "2"),
            names.of(Named::Sid, "https://a.example1", ""),
            names.of(Named::Sid, "https://a.exampl", "e1"),
            Names::new(&[8; 32]).of(Named::Sid, "https://a.example", "1"),
        ];
        for (at, name) in all.iter().enumerate() {
            assert!(!all[..at].contains(name), "{at}");
        }
        assert_eq!(all[0], names.of(Named::Sid, "https://a.example", "1"));
    }
}
