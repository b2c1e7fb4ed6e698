//! The claims that every JWT may have (RFC 7519 §4.1), read.

use serde_json::{Map, Value};

use crate::json;

/// Whom a token is for: one audience, or a list (RFC 7519 §4.1.3).
pub(super) fn audiences(claims: &Map<String, Value>) -> Result<Vec<&str>, String> {
    const EXPECTED: &str = "a string or a list of strings";
    match json::member(claims, "aud") {
        None => Err(json::missing("aud")),
        Some(Value::String(audience)) => Ok(vec![audience]),
        Some(list @ Value::Array(audiences)) => audiences
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .ok_or_else(|| json::mistyped("aud", list, EXPECTED)),
        Some(other) => Err(json::mistyped("aud", other, EXPECTED)),
    }
}

/// A time in whole seconds since the Unix epoch. RFC 7519 §2 allows fractions; they count as begun,
/// so that no time is made earlier.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a time in seconds is far below 2^53, and what is not saturates"
)]
pub(super) fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    match json::member(claims, name) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(number
            .as_i64()
            .or_else(|| number.as_f64().map(|seconds| seconds.ceil() as i64))),
        Some(other) => Err(json::mistyped(name, other, "a number of seconds")),
    }
}

/// A time that must be there.
pub(super) fn required_time(claims: &Map<String, Value>, name: &str) -> Result<i64, String> {
    time(claims, name)?.ok_or_else(|| json::missing(name))
}
