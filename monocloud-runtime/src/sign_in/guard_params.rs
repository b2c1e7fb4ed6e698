//! The authorization parameters of a guard: data that a macro checked and wrote.

use super::requested::{Requested, usable};
use crate::config::{ResourceSet, ResponseMode, ScopeSet};

/// What the sign-ins ask for to which a guard sends, in place of what the settings say.
#[derive(Clone, Copy, Debug)]
pub struct GuardParams {
    /// Separated by spaces, with `openid`.
    pub scopes: Option<&'static str>,
    /// Separated by spaces.
    pub resource: Option<&'static str>,
    /// As it is.
    pub audience: Option<&'static str>,
    /// Words, separated by spaces.
    pub prompt: Option<&'static str>,
    /// One word.
    pub display: Option<&'static str>,
    /// Separated by spaces.
    pub ui_locales: Option<&'static str>,
    /// Separated by spaces; asked for, and not checked.
    pub acr_values: Option<&'static str>,
    /// As it is.
    pub authenticator_hint: Option<&'static str>,
    /// Seconds; checked when somebody comes back, and not later.
    pub max_age: Option<u32>,
    /// As it is.
    pub login_hint: Option<&'static str>,
    /// As it is.
    pub id_token_hint: Option<&'static str>,
    /// How the authorization response comes back.
    pub response_mode: Option<ResponseMode>,
}

impl GuardParams {
    /// Nothing beyond the settings.
    pub const NONE: Self = Self {
        scopes: None,
        resource: None,
        audience: None,
        prompt: None,
        display: None,
        ui_locales: None,
        acr_values: None,
        authenticator_hint: None,
        max_age: None,
        login_hint: None,
        id_token_hint: None,
        response_mode: None,
    };

    pub(crate) fn requested(&self) -> Requested {
        let text = |value: Option<&str>| value.map(str::to_owned);
        Requested {
            scopes: self
                .scopes
                .and_then(|scopes| usable("scopes", ScopeSet::with_openid(scopes))),
            resource: self
                .resource
                .and_then(|resource| usable("resource", ResourceSet::parse(resource))),
            audience: text(self.audience),
            prompt: text(self.prompt),
            display: text(self.display),
            ui_locales: text(self.ui_locales),
            acr_values: text(self.acr_values),
            authenticator_hint: text(self.authenticator_hint),
            max_age: self.max_age,
            login_hint: text(self.login_hint),
            id_token_hint: text(self.id_token_hint),
            response_mode: self.response_mode,
        }
    }
}
