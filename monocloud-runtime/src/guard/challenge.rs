//! The step-up authentication challenge (RFC 9470 §3).

use http::header::HeaderValue;

use crate::access::Requirement;

/// The `WWW-Authenticate` of a 401: what a sign-in must prove to get further.
pub(super) fn challenge(requirement: &Requirement<'_>) -> HeaderValue {
    let mut challenge = "Bearer error=\"insufficient_user_authentication\", \
                         error_description=\"a more recent or a stronger sign-in is needed\""
        .to_owned();
    if !requirement.acr_values.is_empty() {
        challenge.push_str(", acr_values=\"");
        let escaped = requirement.acr_values.join(" ").replace('\\', "\\\\");
        challenge.push_str(&escaped.replace('"', "\\\""));
        challenge.push('"');
    }
    if let Some(max_age) = requirement.max_age {
        challenge.push_str(", max_age=\"");
        challenge.push_str(&max_age.to_string());
        challenge.push('"');
    }
    // The macro takes no other characters; a requirement that was written by hand may have them.
    HeaderValue::try_from(challenge)
        .unwrap_or_else(|_| HeaderValue::from_static("Bearer error=\"insufficient_user_authentication\""))
}

#[cfg(test)]
mod tests {
    use super::challenge;
    use crate::access::Requirement;

    #[test]
    fn it_names_what_is_asked_for_and_nothing_else() {
        let text = |requirement| {
            challenge(&requirement)
                .to_str()
                .expect("visible characters")
                .to_owned()
        };
        let begins = "Bearer error=\"insufficient_user_authentication\", error_description=";
        let both = Requirement {
            max_age: Some(300),
            acr_values: &["urn:mfa", "a\"b"],
            ..Requirement::API
        };
        let both = text(both);
        assert!(both.starts_with(begins), "{both}");
        assert!(
            both.ends_with(r#", acr_values="urn:mfa a\"b", max_age="300""#),
            "{both}"
        );
        let age = Requirement {
            max_age: Some(30),
            ..Requirement::API
        };
        assert!(!text(age).contains("acr_values"));
        let odd = Requirement {
            acr_values: &["line\nbreak"],
            ..Requirement::API
        };
        assert_eq!(text(odd), "Bearer error=\"insufficient_user_authentication\"");
    }
}
