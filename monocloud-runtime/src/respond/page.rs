//! The pages that the library shows when nobody made others: plain HTML, no script, no asset.

use askama::Template;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};

use super::Answer;
use super::look::Look;
use crate::config::Settings;

/// A page with one message, and where to go from there.
pub(crate) struct Page<'a> {
    status: StatusCode,
    title: &'a str,
    text: &'a str,
    /// Address and label; the first is what most people want.
    links: Vec<(String, &'a str)>,
    /// Address and label of a form that posts nothing but itself.
    form: Option<(&'a str, &'a str)>,
    refresh: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Html<'a> {
    page: &'a Page<'a>,
    look: Look<'a>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(status: StatusCode, title: &'a str, text: &'a str) -> Self {
        Self {
            status,
            title,
            text,
            links: Vec::new(),
            form: None,
            refresh: None,
        }
    }

    pub(crate) fn link(mut self, url: impl Into<String>, label: &'a str) -> Self {
        self.links.push((url.into(), label));
        self
    }

    /// A button that posts to `action`.
    pub(crate) fn form(mut self, action: &'a str, label: &'a str) -> Self {
        self.form = Some((action, label));
        self
    }

    /// Goes there by itself, for cookies that a redirect of another site would not carry.
    pub(crate) fn refresh(mut self, url: &'a str) -> Self {
        self.refresh = Some(url);
        self
    }

    /// With the application's name and colour, where it is known which application that is.
    pub(crate) fn into_answer(self, settings: Option<&Settings>) -> Answer {
        let html = Html {
            page: &self,
            look: Look::of(settings),
        };
        let html = html.render().expect("nothing in the template can fail");
        let mut response = Answer::new(html.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
            ),
        );
        // The address may hold a code.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        );
        for_nobody_else(headers);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// What every answer of the library says: it is this visitor's, and what it says it is.
pub(super) fn for_nobody_else(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::Page;

    #[test]
    fn text_of_others_is_text() {
        let evil = "\"><script>alert('&')</script>";
        let page = Page::new(StatusCode::OK, evil, evil)
            .link(evil, evil)
            .form(evil, evil)
            .refresh(evil);
        let body = page.into_answer(None).into_body();
        let html = String::from_utf8(body.to_vec()).expect("text");
        assert!(!html.contains("<script") && !html.contains("alert('"), "{html}");
        assert_eq!(html.matches("&#60;script").count(), 8, "{html}");
    }
}
