//! Why a request gets no tokens (RFC 6749 5.2).

/// Why a request gets no tokens: an OAuth error and its description.
pub(super) struct Refused(pub(super) &'static str, pub(super) &'static str);

impl Refused {
    pub(super) fn new(error: &'static str, description: &'static str) -> Self {
        Self(error, description)
    }

    pub(super) fn grant(description: &'static str) -> Self {
        Self("invalid_grant", description)
    }
}
