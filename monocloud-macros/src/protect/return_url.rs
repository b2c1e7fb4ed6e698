//! A return URL is a path on this site, so that nobody is sent elsewhere after signing in.

use syn::LitStr;

use crate::code_points::{described, is_invisible};
use crate::errors::Errors;

/// The longest that a sign-in keeps, in bytes.
const MOST_BYTES: usize = 2_000;

/// Reports what is wrong with `url`, and what to write.
pub(super) fn check(url: &LitStr, errors: &Errors) {
    let value = url.value();
    if let Some(placeholder) = placeholder(&value) {
        errors.at(
            url,
            format!(
                "`return_url` is one fixed path, and nothing is filled in for `{placeholder}`; leave `return_url` out to come back to the page that was asked for"
            ),
        );
    } else if let Some((what, write)) = wrong(&value) {
        errors.at(url, format!("`return_url` {what}; write {write}"));
    }
}

/// What routers and templates fill in: `{id}`, `{{id}}`, `${id}`, and segments such as `:id`, `<id>`,
/// `[id]`, `$id` and `*rest`.
fn placeholder(url: &str) -> Option<&str> {
    if let Some(at) = url.find('{') {
        let end = url[at..].find('}').map_or(url.len(), |length| at + length + 1);
        return Some(&url[at..end]);
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').find(|segment| {
        let mut characters = segment.chars();
        let first = characters.next();
        let name = characters.next();
        match first {
            Some(':' | '$') => name.is_some_and(|name| name.is_alphabetic() || name == '_'),
            Some('<') => segment.ends_with('>'),
            Some('[') => segment.ends_with(']'),
            Some('*') => true,
            _ => false,
        }
    })
}

fn wrong(url: &str) -> Option<(String, String)> {
    const EXAMPLE: &str = "a path such as `\"/dashboard\"`";
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let what = if url.is_empty() {
        "is empty".to_owned()
    } else if url.len() > MOST_BYTES {
        let length = url.len();
        format!("is {length} bytes long, and at most {MOST_BYTES} are kept")
    } else if url.contains('\\') {
        "contains a backslash, which browsers read as `/`".to_owned()
    } else if url.contains(char::is_control) {
        "contains a control character".to_owned()
    } else if url.contains(is_invisible) {
        let hidden: String = url.chars().filter(|c| is_invisible(*c)).collect();
        format!("contains {}", described(&hidden, ""))
    } else if let Some((scheme, rest)) = url.split_once("://")
        && scheme.chars().all(char::is_alphanumeric)
    {
        let on_site = rest.find('/').map_or("/", |at| &rest[at..]);
        let what = "is a path on this site, without scheme and host".to_owned();
        return Some((what, format!("`\"{on_site}\"`")));
    } else if !url.starts_with('/') {
        let url = url.trim_start_matches("./").trim_start();
        return Some(("begins with `/`".to_owned(), format!("`\"/{url}\"`")));
    } else if path.contains("//") {
        "contains `//`, which can lead to another site".to_owned()
    } else {
        return None;
    };
    Some((what, EXAMPLE.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_this_site_are_return_urls() {
        let longest = format!("/{}", "a".repeat(MOST_BYTES - 1));
        for url in [
            "/",
            "/dashboard",
            "/orders/7?tab=lines&from=https://example.com/#top",
            "/über/uns",
            "/?next=//x",
            &longest,
        ] {
            assert_eq!(wrong(url), None, "{url}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        let too_long = format!("/{}", "ü".repeat(MOST_BYTES / 2));
        for (url, reason) in [
            ("", "empty"),
            ("dashboard", "begins"),
            ("?tab=1", "begins"),
            ("//example.com", "`//`"),
            ("///example.com", "`//`"),
            ("/orders//7", "`//`"),
            ("/.//example.com", "`//`"),
            ("/\\example.com", "backslash"),
            ("\\\\example.com", "backslash"),
            ("https://example.com", "scheme"),
            ("https:/example.com", "begins"),
            ("javascript:alert(1)", "begins"),
            ("/\tdashboard", "control"),
            ("/dashboard\r\n", "control"),
            ("/\u{7f}", "control"),
            ("/\u{85}", "control"),
            (&too_long, "2001 bytes"),
        ] {
            let what = wrong(url).map(|(what, _)| what).unwrap_or_default();
            assert!(what.contains(reason), "{url}: {what}");
        }
    }

    #[test]
    fn what_a_router_fills_in_is_none() {
        for (url, found) in [
            ("/orders/{id}", "{id}"),
            ("/orders/{id}/edit", "{id}"),
            ("/{*rest}", "{*rest}"),
            ("/orders?id={id}", "{id}"),
            ("/orders/${id}", "{id}"),
            ("/orders/{{ id }}", "{{ id }"),
            ("/orders/{", "{"),
            ("/orders/:id", ":id"),
            ("/:tenant/orders", ":tenant"),
            ("/orders/<id>", "<id>"),
            ("/orders/[id]", "[id]"),
            ("/orders/$id", "$id"),
            ("/files/*path", "*path"),
        ] {
            assert_eq!(placeholder(url), Some(found), "{url}");
        }
        for url in [
            "/",
            "/orders/7",
            "/at/12:30",
            "/cost/$5",
            "/orders?sort=*&at=:now",
            "/a:b",
        ] {
            assert_eq!(placeholder(url), None, "{url}");
        }
    }

    #[test]
    fn what_to_write_is_taken_from_what_was_written() {
        let write = |url| wrong(url).map(|(_, write)| write);
        assert_eq!(write("dashboard").as_deref(), Some("`\"/dashboard\"`"));
        assert_eq!(write("https://a.example/x?y").as_deref(), Some("`\"/x?y\"`"));
        assert_eq!(write("https://a.example").as_deref(), Some("`\"/\"`"));
    }
}
