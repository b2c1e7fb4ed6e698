//! Answers that send the browser elsewhere.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION};

use super::Answer;

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
