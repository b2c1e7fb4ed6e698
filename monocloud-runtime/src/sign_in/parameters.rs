//! The parameters of one sign-in: what is configured, and what the query may change of it.

use std::borrow::Cow;

use crate::config::{AuthParams, ScopeSet, Settings, parse_resources};
use crate::error::Error;
use crate::params::single;

/// The configured parameters, and what the query may change of them.
pub(crate) fn parameters(
    settings: &Settings,
    query: &[(Cow<'_, str>, Cow<'_, str>)],
) -> Result<AuthParams, Error> {
    let mut params = settings.auth_params.clone();
    let given = |name| -> Result<Option<String>, Error> {
        Ok(single(query, name)?
            .filter(|value| !value.is_empty())
            .map(str::to_owned))
    };
    let sign_up = given("register")?.is_some_and(|value| value != "false")
        || given("prompt")?.as_deref() == Some("create");
    if settings.allow_query_param_overrides {
        if let Some(scope) = given("scope")? {
            let scopes = ScopeSet::parse(&scope)
                .map_err(|_| Error::InvalidRequest("`scope` must be scopes with `openid` among them"))?;
            params.scopes = Some(scopes.joined());
        }
        if let Some(resource) = given("resource")? {
            parse_resources(&resource)
                .map_err(|_| Error::InvalidRequest("`resource` must be absolute URLs"))?;
            params.resource = Some(resource);
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
            ("login_hint", &mut params.login_hint),
        ] {
            if let Some(value) = given(name)? {
                *slot = Some(value);
            }
        }
    }
    if sign_up {
        params.prompt = Some("create".to_owned());
    }
    Ok(params)
}
