//! What a guard asks of who is signed in.

/// Data that a macro writes, or a handler while it runs, and one function interprets.
#[derive(Debug)]
pub struct Requirement<'a> {
    /// Names or ids; empty where being signed in is enough.
    pub groups: &'a [&'a str],
    /// Whether all groups are needed; not said is one of them, unless a setting for access tokens says otherwise.
    pub match_all: Option<bool>,
    /// The claim that holds the groups, in place of the configured one.
    pub groups_claim: Option<&'a str>,
    /// Whether requests that another site made are refused.
    pub csrf: bool,
    /// The most seconds since the person proved who they are.
    pub max_age: Option<u32>,
    /// The classes of authentication (`acr`) of which the sign-in must have one; empty where any is good.
    pub acr_values: &'a [&'a str],
    /// The scopes of the access token, all of which are needed; those of a session are what its default token was
    /// granted.
    pub scopes: &'a [&'a str],
    /// What may say who asks.
    pub accept: Accept,
}

/// What may say who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Accept {
    /// An access token in the `Authorization` header where the request has one, and the session otherwise.
    #[default]
    Any,
    /// The session alone: a request with an access token is refused.
    Session,
    /// An access token alone: a request without one is refused, whoever is signed in.
    Bearer,
}

impl Requirement<'static> {
    /// Somebody is signed in.
    pub const PAGE: Self = Self {
        accept: Accept::Session,
        ..Self::API
    };

    /// Somebody is signed in, or calls with an access token.
    pub const API: Self = Self {
        groups: &[],
        match_all: None,
        groups_claim: None,
        csrf: true,
        max_age: None,
        acr_values: &[],
        scopes: &[],
        accept: Accept::Any,
    };
}

impl Requirement<'_> {
    /// Whether it asks how and when somebody signed in.
    pub(crate) const fn asks_for_step_up(&self) -> bool {
        self.max_age.is_some() || !self.acr_values.is_empty()
    }
}
