//! What the texts in `auth_params` may be, each rule by itself.

use crate::suggest::{list, nearest};

/// What is wrong with a value, and what to write.
pub(super) type Rule = fn(&str) -> Option<String>;

/// The parameters that are texts.
pub(super) const OF_TEXTS: &[(&str, Rule)] = &[
    ("scopes", scopes),
    ("resource", resource),
    ("audience", any),
    ("prompt", prompt),
    ("display", display),
    ("ui_locales", words),
    ("acr_values", words),
    ("authenticator_hint", any),
    ("login_hint", any),
    ("id_token_hint", any),
];

/// Holds for all of them.
pub(super) fn one_line(value: &str) -> Option<String> {
    if value.trim().is_empty() {
        return Some("is empty; write a value, or remove it".to_owned());
    }
    if value.trim() != value {
        return Some(format!("has white space around it; write `\"{}\"`", value.trim()));
    }
    value
        .contains(char::is_control)
        .then(|| "contains a control character; remove that".to_owned())
}

fn any(_: &str) -> Option<String> {
    None
}

/// Words with spaces between them (RFC 6749 §3.3 for scopes).
fn words(value: &str) -> Option<String> {
    if value.contains(',') {
        let words: Vec<&str> = value.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        return Some(format!(
            "is separated by spaces, not by commas; write `\"{}\"`",
            words.join(" ")
        ));
    }
    let is_plain = |byte: u8| matches!(byte, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (!value.bytes().all(is_plain)).then(|| {
        "has characters that no such parameter has; use letters, digits and signs but `\"` and `\\`"
            .to_owned()
    })
}

fn scopes(value: &str) -> Option<String> {
    words(value).or_else(|| {
        let has_openid = value.split(' ').any(|scope| scope == "openid");
        (!has_openid).then(|| {
            format!("lacks `openid`, without which nobody signs in; write `scopes = \"openid {value}\"`")
        })
    })
}

/// Absolute URLs without query and fragment (RFC 8707 §2).
fn resource(value: &str) -> Option<String> {
    let is_url = |word: &str| {
        let scheme = word.split_once(':').filter(|(_, rest)| !rest.is_empty());
        scheme.is_some_and(|(scheme, _)| {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        })
    };
    words(value).or_else(|| {
        let mut wrong = value.split_ascii_whitespace().filter(|word| !is_url(word) || word.contains(['?', '#']));
        wrong.next().map(|word| {
            format!(
                "names absolute URLs without query and fragment, and `{word}` is none; write `resource = \"https://api.example.com\"`"
            )
        })
    })
}

/// OIDC Core 3.1.2.1; an issuer may know more words.
fn prompt(value: &str) -> Option<String> {
    const KNOWN: [&str; 5] = ["none", "login", "consent", "select_account", "create"];
    if let Some(problem) = words(value) {
        return Some(problem);
    }
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    if words.len() > 1 && words.contains(&"none") {
        let rest: Vec<&str> = words.into_iter().filter(|word| *word != "none").collect();
        return Some(format!(
            "is `none`, at which the issuer asks nothing, or other words; write `prompt = \"{}\"`",
            rest.join(" ")
        ));
    }
    let is_word = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let odd = words
        .into_iter()
        .find(|word| !KNOWN.contains(word) && (!is_word(word) || nearest(word, KNOWN).is_some()))?;
    Some(match nearest(odd, KNOWN) {
        Some(meant) => format!("has no word `{odd}`; did you mean `{meant}`?"),
        None => format!(
            "has words in small letters, such as {}; `{odd}` is none",
            list(KNOWN)
        ),
    })
}

/// OIDC Core 3.1.2.1.
fn display(value: &str) -> Option<String> {
    const KNOWN: [&str; 4] = ["page", "popup", "touch", "wap"];
    (!KNOWN.contains(&value)).then(|| {
        let meant = nearest(value, KNOWN).unwrap_or("page");
        format!("is one of {}; write `display = \"{meant}\"`", list(KNOWN))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(rule: Rule, value: &str) -> String {
        rule(value).unwrap_or_default()
    }

    #[test]
    fn scopes_have_openid_among_them() {
        for good in [
            "openid",
            "profile openid",
            "openid https://graph.example.com/.default a:b",
        ] {
            assert_eq!(scopes(good), None, "{good}");
        }
        assert!(says(scopes, "profile email").contains("`scopes = \"openid profile email\"`"));
        assert!(says(scopes, "openid,profile").contains("`\"openid profile\"`"));
        assert!(scopes("openidx").is_some() && scopes("openid \"x\"").is_some());
    }

    #[test]
    fn a_resource_is_an_absolute_url() {
        for good in [
            "https://api.example.com",
            "https://a.example/x https://b.example",
            "urn:orders",
        ] {
            assert_eq!(resource(good), None, "{good}");
        }
        for bad in [
            "orders",
            "/orders",
            "https://a.example/#x",
            "https://a.example?x",
            "https://a.example orders",
            "1x:y",
        ] {
            assert!(resource(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_prompt_asks_or_does_not() {
        for good in [
            "none",
            "login",
            "login consent",
            "select_account",
            "create",
            "provider_word",
        ] {
            assert_eq!(prompt(good), None, "{good}");
        }
        assert!(says(prompt, "none login").contains("`prompt = \"login\"`"));
        assert!(says(prompt, "logn").contains("`login`"));
        assert!(says(prompt, "selectAccount").contains("`select_account`"));
        assert!(says(prompt, "login,consent").contains("`\"login consent\"`"));
        assert!(prompt("Provider").is_some());
    }

    #[test]
    fn what_is_no_text_is_none() {
        for bad in ["", " ", " x", "x ", "a\nb", "\u{7f}"] {
            assert!(one_line(bad).is_some(), "{bad:?}");
        }
        assert!(says(display, "pop-up").contains("`display = \"popup\"`"));
        assert_eq!(display("touch"), None);
        assert_eq!(words("en de-CH"), None);
        assert_eq!(any("Zoë Ö."), None);
    }
}
