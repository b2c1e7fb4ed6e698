//! What a client that was refused has to do differently, as `WWW-Authenticate` tells it (RFC 6750 §3, RFC 9470 §3,
//! RFC 9728 §5.1).

use http::header::HeaderValue;

use super::reason::DeniedReason;
use crate::access::Requirement;
use crate::client::MonoCloud;

/// The challenge of an answer. Where access tokens are not taken, only a step-up has one.
pub(crate) fn challenge(
    reason: DeniedReason,
    requirement: &Requirement<'_>,
    client: &MonoCloud,
) -> Option<HeaderValue> {
    if client.bearer().is_none() && reason != DeniedReason::StepUp {
        return None;
    }
    let mut parameters = Parameters::default();
    if let Some((error, description)) = error_of(reason) {
        parameters.push("error", error);
        parameters.push("error_description", description);
    }
    if !requirement.scopes.is_empty() {
        parameters.push("scope", &requirement.scopes.join(" "));
    }
    if let Some(metadata) = client.resource_metadata_url() {
        parameters.push("resource_metadata", metadata.as_str());
    }
    if reason == DeniedReason::StepUp {
        if !requirement.acr_values.is_empty() {
            parameters.push("acr_values", &requirement.acr_values.join(" "));
        }
        if let Some(max_age) = requirement.max_age {
            parameters.push("max_age", &max_age.to_string());
        }
    }
    Some(parameters.into_header())
}

/// The error and what it means (RFC 6750 §3.1, RFC 9470 §3). A request without a token has made no mistake, and who is
/// in none of the groups cannot help it with another token.
fn error_of(reason: DeniedReason) -> Option<(&'static str, &'static str)> {
    match reason {
        DeniedReason::InvalidToken => Some(("invalid_token", "the access token is not valid here")),
        DeniedReason::InvalidRequest => Some(("invalid_request", "the request has several access tokens")),
        DeniedReason::MissingScope => Some(("insufficient_scope", "the access token lacks a scope")),
        DeniedReason::StepUp => Some((
            "insufficient_user_authentication",
            "a more recent or a stronger sign-in is needed",
        )),
        _ => None,
    }
}

/// `name="value"`, each after a comma but the first.
#[derive(Default)]
struct Parameters(String);

impl Parameters {
    /// The macros take no characters that a header cannot have; who writes a requirement by hand may.
    fn push(&mut self, name: &str, value: &str) {
        if value
            .chars()
            .any(|letter| letter.is_control() || !letter.is_ascii())
        {
            return;
        }
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        self.0.push_str(name);
        self.0.push_str("=\"");
        self.0.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
        self.0.push('"');
    }

    fn into_header(self) -> HeaderValue {
        let challenge = format!("Bearer {}", self.0);
        HeaderValue::try_from(challenge.trim_end()).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }
}

#[cfg(test)]
mod tests {
    use super::{DeniedReason, challenge};
    use crate::access::Requirement;
    use crate::client::MonoCloud;

    fn text(reason: DeniedReason, requirement: &Requirement<'_>) -> Option<String> {
        let header = challenge(reason, requirement, &MonoCloud::of_tests())?;
        Some(header.to_str().expect("visible characters").to_owned())
    }

    #[test]
    fn a_step_up_names_what_is_asked_for_and_nothing_else() {
        let step_up =
            |requirement: Requirement<'_>| text(DeniedReason::StepUp, &requirement).expect("a challenge");
        let begins = "Bearer error=\"insufficient_user_authentication\", error_description=";
        let both = step_up(Requirement {
            max_age: Some(300),
            acr_values: &["urn:mfa", "a\"b"],
            ..Requirement::API
        });
        assert!(both.starts_with(begins), "{both}");
        assert!(
            both.ends_with(r#", acr_values="urn:mfa a\"b", max_age="300""#),
            "{both}"
        );
        let age = step_up(Requirement {
            max_age: Some(30),
            ..Requirement::API
        });
        assert!(!age.contains("acr_values"));
        let odd = step_up(Requirement {
            acr_values: &["line\nbreak"],
            ..Requirement::API
        });
        assert!(odd.starts_with(begins) && !odd.contains("acr_values"), "{odd}");
    }

    #[test]
    fn nothing_is_said_where_access_tokens_are_not_taken() {
        for reason in [
            DeniedReason::SignedOut,
            DeniedReason::WrongGroup,
            DeniedReason::MissingScope,
        ] {
            assert_eq!(text(reason, &Requirement::API), None);
        }
    }
}
