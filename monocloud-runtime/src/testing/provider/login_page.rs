//! What the login page shows.

use askama::Template;

use super::sign_up::SignUp;
use super::users::{ProviderGroup, ProviderUser};

/// How many colours the avatars have in the style sheet.
const AVATAR_COLOURS: usize = 6;

#[derive(Template)]
#[template(path = "provider/login.html")]
pub(super) struct LoginPage<'a> {
    /// Where its forms are sent.
    pub(super) action: &'a str,
    pub(super) interaction: &'a str,
    /// Who asks.
    pub(super) client: &'a str,
    /// The authentication context that the sign-in will reach.
    pub(super) acr: Option<String>,
    /// What was wrong with the last answer.
    pub(super) problem: Option<&'a str>,
    pub(super) people: Vec<Person<'a>>,
    pub(super) form: &'a SignUp,
}

/// A user as the page lists them.
pub(super) struct Person<'a> {
    sub: &'a str,
    name: &'a str,
    email: &'a str,
    groups: &'a [ProviderGroup],
    initial: String,
    colour: usize,
    suggested: bool,
}

impl<'a> Person<'a> {
    /// All users, those whom a `login_hint` means first.
    pub(super) fn list(users: &'a [ProviderUser], login_hint: Option<&str>) -> Vec<Self> {
        let people = users.iter().map(|user| {
            let suggested = login_hint.is_some_and(|hint| user.answers_to(hint));
            Self::new(user, suggested)
        });
        let mut people: Vec<Self> = people.collect();
        people.sort_by_key(|person| !person.suggested);
        people
    }

    fn new(user: &'a ProviderUser, suggested: bool) -> Self {
        let name = user.display_name();
        Self {
            sub: user.sub(),
            name,
            email: user
                .text("email")
                .filter(|email| *email != name)
                .unwrap_or_default(),
            groups: user.group_list(),
            initial: name.chars().take(1).flat_map(char::to_uppercase).collect(),
            colour: name.bytes().map(usize::from).sum::<usize>() % AVATAR_COLOURS,
            suggested,
        }
    }
}
