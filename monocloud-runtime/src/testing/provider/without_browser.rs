//! A sign-in without a browser: what comes back to the application when somebody signs in.

use axum::response::Response;
use http::header::LOCATION;
use url::Url;

use super::authorization_request::AuthorizationRequest;
use super::core::Core;
use super::destination::destination;
use super::handle::Provider;
use super::params::Params;
use super::{authorization_response, par};

impl Provider {
    /// The redirect that ends a sign-in of the user `sub` at `authorization_url`, to which the application's sign-in
    /// has sent the browser: the address of the callback, with the authorization response. For tests that need no
    /// page and no cookies of the provider; nobody is signed in at the provider by it.
    ///
    /// # Errors
    ///
    /// Says why the provider would not send the browser back with that: the request is not acceptable, there is no
    /// such user, or a form is to be posted (`response_mode=form_post`).
    pub fn sign_in(&self, authorization_url: &str, sub: &str) -> Result<String, SignInError> {
        callback(self.core(), authorization_url, sub).map_err(SignInError)
    }
}

/// Why a sign-in without a browser came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct SignInError(String);

fn callback(core: &Core, url: &str, sub: &str) -> Result<String, String> {
    let url = Url::parse(url).map_err(|error| format!("`{url}` is no address: {error}"))?;
    let query = Params::parse(url.query().unwrap_or_default().as_bytes());
    let was_pushed = par::reference(&query).is_some();
    let params = par::resolve(core, query)?;
    let to = destination(core, &params)?;
    if to.form_post {
        return Err("the request asks for a form, which a browser posts".to_owned());
    }
    if core.settings.requires.par && !was_pushed {
        return Err("requests must be pushed".to_owned());
    }
    let request = AuthorizationRequest::parse(&params, to, core.settings.requires.pkce)
        .map_err(|error| error.description.into_owned())?;
    if core.memory().user(sub).is_none() {
        return Err(format!("there is no user `{sub}`"));
    }
    let acr = core.settings.reached_acr(&request.acr_values);
    let (cookie, session) = core.memory().sign_in(sub, acr, core.now());
    core.memory().sessions.remove(&cookie);
    location(&authorization_response::code(core, request, session)).ok_or_else(|| "no redirect".to_owned())
}

fn location(response: &Response) -> Option<String> {
    response.headers().get(LOCATION)?.to_str().ok().map(str::to_owned)
}
