//! Pages: templates with `{{name}}` places, filled with escaped text or with finished HTML.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::response::{self, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};

const STYLE: &str = include_str!("pages/style.css");
const AUTO_SUBMIT: &str = include_str!("pages/auto_submit.js");

/// Nothing is loaded, nothing runs but our own style and our own submit, and nobody frames us.
///
/// There is no `form-action`: browsers hold the redirects after a submission to it, and where the application
/// leads the browser after the callback is not ours to say.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; frame-ancestors 'none'",
        source_hash(STYLE),
        source_hash(AUTO_SUBMIT),
    )
});

/// HTML that is safe to send.
#[derive(Clone, Default)]
pub(super) struct Html(String);

impl Html {
    /// Text, escaped for element content and for attributes in double quotes.
    pub(super) fn text(text: &str) -> Self {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        Self(escaped)
    }

    /// Our own markup, as it stands in the source.
    pub(super) fn own(markup: &'static str) -> Self {
        Self(markup.into())
    }

    /// A template of ours with its places filled. What is filled in is not searched for places again.
    ///
    /// Panics when a place has no value, which is a mistake in this module.
    pub(super) fn fill(template: &'static str, values: &[(&str, Html)]) -> Self {
        let mut filled = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").expect("a place is closed");
            let value = values.iter().find(|(known, _)| *known == name);
            filled.push_str(before);
            filled.push_str(&value.unwrap_or_else(|| panic!("no value for `{name}`")).1.0);
            rest = after;
        }
        filled.push_str(rest);
        Self(filled)
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(parts: I) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

/// A whole page around a body.
pub(super) fn page(status: StatusCode, title: &str, body: Html) -> Response {
    let html = Html::fill(
        include_str!("pages/layout.html"),
        &[
            ("title", Html::text(title)),
            ("style", Html::own(STYLE)),
            ("body", body),
        ],
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and we compare it.
        (header::REFERRER_POLICY, "strict-origin"),
    ];
    (status, headers, response::Html(html.0)).into_response()
}

/// A page that says one thing.
pub(super) fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    let body = Html::fill(
        include_str!("pages/notice.html"),
        &[("title", Html::text(title)), ("text", Html::text(text))],
    );
    page(status, title, body)
}

/// The page that posts an authorization response to the application (OAuth 2.0 Form Post Response Mode).
pub(super) fn form_post(redirect_uri: &str, parameters: &[(&str, String)]) -> Response {
    let inputs = parameters.iter().map(|(name, value)| {
        Html::fill(
            include_str!("pages/hidden_input.html"),
            &[("name", Html::text(name)), ("value", Html::text(value))],
        )
    });
    let body = Html::fill(
        include_str!("pages/form_post.html"),
        &[
            ("action", Html::text(redirect_uri)),
            ("inputs", inputs.collect()),
            ("script", Html::own(AUTO_SUBMIT)),
        ],
    );
    page(StatusCode::OK, "Back to the application", body)
}

/// A `Content-Security-Policy` source that allows exactly this inline text.
fn source_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(hash))
}
