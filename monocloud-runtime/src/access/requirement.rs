//! What a guard asks of who is signed in.

/// Data that a macro writes, and one function interprets.
#[derive(Debug)]
pub struct Requirement {
    /// Names or ids; empty where being signed in is enough.
    pub groups: &'static [&'static str],
    /// Whether all groups are needed.
    pub match_all: bool,
    /// The claim that holds the groups, in place of the configured one.
    pub groups_claim: Option<&'static str>,
    /// Whether requests that another site made are refused.
    pub csrf: bool,
}

impl Requirement {
    /// Somebody is signed in.
    pub const SIGNED_IN: Self = Self {
        groups: &[],
        match_all: false,
        groups_claim: None,
        csrf: true,
    };
}
