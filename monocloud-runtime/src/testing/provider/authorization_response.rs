//! The authorization response: what the browser takes back to the application (RFC 6749 4.1.2, RFC 9207).

use axum::response::Response;
use url::Url;

use super::authorization_request::{AuthorizationRequest, Destination};
use super::core::Core;
use super::faults::Fault;
use super::memory::SignedIn;
use super::oauth_error::OAuthError;
use super::{pages, respond};

/// Sends the browser back with a code.
pub(super) fn code(core: &Core, request: AuthorizationRequest, session: SignedIn) -> Response {
    let to = request.destination.clone();
    let value = core.memory().add_code(request, session, core.now());
    send(core, &to, vec![("code", value)])
}

/// Sends the browser back with an error.
pub(super) fn error(core: &Core, to: &Destination, error: OAuthError) -> Response {
    let parameters = vec![
        ("error", error.error.into_owned()),
        ("error_description", error.description.into_owned()),
    ];
    send(core, to, parameters)
}

fn send(core: &Core, to: &Destination, mut parameters: Vec<(&'static str, String)>) -> Response {
    parameters.extend(to.state.clone().map(|state| ("state", state)));
    let faults = core.memory().faults.clone();
    if faults.has(&Fault::WrongResponseIss) {
        parameters.push(("iss", format!("{}/other", core.base)));
    } else if !faults.has(&Fault::MissingResponseIss) {
        parameters.push(("iss", core.issuer.clone()));
    }
    if to.form_post {
        return pages::form_post(&to.redirect_uri, &parameters);
    }
    let mut url = Url::parse(&to.redirect_uri).expect("it was parsed when it was checked");
    url.query_pairs_mut().extend_pairs(&parameters);
    respond::redirect(url.as_str())
}
