//! What the browser takes back to the application (RFC 6749 4.1.2, RFC 9207).

use axum::response::Response;
use url::Url;

use super::core::{AuthorizeRequest, Core, SignedIn};
use super::faults::Fault;
use super::{html, respond};

/// Sends the browser back with a code.
pub(super) fn grant(core: &Core, request: AuthorizeRequest, session: SignedIn) -> Response {
    let to = Reply::of(&request);
    let value = core.state().add_code(request, session, core.now());
    to.send(core, vec![("code", value)])
}

/// Sends the browser back with the news that the user said no.
pub(super) fn deny(core: &Core, request: &AuthorizeRequest) -> Response {
    let refused = refused("access_denied", "the user did not agree");
    Reply::of(request).error(core, &refused)
}

/// An OAuth error and its description.
pub(super) struct Refused(pub(super) String, pub(super) String);

pub(super) fn refused(error: &str, description: &str) -> Refused {
    Refused(error.into(), description.into())
}

/// Where an authorization response goes, and how.
pub(super) struct Reply {
    pub(super) redirect_uri: String,
    pub(super) form_post: bool,
    pub(super) state: Option<String>,
}

impl Reply {
    fn of(request: &AuthorizeRequest) -> Self {
        Self {
            redirect_uri: request.redirect_uri.clone(),
            form_post: request.form_post,
            state: request.state.clone(),
        }
    }

    pub(super) fn error(self, core: &Core, Refused(error, description): &Refused) -> Response {
        let parameters = vec![
            ("error", error.clone()),
            ("error_description", description.clone()),
        ];
        self.send(core, parameters)
    }

    fn send(self, core: &Core, mut parameters: Vec<(&'static str, String)>) -> Response {
        parameters.extend(self.state.map(|state| ("state", state)));
        let faults = core.state().faults.clone();
        if faults.has(&Fault::WrongResponseIss) {
            parameters.push(("iss", format!("{}/other", core.base)));
        } else if !faults.has(&Fault::MissingResponseIss) {
            parameters.push(("iss", core.issuer.clone()));
        }
        if self.form_post {
            return html::form_post(&self.redirect_uri, &parameters);
        }
        let mut url = Url::parse(&self.redirect_uri).expect("it was parsed when it was checked");
        url.query_pairs_mut().extend_pairs(&parameters);
        respond::redirect(url.as_str())
    }
}
