//! The parameters of a `WWW-Authenticate` header (RFC 9110 §11.6.1).

/// The value of a parameter of any of the challenges in one header.
pub(super) fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find(['=', ' ', '\t', ',']).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        if token.is_empty() && after.is_empty() {
            return None;
        }
        let Some(value) = after.trim_start().strip_prefix('=') else {
            // The scheme.
            rest = after;
            continue;
        };
        let (value, after) = read_value(value.trim_start());
        if token.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// A quoted string or a token, and what comes after it.
fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parameter;

    #[test]
    fn a_parameter_is_found_in_any_challenge() {
        let header = r#"Basic realm="a, error=\"no\"", Bearer realm=x,error = "invalid_token" ,error_description="a \"b\", c""#;
        assert_eq!(parameter(header, "error").as_deref(), Some("invalid_token"));
        assert_eq!(
            parameter(header, "error_description").as_deref(),
            Some("a \"b\", c")
        );
        assert_eq!(parameter(header, "realm").as_deref(), Some("a, error=\"no\""));
        assert_eq!(parameter(header, "scope"), None);
        assert_eq!(
            parameter("Bearer error=expired", "error").as_deref(),
            Some("expired")
        );
        assert_eq!(
            parameter("Negotiate abc==, Bearer error=e", "error").as_deref(),
            Some("e")
        );
    }

    proptest! {
        #[test]
        fn any_header_has_an_end(header in ".*|[=\" ,\\\\a]*") {
            let _ = parameter(&header, "error");
        }
    }
}
