//! Pages: templates of the folder `templates/provider`, and the headers that protect them.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};

/// Nothing is loaded, nothing runs but our own style and our own submit, and nobody frames us.
///
/// There is no `form-action`: browsers hold the redirects after a submission to it, and where the application
/// leads the browser after the callback is not ours to say.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; frame-ancestors 'none'",
        source_hash(include_str!("../../../templates/provider/style.css")),
        source_hash(include_str!("../../../templates/provider/auto_submit.js")),
    )
});

/// The same for a page that embeds pages of clients.
static FRAMING_POLICY: LazyLock<String> = LazyLock::new(|| format!("{}; frame-src http: https:", *POLICY));

/// A page that says one thing.
#[derive(Template)]
#[template(path = "provider/notice.html")]
struct Notice<'a> {
    title: &'a str,
    text: &'a str,
}

pub(super) fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    page(status, &Notice { title, text })
}

/// The page that posts an authorization response to the application (OAuth 2.0 Form Post Response Mode).
#[derive(Template)]
#[template(path = "provider/form_post.html")]
struct FormPost<'a> {
    redirect_uri: &'a str,
    parameters: &'a [(&'static str, String)],
}

pub(super) fn form_post(redirect_uri: &str, parameters: &[(&'static str, String)]) -> Response {
    let template = FormPost {
        redirect_uri,
        parameters,
    };
    page(StatusCode::OK, &template)
}

pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    with_policy(status, template, &POLICY)
}

pub(super) fn framing(status: StatusCode, template: &impl Template) -> Response {
    with_policy(status, template, &FRAMING_POLICY)
}

fn with_policy(status: StatusCode, template: &impl Template, policy: &str) -> Response {
    let html = template.render().expect("writing to a string does not fail");
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and we compare it.
        (header::REFERRER_POLICY, "strict-origin"),
    ];
    (status, headers, Html(html)).into_response()
}

/// A `Content-Security-Policy` source that allows exactly this inline text, which templates include without the
/// file's last line feed.
fn source_hash(file: &str) -> String {
    let text = file.strip_suffix('\n').unwrap_or(file);
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(hash))
}
