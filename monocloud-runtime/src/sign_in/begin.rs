//! From a click to the authorization request.

use std::borrow::Cow;

use http::HeaderValue;
use http::request::Parts;
use tokio::time::Instant;
use url::Url;

use super::initiated::Initiated;
use super::parameters::parameters;
use super::pending;
use super::return_url::ReturnUrl;
use super::sealed_parameters::SealedParameters;
use super::step_up::{self, StepUp};
use super::transaction::{Carried, Earlier, Transaction};
use crate::client::MonoCloud;
use crate::config::{AuthorizationParams, ResponseMode, Secret};
use crate::cookie::Cookies;
use crate::error::Error;
use crate::oidc::AuthorizationRequest;
use crate::params::single;
use crate::session::Session;

/// What a request to the sign-in route asks for.
pub(crate) struct Asked<'a> {
    params: AuthorizationParams,
    /// Beside what a guard asks for.
    max_age: Option<u32>,
    step_up: Option<StepUp>,
    /// Whether the application said who is about to sign in.
    has_hint: bool,
    pub(crate) return_url: ReturnUrl,
    /// The `sub` that the return URL is for, where it is not for anyone.
    subject: Option<String>,
    other_account: bool,
    initiated: Option<Initiated<'a>>,
}

impl<'a> Asked<'a> {
    pub(crate) fn read(client: &MonoCloud, query: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Self, Error> {
        let settings = client.settings();
        let sealed = SealedParameters::of(client, query);
        let initiated = Initiated::read(query)?;
        let mut params = parameters(settings, query, &sealed)?;
        if let Some(hint) = initiated.as_ref().and_then(|initiated| initiated.login_hint) {
            params.login_hint = Some(Secret::new(hint));
        }
        let given = single(query, "return_url")?;
        let target = initiated.as_ref().and_then(|initiated| initiated.target_link_uri);
        let return_url = target
            .or(sealed.return_url.as_deref())
            .or(given)
            .and_then(|value| ReturnUrl::parse(settings, value))
            .unwrap_or_else(|| ReturnUrl::home(&settings.site.app_url));
        let max_age = params.max_age;
        if let Some(step_up) = &sealed.step_up {
            step_up.apply(&mut params);
        }
        Ok(Self {
            params,
            max_age,
            step_up: sealed.step_up,
            has_hint: sealed.requested.login_hint.is_some() || sealed.requested.id_token_hint.is_some(),
            return_url,
            subject: sealed.subject,
            other_account: sealed.other_account,
            initiated,
        })
    }

    /// Whether it is for a guard that asks how and when somebody signed in.
    pub(crate) fn is_step_up(&self) -> bool {
        self.step_up.is_some()
    }

    /// Tells the issuer who is expected, where that is who is signed in.
    pub(crate) fn expect(&mut self, session: &Session) {
        if !self.has_hint && self.subject.as_deref() == Some(session.user().sub()) {
            step_up::hint(&mut self.params, session);
        }
    }
}

/// Where to send the browser, and the cookies that it needs to come back.
pub(crate) struct Begun {
    pub(crate) location: Url,
    pub(crate) cookies: Vec<HeaderValue>,
}

/// Begins a sign-in. `carried` are the sessions that the browser has already; they stay until the callback.
pub(crate) async fn begin(
    client: &MonoCloud,
    parts: &Parts,
    cookies: &Cookies,
    carried: &Carried,
    asked: Asked<'_>,
) -> Result<Begun, Error> {
    let settings = client.settings();
    let started = Instant::now();
    let metadata = client.issuer().metadata().await?;
    if let Some(initiated) = &asked.initiated {
        initiated.check_issuer(&metadata)?;
    }
    let mut params = asked.params;
    if asked.other_account && metadata.knows_prompt("select_account") {
        params.prompt = Some("select_account".to_owned());
    }
    // The cookie of the sign-in would not come along (`SameSite=None` needs `Secure`).
    if params.response_mode == ResponseMode::FormPost && !settings.site.app_url.takes_secure_cookies() {
        tracing::warn!(
            name: "monocloud.sign_in.no_form_post",
            app_url = settings.site.app_url.url().as_str(),
            "response mode form_post needs Secure cookies, so the response is asked for in the query; write an https \
             URL into MONOCLOUD_AUTH_APP_URL"
        );
        params.response_mode = ResponseMode::Query;
    }
    let mut transaction = Transaction::begin(asked.return_url.into_string(), client.now());
    if params.scopes != settings.auth_params.scopes {
        transaction.scopes = Some(params.scopes.to_string());
    }
    transaction.resource = params.resource.to_string();
    transaction.max_age = asked.max_age;
    transaction.step_up = asked.step_up;
    transaction.form_post = params.response_mode == ResponseMode::FormPost;
    transaction.subject = asked.subject;
    transaction.earlier = (!carried.is_empty()).then(|| {
        let sent = cookies.named(&settings.session_cookie.name).chunks_from(0);
        let chunks = sent.into_iter().enumerate().take_while(|(at, index)| at == index);
        Earlier::new(carried, chunks.count())
    });
    let left = settings.calls.response_timeout.saturating_sub(started.elapsed());
    transaction.application_state = client.hooks().application_state(parts, left).await?;
    let params = settings.tokens.resources.added_to(params);
    let request = AuthorizationRequest {
        client_id: &settings.issuer.client_id,
        redirect_uri: &settings.site.app_url.join(&settings.routes.callback),
        state: &transaction.state(),
        nonce: &transaction.nonce(),
        code_verifier: &transaction.code_verifier(),
        params: &params,
    };
    let location = client.issuer().authorization_url(&metadata, &request).await?;
    let set = pending::begin(client, cookies, &transaction)?;
    tracing::info!(
        name: "monocloud.sign_in.started",
        issuer = metadata.issuer.as_str(),
        by_another_site = asked.initiated.is_some(),
        "began a sign-in"
    );
    Ok(Begun {
        location,
        cookies: set,
    })
}
