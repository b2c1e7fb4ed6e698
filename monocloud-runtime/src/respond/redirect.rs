//! Answers that send the browser elsewhere.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION};

use super::Answer;
use super::page::for_nobody_else;

/// 303, so that the browser goes there with GET and sends nothing again.
pub(crate) fn see_other(url: &str) -> Answer {
    let mut response = Answer::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(url).expect("a parsed URL is printable ASCII");
    response.headers_mut().insert(LOCATION, location);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// The same for HTMX, whose calls by script cannot follow a redirect to another site.
pub(crate) fn go_by_script(mut answer: Answer, url: &str) -> Answer {
    let location = HeaderValue::try_from(url).expect("a parsed URL is printable ASCII");
    answer.headers_mut().insert("hx-redirect", location);
    answer
}

/// The end of a handler that sends the browser elsewhere: a redirect, or what HTMX does in its place.
pub(super) fn go(url: &str, by_htmx: bool) -> Answer {
    if !by_htmx {
        return see_other(url);
    }
    let mut answer = Answer::new(Bytes::new());
    for_nobody_else(answer.headers_mut());
    go_by_script(answer, url)
}
