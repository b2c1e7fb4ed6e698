//! Starts a sign-in: a transaction in a cookie of its own, and a redirect to the issuer.

use std::borrow::Cow;

use axum::extract::Request;
use axum::response::Response;

use super::{query, single};
use crate::config::{AuthParams, ScopeSet, Settings, parse_resources};
use crate::error::Error;
use crate::oidc::{AuthorizationRequest, pkce_challenge};
use crate::session::Transaction;
use crate::web::pages::see_other;
use crate::web::request;
use crate::web::request_auth::RequestAuth;
use crate::web::return_url::ReturnUrl;
use crate::web::transactions;

pub(super) async fn sign_in(auth: RequestAuth, request: Request) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    if !request::is_document(&parts.headers) {
        return Err(Error::InvalidRequest(
            "a sign-in is a page that the browser opens, nothing that a page embeds",
        ));
    }
    let client = auth.client();
    let settings = client.settings();
    let query = query(&parts);
    let params = parameters(settings, &query)?;
    let return_url = single(&query, "return_url")?
        .and_then(|value| ReturnUrl::parse(settings, value))
        .unwrap_or_else(|| ReturnUrl::home(&settings.app_url));
    let metadata = client.issuer().metadata().await?;

    let mut transaction = Transaction::begin(return_url.into_string(), client.now());
    transaction.scopes = params.scopes.clone().unwrap_or_default();
    transaction.resource = params.resource.clone().unwrap_or_default();
    transaction.max_age = params.max_age;
    let location = AuthorizationRequest {
        client_id: &settings.client_id,
        redirect_uri: &settings.app_url.join(&settings.routes.callback),
        state: &transaction.state,
        nonce: &transaction.nonce,
        code_challenge: &pkce_challenge(&transaction.code_verifier),
        params: &params,
    }
    .url(&metadata);
    auth.add_cookies(transactions::begin(client, &parts.headers, &transaction)?);
    tracing::info!(name: "monocloud.sign_in.started", issuer = metadata.issuer.as_str(), "began a sign-in");
    Ok(see_other(location.as_str()))
}

/// The configured parameters, and what the query may change of them.
fn parameters(settings: &Settings, query: &[(Cow<'_, str>, Cow<'_, str>)]) -> Result<AuthParams, Error> {
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
