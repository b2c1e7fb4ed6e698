//! What a guard asks of who is signed in.

/// Data that a macro writes, or a handler while it runs, and one function interprets.
#[derive(Debug)]
pub struct Requirement<'a> {
    /// Names or ids; empty where being signed in is enough.
    pub groups: &'a [&'a str],
    /// Whether all groups are needed.
    pub match_all: bool,
    /// The claim that holds the groups, in place of the configured one.
    pub groups_claim: Option<&'a str>,
    /// Whether requests that another site made are refused.
    pub csrf: bool,
    /// The most seconds since the person proved who they are.
    pub max_age: Option<u32>,
    /// The classes of authentication (`acr`) of which the sign-in must have one; empty where any is good.
    pub acr_values: &'a [&'a str],
}

impl Requirement<'static> {
    /// Somebody is signed in.
    pub const SIGNED_IN: Self = Self {
        groups: &[],
        match_all: false,
        groups_claim: None,
        csrf: true,
        max_age: None,
        acr_values: &[],
    };
}

impl Requirement<'_> {
    /// Whether it asks how and when somebody signed in.
    pub(crate) const fn asks_for_step_up(&self) -> bool {
        self.max_age.is_some() || !self.acr_values.is_empty()
    }
}
