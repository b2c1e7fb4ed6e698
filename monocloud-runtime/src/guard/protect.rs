//! A guard that a handler asks for while it runs.

use crate::access::{Accept, Caller, Decision, GuardKind, Moment, Requirement, decide};
use crate::config::AuthParams;
use crate::sign_in::Requested;

/// What [`Auth::protect`](crate::Auth::protect) asks for: the options of `#[protect]` and `#[protect_api]`, as values, but
/// for `check` and the two `on_…`.
///
/// By itself it asks that somebody is signed in. [`at`](Self::at) says for which paths, and makes an entry of
/// [`protected_routes`](crate::layer::AuthLayer::protected_routes).
#[derive(Clone, Debug)]
#[must_use = "it guards nothing until `Auth::protect` or `protected_routes` gets it"]
pub struct Protect {
    pub(super) kind: GuardKind,
    /// An empty list lets nobody in.
    pub(super) groups: Option<Vec<String>>,
    pub(super) match_all: Option<bool>,
    pub(super) groups_claim: Option<String>,
    pub(super) return_url: Option<String>,
    pub(crate) csrf: bool,
    max_age: Option<u32>,
    pub(super) acr_values: Option<Vec<String>>,
    pub(super) scopes: Vec<String>,
    /// Not said is what the kind says.
    accept: Option<Accept>,
    pub(super) requested: Option<Box<Requested>>,
}

impl Protect {
    /// What the log and events call it.
    pub(crate) const NAME: &str = "auth.protect";

    /// Asks that somebody is signed in, for a person with a browser, as `#[protect]` does.
    pub fn new() -> Self {
        Self::of(GuardKind::Page)
    }

    /// The same for a program, as `#[protect_api]` does: who is not let in gets a status and JSON, never a page or a
    /// redirect.
    pub fn api() -> Self {
        Self::of(GuardKind::Api)
    }

    fn of(kind: GuardKind) -> Self {
        Self {
            kind,
            groups: None,
            match_all: None,
            groups_claim: None,
            return_url: None,
            csrf: true,
            max_age: None,
            acr_values: None,
            scopes: Vec::new(),
            accept: None,
            requested: None,
        }
    }

    /// Asks for one of these groups, each a name, an id or a variant of
    /// [`monocloud_groups!`](crate::monocloud_groups). Nobody is in none: an empty list lets nobody in.
    pub fn groups<G: AsRef<str>>(mut self, groups: impl IntoIterator<Item = G>) -> Self {
        self.groups = Some(owned(groups));
        self
    }

    /// Whether all of the groups are needed, in place of one. `false` unless said; of an access token what
    /// [`api_groups_match_all`](crate::settings::Builder::api_groups_match_all) says.
    pub fn match_all(mut self, match_all: bool) -> Self {
        self.match_all = Some(match_all);
        self
    }

    /// The claim, or the dotted path to it, that holds the groups, in place of the setting
    /// [`groups_claim`](crate::settings::Builder::groups_claim).
    pub fn groups_claim(mut self, name: impl Into<String>) -> Self {
        self.groups_claim = Some(name.into());
        self
    }

    /// The page of this site at which a sign-in ends, in place of the one that was asked for.
    pub fn return_url(mut self, url: impl Into<String>) -> Self {
        self.return_url = Some(url.into());
        self
    }

    /// Whether requests that another site made are refused. `true` unless said. With `false`, whoever was let in is
    /// signed in for [`Auth`](crate::Auth) too, from then on.
    pub fn csrf(mut self, csrf: bool) -> Self {
        self.csrf = csrf;
        self
    }

    /// The most seconds since the person proved who they are (`auth_time`). Who proved it longer ago signs in again
    /// and comes back, which takes some: with less than 30 they may be asked again at once.
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The classes of authentication (`acr`) of which the sign-in must have one, to the letter. An empty list lets
    /// nobody in.
    pub fn acr_values<A: AsRef<str>>(mut self, values: impl IntoIterator<Item = A>) -> Self {
        self.acr_values = Some(owned(values));
        self
    }

    /// The scopes that the access token must have, all of them; those of a session are what its default token was
    /// granted (RFC 6749 §3.3).
    pub fn scopes<T: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = owned(scopes);
        self
    }

    /// What may say who asks. Unless said, [`Accept::Session`] for a page, and [`Accept::Any`] for an API.
    pub fn accept(mut self, accept: Accept) -> Self {
        self.accept = Some(accept);
        self
    }

    /// What a sign-in asks for, in place of what the settings say, where somebody has to sign in. Scopes and resources
    /// that cannot be used are passed over, and the log says so.
    pub fn auth_params(mut self, params: AuthParams) -> Self {
        self.requested = Some(Box::new(params.into()));
        self
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        borrowed(self.groups.as_ref())
    }

    /// Lets `look` see who may pass, as it is seen of a guard that a macro wrote.
    pub(crate) fn with_requirement<T>(&self, look: impl FnOnce(&Requirement<'_>) -> T) -> T {
        look(&Requirement {
            groups: &self.names(),
            match_all: self.match_all,
            groups_claim: self.groups_claim.as_deref(),
            csrf: self.csrf,
            max_age: self.max_age,
            acr_values: &borrowed(self.acr_values.as_ref()),
            scopes: &borrowed(Some(&self.scopes)),
            accept: self.accepts(),
        })
    }

    /// What may say who asks.
    pub(crate) fn accepts(&self) -> Accept {
        self.accept.unwrap_or(match self.kind {
            GuardKind::Page => Accept::Session,
            GuardKind::Api => Accept::Any,
        })
    }

    /// The same for a program.
    pub(crate) fn for_api(mut self) -> Self {
        self.kind = GuardKind::Api;
        self
    }

    #[allow(dead_code, reason = "for the report, which nobody makes yet")]
    pub(crate) fn kind(&self) -> GuardKind {
        self.kind
    }

    pub(crate) fn decide(
        &self,
        caller: Caller<'_>,
        own_site: bool,
        moment: impl FnOnce() -> Moment,
    ) -> Decision {
        let is_empty = |list: &Option<Vec<String>>| list.as_ref().is_some_and(Vec::is_empty);
        let decision = self.with_requirement(|requirement| decide(caller, requirement, own_site, moment));
        match decision {
            // A requirement says with an empty list that it asks for nothing.
            Decision::Allow | Decision::StepUp if is_empty(&self.groups) || is_empty(&self.acr_values) => {
                Decision::WrongGroup
            }
            decision => decision,
        }
    }
}

fn owned<T: AsRef<str>>(list: impl IntoIterator<Item = T>) -> Vec<String> {
    list.into_iter().map(|text| text.as_ref().to_owned()).collect()
}

fn borrowed(list: Option<&Vec<String>>) -> Vec<&str> {
    list.into_iter().flatten().map(String::as_str).collect()
}

impl Default for Protect {
    fn default() -> Self {
        Self::new()
    }
}
