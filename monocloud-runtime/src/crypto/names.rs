//! What a `sid`, a `sub` or a `jti` is called where it is remembered: an HMAC, so that nobody reads it back who has not
//! got the cookie secret.

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

/// Gives names: under the current cookie secret, and those that something got under an earlier one.
#[derive(Clone)]
pub(crate) struct Names {
    current: hmac::Key,
    previous: Vec<hmac::Key>,
}

impl Names {
    pub(super) fn new(current: &[u8; 32], previous: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let key = |key: &[u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, key);
        Self {
            current: key(current),
            previous: previous.into_iter().map(|previous| key(&previous)).collect(),
        }
    }

    /// What it is called from now on.
    pub(crate) fn of(&self, named: Named, issuer: &str, value: &str) -> Name {
        name(&self.current, named.label(), issuer, value)
    }

    /// What it may be called by now, the current name first.
    pub(crate) fn all_of(&self, named: Named, issuer: &str, value: &str) -> Vec<Name> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .map(|key| name(key, named.label(), issuer, value))
            .collect()
    }

    /// What a token is called that acts once, by its `jti`.
    pub(crate) fn of_token(&self, issuer: &str, jti: &str) -> Name {
        name(&self.current, b"jti", issuer, jti)
    }
}

impl Named {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Sid => b"sid",
            Self::Sub => b"sub",
        }
    }
}

fn name(key: &hmac::Key, label: &[u8], issuer: &str, value: &str) -> Name {
    let mut context = hmac::Context::with_key(key);
    context.update(label);
    context.update(&[0]);
    // Where one ends and the other begins must not be open.
    context.update(&u32::try_from(issuer.len()).unwrap_or(u32::MAX).to_be_bytes());
    context.update(issuer.as_bytes());
    context.update(value.as_bytes());
    let tag = context.sign();
    *tag.as_ref().first_chunk().expect("HMAC-SHA256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::{Named, Names};

    const ISSUER: &str = "https://a.example";

    #[test]
    fn names_of_sid_and_sub_never_meet() {
        let names = Names::new(&[7; 32], []);
        let all = [
            names.of(Named::Sid, ISSUER, "1"),
            names.of(Named::Sub, ISSUER, "1"),
            names.of_token(ISSUER, "1"),
            names.of(Named::Sid, ISSUER, "2"),
            names.of(Named::Sid, "https://a.example1", ""),
            names.of(Named::Sid, "https://a.exampl", "e1"),
            Names::new(&[8; 32], []).of(Named::Sid, ISSUER, "1"),
        ];
        for (at, name) in all.iter().enumerate() {
            assert!(!all[..at].contains(name), "{at}");
        }
        assert_eq!(all[0], names.of(Named::Sid, ISSUER, "1"));
    }

    #[test]
    fn what_got_its_name_under_an_earlier_secret_is_found_by_it() {
        let earlier = Names::new(&[7; 32], []);
        let rotated = Names::new(&[8; 32], [[7; 32], [6; 32]]);
        for named in [Named::Sid, Named::Sub] {
            let all = rotated.all_of(named, ISSUER, "1");
            assert_eq!(all.len(), 3);
            assert_eq!(all[0], rotated.of(named, ISSUER, "1"));
            assert_eq!(all[1], earlier.of(named, ISSUER, "1"));
            assert_eq!(earlier.all_of(named, ISSUER, "1"), all[1..2]);
        }
    }
}
