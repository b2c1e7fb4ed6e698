//! A sign-in that has to prove more than who somebody is: that they just proved it, or by which means.

use serde::{Deserialize, Serialize};

use crate::access::Requirement;
use crate::config::{AuthorizationParams, Secret};
use crate::error::printable;
use crate::identity::{Authenticated, Stale, is_acr_of};
use crate::session::Session;

/// Of an `acr` in the log.
const MAX_ACR: usize = 100;

/// What a guard asks for: it is asked of the issuer, and the callback checks it as the guard will.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StepUp {
    /// Seconds.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
    #[serde(rename = "a", skip_serializing_if = "Vec::is_empty")]
    acr_values: Vec<String>,
}

impl StepUp {
    /// Nothing, where the guard lets in whoever is signed in.
    pub(crate) fn of(requirement: &Requirement<'_>) -> Option<Self> {
        requirement.asks_for_step_up().then(|| Self {
            max_age: requirement.max_age,
            acr_values: requirement
                .acr_values
                .iter()
                .copied()
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Asks for it, in place of what `params` ask for.
    pub(super) fn apply(&self, params: &mut AuthorizationParams) {
        let max_ages = [params.max_age, self.max_age];
        params.max_age = max_ages.into_iter().flatten().min();
        if !self.acr_values.is_empty() {
            params.acr_values = Some(self.acr_values.join(" "));
        }
        // Without a page the issuer can only repeat what is known already (OIDC Core 3.1.2.1).
        if params.prompt.as_deref() == Some("none") {
            params.prompt = None;
        }
    }

    /// Whether a sign-in proves it. A guard knows no leeway, so there is none here.
    pub(super) fn check(
        &self,
        authenticated: Authenticated,
        acr: Option<&str>,
        tolerance: i64,
    ) -> Result<(), String> {
        if let Some(max_age) = self.max_age {
            let now = authenticated.told_at;
            authenticated.check(max_age, 0, tolerance, now).map_err(reason)?;
        }
        if is_acr_of(acr, &self.acr_values) {
            return Ok(());
        }
        let asked = self.acr_values.join(" ");
        Err(match acr {
            None => format!("`acr` is missing, and `{asked}` was asked for"),
            Some(acr) => format!(
                "`acr` is `{}`, and `{asked}` was asked for",
                printable(acr, MAX_ACR)
            ),
        })
    }
}

fn reason(stale: Stale) -> String {
    match stale {
        Stale::Unknown => format!("{stale}; let the issuer put it into ID tokens"),
        Stale::Ahead | Stale::TooLongAgo => format!(
            "{stale}; the issuer passes over `max_age`, or its clock differs: MONOCLOUD_AUTH_CLOCK_SKEW is added to \
             this one"
        ),
    }
}

/// Tells the issuer who is expected: the name that its sign-in page knows, else the ID token.
pub(super) fn hint(params: &mut AuthorizationParams, session: &Session) {
    let user = session.user();
    let known = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Secret::new);
    params.login_hint = known(user.email()).or_else(|| known(user.preferred_username()));
    params.id_token_hint = None;
    if params.login_hint.is_none() {
        match session.id_token() {
            Some(id_token) => params.id_token_hint = Some(Secret::new(id_token)),
            None => params.login_hint = Some(Secret::new(user.sub())),
        }
    }
}
