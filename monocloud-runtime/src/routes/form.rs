//! Forms that other sites make browsers post.

use std::time::Duration;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Limited};

use super::received::Body;
use crate::error::Error;

/// A few short values.
const MAX_FORM: usize = 64 * 1024;

/// The form's bytes. A sender that is slower than `limit` is refused.
pub(super) async fn read_form(headers: &HeaderMap, body: Body, limit: Duration) -> Result<Vec<u8>, Error> {
    if !is_form(headers) {
        return Err(Error::InvalidRequest("the request's body must be a form"));
    }
    let read = tokio::time::timeout(limit, Limited::new(body, MAX_FORM).collect());
    match read.await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().to_vec()),
        Ok(Err(_)) => Err(Error::InvalidRequest("the form is too long or broke off")),
        Err(_) => Err(Error::InvalidRequest(
            "the browser did not send the whole form in time",
        )),
    }
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let kind = value.split(';').next().unwrap_or_default();
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}
