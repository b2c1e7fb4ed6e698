//! Values that reached the program by mistake, whatever they are for: with quotes around them, cut off, or copied out
//! of a documentation as they stood there.
//!
//! No message repeats the value, since it may be a secret.

const QUOTES: [char; 15] = [
    '"', '\'', '`', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›',
];

/// What follows `your` in placeholders. Names of people's own may begin so too, hence not every word.
const YOURS: &[&str] = &[
    "app",
    "application",
    "api",
    "auth",
    "authority",
    "client",
    "clientid",
    "clientsecret",
    "company",
    "cookie",
    "domain",
    "host",
    "hostname",
    "id",
    "idp",
    "instance",
    "issuer",
    "key",
    "name",
    "okta",
    "org",
    "organization",
    "project",
    "provider",
    "realm",
    "resource",
    "scope",
    "secret",
    "server",
    "site",
    "subdomain",
    "tenant",
    "tenantid",
    "tenantname",
    "url",
];

/// A value in quotes: no shell took them away.
pub(super) fn quoted(value: &str) -> Result<(), String> {
    let mut characters = value.chars();
    match (characters.next(), characters.next_back()) {
        (Some(first), Some(last)) if QUOTES.contains(&first) && QUOTES.contains(&last) => {
            Err("the quotes around it are part of the value; write it without them".to_owned())
        }
        _ => Ok(()),
    }
}

/// A name or an address.
pub(super) fn text(value: &str) -> Result<(), String> {
    secret(value)?;
    if value.starts_with(QUOTES) || value.ends_with(QUOTES) {
        return Err("a quote at its end is part of the value; write it without".to_owned());
    }
    if has_pair(value, "<", ">") || has_pair(value, "${", "}") || has_pair(value, "{{", "}}") {
        return placeholder();
    }
    Ok(())
}

/// What may hold any character, so that only what is unmistakable is refused.
pub(super) fn secret(value: &str) -> Result<(), String> {
    prose(value)?;
    quoted(value)?;
    let wrapped = |open, close| value.starts_with(open) && value.ends_with(close);
    let lower = value.to_lowercase();
    let variable = value
        .strip_prefix('$')
        .or_else(|| value.strip_prefix('%')?.strip_suffix('%'));
    if wrapped("<", ">")
        || wrapped("${", "}")
        || wrapped("{{", "}}")
        || variable
            .is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        || value.contains('…')
        || value.starts_with("...")
        || value.ends_with("...")
        || value.len() > 2 && lower.bytes().all(|b| matches!(b, b'x' | b'*' | b'-'))
        || speaks_of_yours(&lower)
    {
        return placeholder();
    }
    Ok(())
}

/// What is hardly meant in a name, an address or a list of them.
pub(super) fn doubt(value: &str) -> Option<&'static str> {
    value
        .contains(',')
        .then_some("a comma is part of the value; lists are separated by spaces")
}

/// What people read.
pub(super) fn prose(value: &str) -> Result<(), String> {
    if let Some(found) = value.chars().find(|c| c.is_control() || is_invisible(*c)) {
        return Err(format!(
            "it has the character U+{:04X}, which cannot be seen; write it without line breaks and such",
            u32::from(found)
        ));
    }
    Ok(())
}

fn placeholder() -> Result<(), String> {
    Err("it is the placeholder of a documentation; write the real value".to_owned())
}

fn has_pair(value: &str, open: &str, close: &str) -> bool {
    value
        .split_once(open)
        .is_some_and(|(_, rest)| rest.contains(close))
}

/// `your-tenant`, `YOUR_CLIENT_ID`, `yourdomain`, `changeme` …
fn speaks_of_yours(lower: &str) -> bool {
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let yours = |(at, word): (usize, &&str)| match word.strip_prefix("your") {
        Some("") => words.get(at + 1).is_some_and(|next| YOURS.contains(next)),
        Some(rest) => YOURS.contains(&rest),
        None => matches!(*word, "changeme" | "replaceme" | "placeholder"),
    };
    let pair = |pair: &[&str]| matches!(pair, ["change" | "replace", "me" | "this"]);
    words.iter().enumerate().any(yours) || words.windows(2).any(pair)
}

/// Spaces of no width, marks of direction, separators of lines (Unicode's `Cf`, `Zl` and `Zp`, as far as they come out
/// of editors and web pages).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
