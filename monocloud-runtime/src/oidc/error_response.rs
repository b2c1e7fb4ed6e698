//! Reads what an endpoint says when it refuses: whatever the body, what can be said is said.

use std::borrow::Cow;

use http::header::{LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, Response};
use serde_json::{Map, Value};

use super::challenge;
use crate::error::{ErrorResponse, printable};
use crate::json;

const MAX_CODE: usize = 100;
const MAX_DESCRIPTION: usize = 500;
const MAX_URI: usize = 300;

/// So many bytes of an error's text are looked at.
const MAX_READ: usize = 16 * 1024;

/// Names under which gateways and issuers write to people.
const WORDS: &[&str] = &[
    "message",
    "Message",
    "error_message",
    "errorMessage",
    "errorSummary",
    "faultstring",
    "detail",
    "description",
    "error_reason",
    "reason",
    "title",
];

/// How deep in an answer they are looked for.
const MAX_DEPTH: usize = 4;

/// A piece of a secret of this length is cut out, too.
const MIN_PIECE: usize = 12;

/// What was sent and must not come back in an error.
#[derive(Default)]
pub(super) struct Sent<'a>(Vec<Cow<'a, str>>);

impl<'a> FromIterator<Cow<'a, str>> for Sent<'a> {
    fn from_iter<T: IntoIterator<Item = Cow<'a, str>>>(secrets: T) -> Self {
        let mut secrets: Vec<_> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        // The longest first, or the rest of it would stay.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }
}

/// The error of a response that is none of success.
pub(super) fn read(response: &Response<Vec<u8>>, sent: &Sent<'_>) -> ErrorResponse {
    let body = json::without_bom(response.body());
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_READ)]);
    let text = text.trim();
    let said = json::value(body)
        .map(|value| of_json(&value))
        .or_else(|| of_form(text))
        .unwrap_or_default()
        .or(of_challenge(response.headers()));
    let said = if said.error.is_none() && said.description.is_none() {
        Said {
            description: of_redirect(response).or_else(|| of_text(text)),
            ..said
        }
    } else {
        said
    };
    said.into_response(|| response.status().to_string(), sent)
}

/// The same, of an answer that says success and may mean an error.
pub(super) fn of_members(members: &Map<String, Value>, sent: &Sent<'_>) -> Option<ErrorResponse> {
    let said = Said::of(|name| Some(members.get(name)?.as_str()?.to_owned()));
    said.error
        .is_some()
        .then(|| said.into_response(String::new, sent))
}

/// The error of an authorization response (RFC 6749 §4.1.2.1), which came by way of the browser.
/// `sent` is what the request had that nobody else should know.
pub(crate) fn refused_authorization<'a>(
    error: &str,
    description: Option<&str>,
    uri: Option<&str>,
    sent: impl IntoIterator<Item = &'a str>,
) -> ErrorResponse {
    let said = Said {
        error: Some(error.to_owned()),
        description: description.map(str::to_owned),
        uri: uri.map(str::to_owned),
    };
    let sent = sent.into_iter().map(Cow::from).collect();
    said.into_response(|| "an error without a code".to_owned(), &sent)
}

/// As it was said.
#[derive(Default)]
struct Said {
    error: Option<String>,
    description: Option<String>,
    uri: Option<String>,
}

impl Said {
    fn of(member: impl Fn(&str) -> Option<String>) -> Self {
        let said = |name| member(name).filter(|text| !text.trim().is_empty());
        Self {
            error: said("error"),
            description: said("error_description"),
            uri: said("error_uri"),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            error: self.error.or(other.error),
            description: self.description.or(other.description),
            uri: self.uri.or(other.uri),
        }
    }

    fn into_response(self, without_code: impl FnOnce() -> String, sent: &Sent<'_>) -> ErrorResponse {
        let clean = |text: Option<String>, limit| {
            text.map(|text| sent.cut_out_of(&text, limit))
                .filter(|text| !text.is_empty())
        };
        ErrorResponse {
            error: clean(self.error, MAX_CODE).unwrap_or_else(without_code),
            description: clean(self.description, MAX_DESCRIPTION),
            uri: clean(self.uri, MAX_URI),
        }
    }
}

/// RFC 6749 §5.2, and what gateways in front of issuers write in its place.
fn of_json(value: &Value) -> Said {
    let said = Said::of(|name| value.get(name)?.as_str().map(str::to_owned));
    let description = said.description.or_else(|| words(value, MAX_DEPTH));
    Said { description, ..said }
}

/// Words for people: of this object, else of the first in it that has some.
fn words(value: &Value, depth: usize) -> Option<String> {
    let text = |name: &&str| value.get(name)?.as_str().filter(|text| !text.trim().is_empty());
    if let Some(text) = WORDS.iter().find_map(text) {
        return Some(text.to_owned());
    }
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Object(members) => members.values().find_map(|value| words(value, depth)),
        Value::Array(entries) => entries.iter().find_map(|value| words(value, depth)),
        _ => None,
    }
}

/// Some answer with a form where JSON is due.
fn of_form(text: &str) -> Option<Said> {
    if !text.split('&').any(|pair| pair.starts_with("error=")) || text.contains(char::is_whitespace) {
        return None;
    }
    let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).collect();
    Some(Said::of(|name| {
        let (_, value) = pairs.iter().find(|(key, _)| key == name)?;
        Some(value.clone().into_owned())
    }))
}

/// RFC 6750 §3.
fn of_challenge(headers: &HeaderMap) -> Said {
    headers
        .get_all(WWW_AUTHENTICATE)
        .into_iter()
        .map(|value| {
            let value = String::from_utf8_lossy(value.as_bytes());
            Said::of(|name| challenge::parameter(&value, name))
        })
        .fold(Said::default(), Said::or)
}

/// Whoever wrote down an address that moved learns the new one.
fn of_redirect(response: &Response<Vec<u8>>) -> Option<String> {
    let location = response.headers().get(LOCATION)?;
    response.status().is_redirection().then(|| {
        let location = String::from_utf8_lossy(location.as_bytes());
        format!("it redirects to {location}, and redirects are not followed")
    })
}

/// The title of a page, or the beginning of a text. JSON without words of its own may hold
/// anything, tokens too, so nothing of it is repeated.
fn of_text(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("the body is empty".to_owned());
    }
    if text.starts_with(['{', '[', '"']) {
        return None;
    }
    if !text.starts_with('<') {
        return Some(text.to_owned());
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find('<')?;
        Some(text[start..end].trim())
    });
    Some(match title {
        Some(title) if !title.is_empty() => format!("a page with the title \"{title}\""),
        _ => "a page without a title".to_owned(),
    })
}

impl Sent<'_> {
    /// The text, printable and without what was sent, in whatever way its letters are encoded.
    fn cut_out_of(&self, text: &str, limit: usize) -> String {
        // First what is invisible, which could hide a secret from the search.
        let mut text = printable(text, MAX_READ);
        for secret in &self.0 {
            text = cut(&text, secret.as_bytes());
        }
        printable(text.trim(), limit)
    }
}

fn cut(text: &str, secret: &[u8]) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some(first) = rest.chars().next() {
        let (matched, bytes) = matching(rest.as_bytes(), secret);
        if matched == secret.len() || matched >= MIN_PIECE {
            kept.push_str("[cut]");
            // An escape that stands for a part of a letter ends within none.
            rest = rest.get(bytes..).unwrap_or_default();
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    kept
}

/// How many bytes of `secret` the text begins with, and how many bytes of text those are: each as
/// it is, percent-encoded once or twice, or `+` for a space. Where that can be read in several ways (`%25`), the longest.
fn matching(text: &[u8], secret: &[u8]) -> (usize, usize) {
    let mut ends = vec![0];
    for (matched, byte) in secret.iter().enumerate() {
        let mut next: Vec<_> = ends
            .iter()
            .flat_map(|end| lengths(&text[*end..], *byte).map(move |length| end + length))
            .collect();
        if next.is_empty() {
            return (matched, ends.last().copied().unwrap_or_default());
        }
        next.sort_unstable();
        next.dedup();
        ends = next;
    }
    (secret.len(), ends.last().copied().unwrap_or_default())
}

/// How many bytes of the text this byte may be, at its beginning.
fn lengths(text: &[u8], byte: u8) -> impl Iterator<Item = usize> {
    let as_it_is = text
        .first()
        .is_some_and(|found| *found == byte || (*found == b'+' && byte == b' '));
    let encoded = [b"%".as_slice(), b"%25"].into_iter().filter_map(move |prefix| {
        let digits = text.strip_prefix(prefix)?.get(..2)?;
        let value = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        (value == byte).then_some(prefix.len() + 2)
    });
    as_it_is.then_some(1).into_iter().chain(encoded)
}

#[cfg(test)]
mod tests;
