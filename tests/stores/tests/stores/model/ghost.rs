//! What an onlooker remembers of what happened: no process knows it.

use crate::reference::index::{Member, covers};
use monocloud_runtime::store::Denial;

/// Refresh tokens are numbers.
pub(crate) const TOKENS: usize = 6;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each happens by itself")]
pub(crate) struct Ghost {
    /// The browser has the cookie: only then can it be used, and signed out.
    pub(crate) has_ticket: bool,
    /// A sign-out was acknowledged.
    pub(crate) signed_out: bool,
    /// Logouts that were acknowledged.
    pub(crate) by_sid: bool,
    pub(crate) by_sub: bool,
    pub(crate) by_older: bool,
    /// A fail-over lost something.
    pub(crate) is_lost: bool,
    /// Which tokens reached the issuer, and of which nobody knows what became.
    pub(crate) sent: [bool; TOKENS],
    pub(crate) unclear: [bool; TOKENS],
    /// Of which tokens an exchange was begun, and neither committed nor given up.
    pub(crate) begun: [bool; TOKENS],
    /// How often the `jti` was claimed.
    pub(crate) claims: u8,
}

impl Ghost {
    /// Takes back what was said to be done, as nobody heard it.
    pub(crate) fn not_told(&mut self, before: &Self) {
        self.has_ticket = before.has_ticket;
        self.signed_out = before.signed_out;
        self.by_sid = before.by_sid;
        self.by_sub = before.by_sub;
        self.by_older = before.by_older;
    }

    /// The denials of the account that were acknowledged.
    pub(crate) fn of_sub(&self) -> impl Iterator<Item = Denial> {
        let until = [
            (self.by_sub, Denial::IssuedUntil(1)),
            (self.by_older, Denial::IssuedUntil(0)),
        ];
        until
            .into_iter()
            .filter_map(|(is_acknowledged, denial)| is_acknowledged.then_some(denial))
    }

    pub(crate) fn is_denied(&self, member: &Member) -> bool {
        self.by_sid || self.of_sub().any(|denial| covers(denial, member, None))
    }
}
