//! What things are called in a store: nothing that says whose they are.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto;

macro_rules! opaque {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// As a store has kept it, or as a test makes it.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// All of it.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        /// 22 characters of base64url.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        /// Enough to tell two apart in a log, and too little to be one.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = URL_SAFE_NO_PAD.encode(self.0);
                text.truncate(6);
                write!(f, "{}({text}…)", stringify!($name))
            }
        }
    };
}

opaque! {
    /// What a record is filed under: an HMAC, keyed with what only the browser's cookie has.
    StoreKey
}

opaque! {
    /// What a `sid`, a `sub` or a `jti` is called in a store: an HMAC, keyed with the application's cookie secret. What an
    /// application's log is called: a hash of its issuer and client.
    IndexKey
}

opaque! {
    /// Who holds a lease: random, new for every attempt.
    Owner
}

impl StoreKey {
    pub(crate) fn random() -> Self {
        Self(crypto::random())
    }
}

/// How often a record was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Revision(u64);

impl Revision {
    /// That of a record that was just created.
    pub const FIRST: Self = Self(1);

    /// As a store has kept it.
    pub const fn new(revision: u64) -> Self {
        Self(revision)
    }

    /// That of the next write.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Something that is one owner's for a time.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// Whose it is.
    pub owner: Owner,
    /// How long, from when the store is asked; by the store's clock.
    pub length: Duration,
}
