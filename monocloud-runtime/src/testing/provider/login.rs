//! The login page: choose a user, sign up as a new one, or say no.

use axum::response::Response;
use http::StatusCode;

use super::core::{Asks, AuthorizeRequest, Core};
use super::encoding::{Params, random_id};
use super::html::Html;
use super::log::{Endpoint, RecordedRequest};
use super::users::{ProviderGroup, ProviderUser};
use super::{authorization_response, browser, html, respond};

/// How many colours the avatars have in the style sheet.
const AVATAR_COLOURS: usize = 6;
const MAX_FIELD: usize = 200;
const MAX_GROUPS: usize = 50;

/// Shows the page for an authorization request.
pub(super) fn show(core: &Core, request: &RecordedRequest, asked: &AuthorizeRequest) -> Response {
    let browser = browser::identify(core, request);
    let asks = Asks::ToSignIn(asked.clone());
    let id = core.state().ask(&browser, asks, core.now());
    let mut response = page(core, &id, asked, &SignUp::offered(asked), None);
    browser::remember(core, &mut response, &browser);
    response
}

/// Takes the answer that the page sends.
pub(super) fn answer(core: &Core, request: &RecordedRequest) -> Response {
    let id = request.form.get("interaction").unwrap_or_default();
    let browser = browser::known(core, request).unwrap_or_default();
    let now = core.now();
    if !browser::from_our_page(core, request) {
        let text = "This form was sent by another site. Nobody was signed in.";
        return html::notice(StatusCode::FORBIDDEN, "Not from this page", text);
    }
    let asked = core.state().asked(id, browser, now).map(|page| page.asks);
    let Some(Asks::ToSignIn(asked)) = asked else {
        let text = "This login page was answered already, is too old, or belongs to another browser. \
                    Go back to the application and sign in again.";
        return html::notice(StatusCode::BAD_REQUEST, "This page has had its day", text);
    };
    let sub = match request.form.get("action") {
        Some("deny") => {
            core.state().interactions.remove(id);
            return authorization_response::deny(core, &asked);
        }
        Some("sign_up") => {
            let form = SignUp::sent(&request.form);
            match form.user(core) {
                Ok(user) => {
                    let sub = user.sub().to_owned();
                    core.state().put_user(user);
                    sub
                }
                Err(problem) => return page(core, id, &asked, &form, Some(problem)),
            }
        }
        _ => {
            let sub = request.form.get("user").unwrap_or_default();
            if core.state().user(sub).is_none() {
                let problem = Some("Choose one of the people below.");
                return page(core, id, &asked, &SignUp::offered(&asked), problem);
            }
            sub.to_owned()
        }
    };
    let name = browser::session_cookie(core);
    let (cookie, session) = {
        let mut state = core.state();
        state.interactions.remove(id);
        if let Some(before) = request.cookie(&name) {
            state.sessions.remove(before);
        }
        state.sign_in(&sub, now)
    };
    let mut response = authorization_response::grant(core, asked, session);
    respond::set_cookie(&mut response, &name, &cookie, browser::cookie_path(core));
    response
}

/// What stands in the sign-up form.
#[derive(Default)]
struct SignUp {
    open: bool,
    name: String,
    email: String,
    groups: String,
}

impl SignUp {
    fn offered(asked: &AuthorizeRequest) -> Self {
        let hint = asked.login_hint.clone().filter(|hint| hint.contains('@'));
        Self {
            open: asked.sign_up,
            email: hint.unwrap_or_default(),
            ..Self::default()
        }
    }

    fn sent(form: &Params) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self {
            open: true,
            name: field("name"),
            email: field("email"),
            groups: field("groups"),
        }
    }

    fn user(&self, core: &Core) -> Result<ProviderUser, &'static str> {
        if self.name.is_empty() || self.name.len() > MAX_FIELD {
            return Err("Write a name of at most 200 bytes.");
        }
        let has_both_sides = self
            .email
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if !has_both_sides || self.email.len() > MAX_FIELD || self.email.contains(char::is_whitespace) {
            return Err("Write an e-mail address such as ada@example.com.");
        }
        if core.state().users.iter().any(|user| user.answers_to(&self.email)) {
            return Err("Someone with this e-mail address is here already: choose them in the list.");
        }
        let groups: Vec<&str> = self
            .groups
            .split(',')
            .map(str::trim)
            .filter(|group| !group.is_empty())
            .collect();
        if groups.len() > MAX_GROUPS || groups.iter().any(|group| group.len() > MAX_FIELD) {
            return Err("Write at most 50 groups of at most 200 bytes each.");
        }
        Ok(ProviderUser::new(format!("user-{}", random_id(9)))
            .name(&self.name)
            .email(&self.email)
            .groups(groups))
    }
}

fn page(
    core: &Core,
    interaction: &str,
    asked: &AuthorizeRequest,
    form: &SignUp,
    problem: Option<&str>,
) -> Response {
    let action = ("action", Html::text(&core.url(Endpoint::Login)));
    let interaction = ("interaction", Html::text(interaction));
    let mut users = core.state().users.clone();
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
            ("open", Html::own(if form.open { " open" } else { "" })),
            ("focus", Html::own(if form.open { " autofocus" } else { "" })),
            ("name", Html::text(&form.name)),
            ("email", Html::text(&form.email)),
            ("groups", Html::text(&form.groups)),
        ],
    );
    let problem_shown = problem.map(|text| {
        let text = [("text", Html::text(text))];
        Html::fill(include_str!("pages/problem.html"), &text)
    });
    let (heading, verb, sections) = if form.open {
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
            ("client", Html::text(&asked.client_id)),
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
