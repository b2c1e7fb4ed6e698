//! The sign-up form of the login page.

use serde::Deserialize;

use super::authorization_request::AuthorizationRequest;
use super::core::Core;
use super::encoding::random_id;
use super::users::ProviderUser;

/// In bytes.
const MAX_FIELD: usize = 200;
const MAX_GROUPS: usize = 50;

/// What stands in the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SignUp {
    pub(super) name: String,
    pub(super) email: String,
    /// Separated by commas.
    pub(super) groups: String,
    /// Whether it is open and stands above the people.
    #[serde(skip)]
    pub(super) is_first: bool,
}

impl SignUp {
    /// The form as it is shown first: with the address of who is expected.
    pub(super) fn offered(request: &AuthorizationRequest) -> Self {
        let hint = request.login_hint.clone();
        Self {
            email: hint.filter(|hint| hint.contains('@')).unwrap_or_default(),
            is_first: request.prompts("create"),
            ..Self::default()
        }
    }

    /// The form as it was sent, to be shown again.
    pub(super) fn shown_again(self) -> Self {
        Self {
            is_first: true,
            ..self
        }
    }

    /// The new user, or what is wrong with the form.
    pub(super) fn user(&self, core: &Core) -> Result<ProviderUser, &'static str> {
        let (name, email) = (self.name.trim(), self.email.trim());
        if name.is_empty() || name.len() > MAX_FIELD {
            return Err("Write a name of at most 200 bytes.");
        }
        if !is_address(email) || email.len() > MAX_FIELD {
            return Err("Write an e-mail address such as ada@example.com.");
        }
        if core.memory().users.iter().any(|user| user.answers_to(email)) {
            return Err("Someone with this e-mail address is here already: choose them in the list.");
        }
        let groups = self.groups.split(',').map(str::trim);
        let groups: Vec<&str> = groups.filter(|group| !group.is_empty()).collect();
        if groups.len() > MAX_GROUPS || groups.iter().any(|group| group.len() > MAX_FIELD) {
            return Err("Write at most 50 groups of at most 200 bytes each.");
        }
        Ok(ProviderUser::new(format!("user-{}", random_id(9)))
            .name(name)
            .email(email)
            .groups(groups))
    }
}

fn is_address(text: &str) -> bool {
    let sides = text.split_once('@');
    sides.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(char::is_whitespace)
}
