//! The pages that the library shows when nobody made others: plain HTML, no script, no asset.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};

const STYLE: &str = include_str!("page.css");

/// A page with one message and, where it helps, one link.
pub(in crate::web) struct Page<'a> {
    pub(in crate::web) status: StatusCode,
    pub(in crate::web) title: &'a str,
    pub(in crate::web) text: &'a str,
    /// Address and label.
    pub(in crate::web) link: Option<(&'a str, &'a str)>,
    /// Goes there by itself, for cookies that a redirect of another site would not carry.
    pub(in crate::web) refresh: Option<&'a str>,
}

impl Page<'_> {
    pub(in crate::web) fn into_response(self) -> Response {
        let refresh = self.refresh.map_or_else(String::new, |url| {
            format!("<meta http-equiv=\"refresh\" content=\"0;url={}\">", escape(url))
        });
        let link = self.link.map_or_else(String::new, |(url, label)| {
            format!("<p><a href=\"{}\">{}</a></p>", escape(url), escape(label))
        });
        let (title, text) = (escape(self.title), escape(self.text));
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">{refresh}\
             <title>{title}</title><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1><p>{text}</p>{link}</main></body></html>"
        );
        let mut response = Response::new(Body::from(html));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
            ),
        );
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// `{"message": …}` with a status.
pub(in crate::web) fn json_message(status: StatusCode, message: &str) -> Response {
    json(status, &serde_json::json!({ "message": message }))
}

pub(in crate::web) fn json(status: StatusCode, value: &impl serde::Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("claims and messages have string keys alone");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// 303, so that the browser goes there with GET and sends nothing again.
pub(in crate::web) fn see_other(url: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(url).expect("a parsed URL is printable ASCII");
    response.headers_mut().insert(http::header::LOCATION, location);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

fn escape(text: &str) -> String {
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
    escaped
}
