//! JSON that others wrote: an object, read member by member.
//!
//! `null` is as if absent (OIDC Core 5.3.2). What cannot be used is named with the type that it
//! should have; no value is ever repeated.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::printable;

/// A name that somebody else chose is shown up to this length.
const MAX_NAME: usize = 64;

/// An object. A byte-order mark in front is skipped (RFC 8259 §8.1).
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(without_bom(bytes)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(format!("it is {}, and must be an object", kind(&other))),
        Err(error) => Err(syntax(&error)),
    }
}

/// An object of which no member is there twice, since everybody would read another one.
pub(crate) fn object_without_duplicates(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(bytes) {
        Ok(EachOnce(Ok(members))) => Ok(members),
        Ok(EachOnce(Err(name))) => Err(format!("`{}` is there twice", printable(&name, MAX_NAME))),
        Err(error) if error.is_data() => Err("it is not an object".to_owned()),
        Err(error) => Err(syntax(&error)),
    }
}

/// A member, unless it is absent or `null`.
pub(crate) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A member that is text, if it is there.
pub(crate) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match member(members, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(mistyped(name, other, "a string")),
    }
}

/// A member that is text and must be there.
pub(crate) fn required_text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    text(members, name)?.ok_or_else(|| missing(name))
}

pub(crate) fn missing(name: &str) -> String {
    format!("`{name}` is missing")
}

/// That a member is of another type than it must be, such as `a string`.
pub(crate) fn mistyped(name: &str, found: &Value, expected: &str) -> String {
    format!("`{name}` is {}, and must be {expected}", kind(found))
}

pub(crate) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The parser's own words may repeat what it read; its position does not.
fn syntax(error: &serde_json::Error) -> String {
    if error.is_eof() && error.line() == 1 && error.column() == 0 {
        return "it is empty, and must be JSON".to_owned();
    }
    format!(
        "it is not JSON (line {}, column {})",
        error.line(),
        error.column()
    )
}

/// The members, or the name of the first that came again.
struct EachOnce(Result<Map<String, Value>, String>);

impl<'de> Deserialize<'de> for EachOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = EachOnce;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<EachOnce, A::Error> {
                let (mut members, mut repeated) = (Map::new(), None);
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if members.contains_key(&name) {
                        repeated.get_or_insert(name);
                    } else {
                        members.insert(name, value);
                    }
                }
                Ok(EachOnce(repeated.map_or(Ok(members), Err)))
            }

            fn visit_unit<E: de::Error>(self) -> Result<EachOnce, E> {
                Err(E::invalid_type(de::Unexpected::Unit, &self))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{object, object_without_duplicates, required_text, text};

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(
            object(b"\xef\xbb\xbf {\"a\": 1}").map(|members| members.len()),
            Ok(1)
        );
    }

    #[test]
    fn errors_say_what_and_where_and_no_value() {
        for (bytes, words) in [
            ("", "it is empty"),
            ("<html>", "it is not JSON (line 1, column 1)"),
            ("{\"a\":\n secret}", "it is not JSON (line 2, column 2)"),
            ("[\"secret\"]", "it is a list, and must be an object"),
            ("\"secret\"", "it is a string"),
            ("null", "it is null"),
            ("{\"a\": \"secret", "it is not JSON"),
            ("{} secret", "it is not JSON"),
        ] {
            let error = object(bytes.as_bytes()).expect_err(bytes);
            assert!(error.starts_with(words) && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_member_that_is_there_twice_is_named() {
        let twice = object_without_duplicates(b"{\"sub\": 1, \"a\": {\"a\": 1}, \"sub\": 1}");
        assert_eq!(twice, Err("`sub` is there twice".to_owned()));
        for bytes in ["[]", "null", "7", "\"x\"", "", "{", "{}{}"] {
            assert!(object_without_duplicates(bytes.as_bytes()).is_err(), "{bytes}");
        }
    }

    #[test]
    fn null_is_as_if_absent_and_another_type_is_named() {
        let members = json!({"null": null, "number": 7, "text": "x"});
        let members = members.as_object().expect("an object");
        assert_eq!(text(members, "null"), Ok(None));
        assert_eq!(text(members, "absent"), Ok(None));
        assert_eq!(required_text(members, "text"), Ok("x"));
        assert_eq!(
            required_text(members, "null"),
            Err("`null` is missing".to_owned())
        );
        assert_eq!(
            required_text(members, "number"),
            Err("`number` is a number, and must be a string".to_owned())
        );
    }
}
