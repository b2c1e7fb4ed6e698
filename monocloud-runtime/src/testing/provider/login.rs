//! The login page: choose a user, sign up as a new one, or say no.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::authorization_request::AuthorizationRequest;
use super::browser::{self, Browser};
use super::core::Core;
use super::log::Endpoint;
use super::login_page::{LoginPage, Person};
use super::memory::Asks;
use super::oauth_error::OAuthError;
use super::sign_up::SignUp;
use super::{authorization_response, pages};

/// Shows the page for an authorization request.
pub(super) fn show(core: &Core, browser: &Browser, request: &AuthorizationRequest) -> Response {
    let browser = browser.identify();
    let asks = Asks::ToSignIn(Box::new(request.clone()));
    let id = core.memory().ask(&browser, asks, core.now());
    let form = SignUp::offered(request);
    let response = page(core, &id, request, &form, None);
    browser::remember(core, response, &browser)
}

/// What the page's form says.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    interaction: String,
    action: Option<String>,
    /// The `sub` of who was chosen.
    #[serde(default)]
    user: String,
    #[serde(flatten)]
    sign_up: SignUp,
}

/// Takes the answer that the page sends.
pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    browser: Browser,
    Form(answer): Form<Answer>,
) -> Response {
    if !browser.from_our_page {
        let text = "This form was sent by another site. Nobody was signed in.";
        return pages::notice(StatusCode::FORBIDDEN, "Not from this page", text);
    }
    let id = &answer.interaction;
    let owner = browser.id.as_deref().unwrap_or_default();
    let asked = core.memory().asked(id, owner, core.now()).map(|page| page.asks);
    let Some(Asks::ToSignIn(request)) = asked else {
        let text = "This login page was answered already, is too old, or belongs to another browser. \
                    Go back to the application and sign in again.";
        return pages::notice(StatusCode::BAD_REQUEST, "This page has had its day", text);
    };
    match answer.action.as_deref() {
        Some("deny") => {
            core.memory().interactions.remove(id);
            let denied = OAuthError::new("access_denied", "the user did not agree");
            authorization_response::error(&core, &request.destination, denied)
        }
        Some("sign_up") => match answer.sign_up.user(&core) {
            Ok(user) => {
                let sub = user.sub().to_owned();
                core.memory().put_user(user);
                sign_in(&core, &browser, id, *request, &sub)
            }
            Err(problem) => page(&core, id, &request, &answer.sign_up.shown_again(), Some(problem)),
        },
        _ if core.memory().user(&answer.user).is_some() => {
            sign_in(&core, &browser, id, *request, &answer.user)
        }
        _ => {
            let form = SignUp::offered(&request);
            let problem = Some("Choose one of the people below.");
            page(&core, id, &request, &form, problem)
        }
    }
}

/// Begins a session in place of the browser's, and sends the browser back with a code.
fn sign_in(
    core: &Core,
    browser: &Browser,
    interaction: &str,
    request: AuthorizationRequest,
    sub: &str,
) -> Response {
    let (cookie, session) = {
        let mut memory = core.memory();
        memory.interactions.remove(interaction);
        if let Some(before) = &browser.session {
            memory.sessions.remove(before);
        }
        let acr = core.settings.reached_acr(&request.acr_values);
        memory.sign_in(sub, acr, core.now())
    };
    let response = authorization_response::code(core, request, session);
    browser::sign_in(core, response, &cookie)
}

fn page(
    core: &Core,
    interaction: &str,
    request: &AuthorizationRequest,
    form: &SignUp,
    problem: Option<&str>,
) -> Response {
    let users = core.memory().users.clone();
    let template = LoginPage {
        action: &core.url(Endpoint::Login),
        interaction,
        client: &request.destination.client_id,
        acr: core.settings.reached_acr(&request.acr_values),
        problem,
        people: Person::list(&users, request.login_hint.as_deref()),
        form,
    };
    let status = match problem {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    pages::page(status, &template)
}
