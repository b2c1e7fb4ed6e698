//! The two kinds of guard.

/// What a guard answers with: a page sends the browser to sign in, an API says 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Page,
    Api,
}

impl Kind {
    /// The macro's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Page => "protect",
            Self::Api => "protect_api",
        }
    }
}
