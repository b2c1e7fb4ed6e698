//! Authorization parameters that the application chose for one sign-in, beyond the configured ones.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::{AuthParams, AuthorizationParams, ResourceSet, ResponseMode, ScopeSet, Secret};

/// What a guard, an answer or a link asks for. What it leaves out is asked for as the settings say.
///
/// Names are short, since a link has little room.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Requested {
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<ScopeSet>,
    #[serde(rename = "x", skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<ResourceSet>,
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub(crate) prompt: Option<String>,
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub(crate) display: Option<String>,
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub(crate) ui_locales: Option<String>,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub(crate) acr_values: Option<String>,
    #[serde(rename = "h", skip_serializing_if = "Option::is_none")]
    pub(crate) authenticator_hint: Option<String>,
    /// Seconds.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u32>,
    #[serde(rename = "u", skip_serializing_if = "Option::is_none")]
    pub(crate) login_hint: Option<String>,
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    pub(crate) id_token_hint: Option<String>,
    #[serde(rename = "f", with = "mode", skip_serializing_if = "Option::is_none")]
    pub(crate) response_mode: Option<ResponseMode>,
}

impl Requested {
    /// Asks for it in place of what `params` have.
    pub(super) fn apply(&self, params: &mut AuthorizationParams) {
        if let Some(scopes) = &self.scopes {
            params.scopes = scopes.clone();
        }
        if let Some(resource) = &self.resource {
            params.resource = resource.clone();
        }
        for (value, slot) in [
            (&self.audience, &mut params.audience),
            (&self.prompt, &mut params.prompt),
            (&self.display, &mut params.display),
            (&self.ui_locales, &mut params.ui_locales),
            (&self.acr_values, &mut params.acr_values),
            (&self.authenticator_hint, &mut params.authenticator_hint),
        ] {
            if value.is_some() {
                slot.clone_from(value);
            }
        }
        for (value, slot) in [
            (&self.login_hint, &mut params.login_hint),
            (&self.id_token_hint, &mut params.id_token_hint),
        ] {
            if let Some(value) = value {
                *slot = Some(Secret::new(value));
            }
        }
        params.max_age = self.max_age.or(params.max_age);
        params.response_mode = self.response_mode.unwrap_or(params.response_mode);
    }

    /// What is asked for anyway need not be said.
    pub(super) fn forget(&mut self, defaults: &AuthorizationParams) {
        fn forget<T: PartialEq>(value: &mut Option<T>, default: Option<&T>) {
            if value.as_ref() == default {
                *value = None;
            }
        }
        forget(&mut self.scopes, Some(&defaults.scopes));
        forget(&mut self.resource, Some(&defaults.resource));
        forget(&mut self.audience, defaults.audience.as_ref());
        forget(&mut self.prompt, defaults.prompt.as_ref());
        forget(&mut self.display, defaults.display.as_ref());
        forget(&mut self.ui_locales, defaults.ui_locales.as_ref());
        forget(&mut self.acr_values, defaults.acr_values.as_ref());
        forget(&mut self.authenticator_hint, defaults.authenticator_hint.as_ref());
        forget(&mut self.max_age, defaults.max_age.as_ref());
        forget(&mut self.response_mode, Some(&defaults.response_mode));
        for (value, default) in [
            (&mut self.login_hint, &defaults.login_hint),
            (&mut self.id_token_hint, &defaults.id_token_hint),
        ] {
            if value.as_deref() == default.as_ref().map(Secret::reveal) {
                *value = None;
            }
        }
    }
}

impl From<AuthParams> for Requested {
    fn from(params: AuthParams) -> Self {
        let scopes = params.scopes.as_deref().map(ScopeSet::with_openid);
        let resource = params.resource.as_deref().map(ResourceSet::parse);
        Self {
            scopes: scopes.and_then(|scopes| usable("scopes", scopes)),
            resource: resource.and_then(|resource| usable("resource", resource)),
            audience: params.audience,
            prompt: params.prompt,
            display: params.display,
            ui_locales: params.ui_locales,
            acr_values: params.acr_values,
            authenticator_hint: params.authenticator_hint,
            max_age: params.max_age,
            login_hint: params.login_hint,
            id_token_hint: params.id_token_hint,
            response_mode: params.response_mode,
        }
    }
}

/// What can be used of a value that the application wrote.
pub(super) fn usable<T>(parameter: &'static str, parsed: Result<T, String>) -> Option<T> {
    parsed
        .map_err(|problem| {
            tracing::warn!(
                name: "monocloud.sign_in_url.passed_over",
                parameter,
                problem,
                "a parameter of a sign-in link cannot be used, so it asks for the configured one"
            );
        })
        .ok()
}

/// Who is expected to sign in is nothing for a log.
impl fmt::Debug for Requested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requested")
            .field("scopes", &self.scopes)
            .field("prompt", &self.prompt)
            .field("acr_values", &self.acr_values)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

mod mode {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ResponseMode;

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde's signature"
    )]
    pub(super) fn serialize<S: Serializer>(mode: &Option<ResponseMode>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*mode == Some(ResponseMode::FormPost))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ResponseMode>, D::Error> {
        let is_form_post = bool::deserialize(from)?;
        Ok(Some(if is_form_post {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        }))
    }
}
