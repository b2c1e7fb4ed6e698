//! The parameters of one sign-in: what is configured, what the query may change of it, and what the
//! application sealed.

use std::borrow::Cow;

use crate::config::{AuthorizationParams, ResourceSet, ScopeSet, Secret, Settings};
use crate::error::Error;
use crate::params::single;

use super::sealed_parameters::SealedParameters;

/// The configured parameters, and what may change them: first anybody's query, where that is allowed,
/// then what the application sealed.
pub(crate) fn parameters(
    settings: &Settings,
    query: &[(Cow<'_, str>, Cow<'_, str>)],
    sealed: &SealedParameters,
) -> Result<AuthorizationParams, Error> {
    let mut params = settings.auth_params.clone();
    let given = |name| -> Result<Option<String>, Error> {
        Ok(single(query, name)?
            .filter(|value| !value.is_empty())
            .map(str::to_owned))
    };
    let sign_up = given("register")?.is_some_and(|value| value != "false")
        || given("prompt")?.as_deref() == Some("create");
    if settings.sign_in.allow_query_param_overrides {
        if let Some(scope) = given("scope")? {
            params.scopes = ScopeSet::with_openid(&scope)
                .map_err(|_| Error::InvalidRequest("`scope` must be scopes with `openid` among them"))?;
        }
        if let Some(resource) = given("resource")? {
            params.resource = ResourceSet::parse(&resource)
                .map_err(|_| Error::InvalidRequest("`resource` must be absolute URLs"))?;
        }
        if let Some(max_age) = given("max_age")? {
            let seconds = max_age
                .parse()
                .map_err(|_| Error::InvalidRequest("`max_age` must be a number of seconds"))?;
            params.max_age = Some(seconds);
        }
        for (name, slot) in [
            ("audience", &mut params.audience),
            ("prompt", &mut params.prompt),
            ("display", &mut params.display),
            ("ui_locales", &mut params.ui_locales),
            ("acr_values", &mut params.acr_values),
            ("authenticator_hint", &mut params.authenticator_hint),
        ] {
            if let Some(value) = given(name)? {
                *slot = Some(value);
            }
        }
        if let Some(hint) = given("login_hint")? {
            params.login_hint = Some(Secret::new(hint));
        }
    }
    sealed.requested.apply(&mut params);
    if sealed.other_account {
        // What every issuer knows (OIDC Core 15.1).
        params.prompt = Some("login".to_owned());
        params.login_hint = None;
        params.id_token_hint = None;
    }
    if sign_up {
        params.prompt = Some("create".to_owned());
    }
    Ok(params)
}
