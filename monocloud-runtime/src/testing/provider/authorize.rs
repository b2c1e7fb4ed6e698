//! The authorization endpoint (OIDC Core 3.1.2): answers at once for who is signed in already, or shows the
//! login page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::authorization_request::{AuthorizationRequest, Destination};
use super::browser::Browser;
use super::core::Core;
use super::destination::destination;
use super::faults::Fault;
use super::memory::{Memory, SignedIn};
use super::oauth_error::OAuthError;
use super::params::Params;
use super::{authorization_response, login, pages, par};

pub(super) async fn answer(State(core): State<Arc<Core>>, browser: Browser, params: Params) -> Response {
    let was_pushed = par::reference(&params).is_some();
    let found =
        par::resolve(&core, params).and_then(|params| destination(&core, &params).map(|to| (params, to)));
    let (params, to) = match found {
        Ok(found) => found,
        Err(text) => return pages::notice(StatusCode::BAD_REQUEST, "This sign-in cannot start", &text),
    };
    if core.settings.requires.par && !was_pushed {
        let error = OAuthError::invalid_request("requests must be pushed");
        return authorization_response::error(&core, &to, error);
    }
    decide(&core, &browser, &params, to.clone())
        .unwrap_or_else(|error| authorization_response::error(&core, &to, error))
}

fn decide(core: &Core, browser: &Browser, params: &Params, to: Destination) -> Result<Response, OAuthError> {
    let mut request = AuthorizationRequest::parse(params, to, core.settings.requires.pkce)?;
    if core.memory().faults.has(&Fault::IgnoreStepUp) {
        request.ask_for_nothing();
    }
    if let Some(error) = injected_error(core) {
        return Err(OAuthError::new(error, "a fault is set"));
    }
    match usable_session(core, browser, &request)? {
        Some(session) if !request.asks_for_the_page() => {
            Ok(authorization_response::code(core, request, session))
        }
        _ if request.prompts("none") => Err(OAuthError::new(
            "login_required",
            "nobody is signed in as the request asks",
        )),
        _ => Ok(login::show(core, browser, &request)),
    }
}

/// The browser's session, unless the request asks for another or a fresher one.
fn usable_session(
    core: &Core,
    browser: &Browser,
    request: &AuthorizationRequest,
) -> Result<Option<SignedIn>, OAuthError> {
    let now = core.now();
    let memory = core.memory();
    let expected = expected_sub(&memory, request)?;
    let is_fresh = |session: &SignedIn| {
        let age = request.max_age;
        age.is_none_or(|age| age > 0 && now <= session.auth_time + age)
    };
    // What cannot be reached is no reason to ask for another sign-in.
    let is_strong = |session: &SignedIn| match core.settings.reached_acr(&request.acr_values) {
        Some(_) => session
            .acr
            .as_ref()
            .is_some_and(|acr| request.acr_values.contains(acr)),
        None => true,
    };
    let session = memory.session(browser.session.as_deref(), now);
    Ok(session
        .filter(|session| expected.is_none_or(|sub| sub == session.sub))
        .filter(|session| is_fresh(session) && is_strong(session))
        .cloned())
}

/// Who is to sign in: whom `id_token_hint` means, else the user whom `login_hint` means.
fn expected_sub(memory: &Memory, request: &AuthorizationRequest) -> Result<Option<String>, OAuthError> {
    if let Some(hint) = &request.id_token_hint {
        let claims = memory.keys.verify(hint);
        let claims = claims.ok_or_else(|| OAuthError::invalid_request("id_token_hint is not ours"))?;
        return Ok(claims.get("sub").and_then(|sub| sub.as_str().map(Into::into)));
    }
    let hinted = request
        .login_hint
        .as_ref()
        .and_then(|hint| memory.hinted_user(hint));
    Ok(hinted.map(|user| user.sub().into()))
}

fn injected_error(core: &Core) -> Option<String> {
    core.memory().faults.set.iter().find_map(|fault| match fault {
        Fault::AuthorizeError(error) => Some(error.clone()),
        _ => None,
    })
}
