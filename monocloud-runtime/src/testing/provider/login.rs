//! The login page: choose a user, sign up as a new one, or say no.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::authorization_request::AuthorizationRequest;
use super::browser::{self, Browser};
use super::core::Core;
use super::html::Html;
use super::log::Endpoint;
use super::memory::Asks;
use super::oauth_error::OAuthError;
use super::sign_up::SignUp;
use super::users::{ProviderGroup, ProviderUser};
use super::{authorization_response, html};

/// How many colours the avatars have in the style sheet.
const AVATAR_COLOURS: usize = 6;

/// Shows the page for an authorization request.
pub(super) fn show(core: &Core, browser: &Browser, request: &AuthorizationRequest) -> Response {
    let browser = browser.identify();
    let asks = Asks::ToSignIn(Box::new(request.clone()));
    let id = core.memory().ask(&browser, asks, core.now());
    let form = SignUp::offered(request.login_hint.as_deref());
    let response = page(core, &id, request, &form, request.prompts("create"), None);
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
        return html::notice(StatusCode::FORBIDDEN, "Not from this page", text);
    }
    let id = &answer.interaction;
    let owner = browser.id.as_deref().unwrap_or_default();
    let asked = core.memory().asked(id, owner, core.now()).map(|page| page.asks);
    let Some(Asks::ToSignIn(request)) = asked else {
        let text = "This login page was answered already, is too old, or belongs to another browser. \
                    Go back to the application and sign in again.";
        return html::notice(StatusCode::BAD_REQUEST, "This page has had its day", text);
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
            Err(problem) => page(&core, id, &request, &answer.sign_up, true, Some(problem)),
        },
        _ if core.memory().user(&answer.user).is_some() => {
            sign_in(&core, &browser, id, *request, &answer.user)
        }
        _ => {
            let form = SignUp::offered(request.login_hint.as_deref());
            let problem = Some("Choose one of the people below.");
            page(&core, id, &request, &form, request.prompts("create"), problem)
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
        memory.sign_in(sub, core.now())
    };
    let response = authorization_response::code(core, request, session);
    browser::sign_in(core, response, &cookie)
}

fn page(
    core: &Core,
    interaction: &str,
    asked: &AuthorizationRequest,
    form: &SignUp,
    sign_up_first: bool,
    problem: Option<&str>,
) -> Response {
    let action = ("action", Html::text(&core.url(Endpoint::Login)));
    let interaction = ("interaction", Html::text(interaction));
    let mut users = core.memory().users.clone();
    let hinted = asked.login_hint.as_deref();
    let suggested = |user: &ProviderUser| hinted.is_some_and(|hint| user.answers_to(hint));
    users.sort_by_key(|user| !suggested(user));
    let people = users.iter().map(|user| person(user, suggested(user)));
    let people = Html::fill(
        include_str!("pages/people.html"),
        &[action.clone(), interaction.clone(), ("people", people.collect())],
    );
    let sign_up = Html::fill(
        include_str!("pages/sign_up.html"),
        &[
            action.clone(),
            interaction.clone(),
            ("open", Html::own(if sign_up_first { " open" } else { "" })),
            ("focus", Html::own(if sign_up_first { " autofocus" } else { "" })),
            ("name", Html::text(&form.name)),
            ("email", Html::text(&form.email)),
            ("groups", Html::text(&form.groups)),
        ],
    );
    let problem_shown = problem.map(|text| {
        let text = [("text", Html::text(text))];
        Html::fill(include_str!("pages/problem.html"), &text)
    });
    let (heading, verb, sections) = if sign_up_first {
        (
            "Who is signing up?",
            "Sign up, or choose someone below,",
            [sign_up, people],
        )
    } else {
        ("Who is signing in?", "Choose someone", [people, sign_up])
    };
    let body = Html::fill(
        include_str!("pages/login.html"),
        &[
            action,
            interaction,
            ("heading", Html::own(heading)),
            ("verb", Html::own(verb)),
            ("client", Html::text(&asked.destination.client_id)),
            ("problem", problem_shown.unwrap_or_default()),
            ("sections", sections.into_iter().collect()),
        ],
    );
    let status = if problem.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    html::page(status, "Sign in", body)
}

fn person(user: &ProviderUser, suggested: bool) -> Html {
    let name = user.display_name();
    let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let colour = name.bytes().map(usize::from).sum::<usize>() % AVATAR_COLOURS;
    let email = user
        .text("email")
        .filter(|email| *email != name)
        .unwrap_or_default();
    Html::fill(
        include_str!("pages/person.html"),
        &[
            ("sub", Html::text(user.sub())),
            ("focus", Html::own(if suggested { " autofocus" } else { "" })),
            ("suggested", Html::own(if suggested { " suggested" } else { "" })),
            ("colour", Html::text(&colour.to_string())),
            ("initial", Html::text(&initial)),
            ("name", Html::text(name)),
            ("email", Html::text(email)),
            ("groups", user.group_list().iter().map(chip).collect()),
        ],
    )
}

fn chip(group: &ProviderGroup) -> Html {
    let name = [("name", Html::text(group.name()))];
    Html::fill(include_str!("pages/chip.html"), &name)
}
