//! JSON that others wrote: an object, read member by member.
//!
//! What parsers stumble over is replaced before it is given up, so that it costs one value, not the document.
//! `null` is as if absent (OIDC Core 5.3.2). What cannot be used is named with the type that it
//! should have; no value is ever repeated.

mod repaired;

use std::fmt;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::printable;

/// A name that somebody else chose is shown up to this length.
const MAX_NAME: usize = 64;

/// Any JSON. A byte-order mark in front is skipped (RFC 8259 §8.1).
pub(crate) fn value(bytes: &[u8]) -> Option<Value> {
    parse(bytes).ok()
}

/// An object.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    match parse(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(format!("it is {}, and must be an object", kind(&other))),
        Err(error) => Err(syntax(&error)),
    }
}

/// An object in which no member that is to be unique is there twice, since everybody would read another one. Any other
/// that is there with several values is as if absent.
pub(crate) fn object_with_unique(
    bytes: &[u8],
    unique: impl Fn(&str) -> bool,
) -> Result<Map<String, Value>, String> {
    match parse::<Repeatable>(bytes) {
        Ok(Repeatable {
            mut members,
            repeated,
        }) => {
            if let Some((name, _)) = repeated.iter().find(|(name, _)| unique(name)) {
                return Err(format!("`{}` is there twice", printable(name, MAX_NAME)));
            }
            for (name, value) in repeated {
                if members.get(&name) != Some(&value) {
                    members.remove(&name);
                }
            }
            Ok(members)
        }
        Err(error) if error.is_data() => Err("it is not an object".to_owned()),
        Err(error) => Err(syntax(&error)),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let bytes = without_bom(bytes);
    serde_json::from_slice(bytes).or_else(|error| {
        let repaired = repaired::repaired(&String::from_utf8_lossy(bytes));
        serde_json::from_str(&repaired).map_err(|_| error)
    })
}

/// A member, unless it is absent or `null`.
pub(crate) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A member that is text, if it is there. Text that was damaged might be anybody's.
pub(crate) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match member(members, name) {
        None => Ok(None),
        Some(Value::String(text)) if text.contains(char::REPLACEMENT_CHARACTER) => {
            Err(format!("`{name}` has a part that is no character"))
        }
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

/// The first member of each name, and those that came again.
#[derive(Default)]
struct Repeatable {
    members: Map<String, Value>,
    repeated: Vec<(String, Value)>,
}

impl<'de> Deserialize<'de> for Repeatable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Repeatable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Repeatable, A::Error> {
                let mut read = Repeatable::default();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if read.members.contains_key(&name) {
                        read.repeated.push((name, value));
                    } else {
                        read.members.insert(name, value);
                    }
                }
                Ok(read)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Repeatable, E> {
                Err(E::invalid_type(de::Unexpected::Unit, &self))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{object, object_with_unique, required_text, text};

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
    fn a_member_that_is_there_twice_is_named_where_it_must_not_be() {
        let read = |unique: &[&str]| {
            let bytes = b"{\"sub\": 1, \"a\": {\"a\": 1}, \"sub\": 2, \"a\": {\"a\": 1}, \"sub\": 1}";
            object_with_unique(bytes, |name| unique.contains(&name)).map(Value::Object)
        };
        assert_eq!(read(&["x", "sub"]), Err("`sub` is there twice".to_owned()));
        assert_eq!(read(&["a"]), Err("`a` is there twice".to_owned()));
        assert_eq!(read(&[]), Ok(json!({"a": {"a": 1}})));
        for bytes in ["[]", "null", "7", "\"x\"", "", "{", "{}{}"] {
            assert!(object_with_unique(bytes.as_bytes(), |_| true).is_err(), "{bytes}");
        }
    }

    #[test]
    fn what_is_damaged_costs_one_value_and_is_no_text_that_decides() {
        let members = object(b"{\"sub\": \"1\\ud800\", \"name\": \"J\xf6rg\", \"n\": 1e999, \"ok\": \"x\"}");
        let members = members.expect("an object");
        assert_eq!(members["name"], "J\u{fffd}rg");
        assert_eq!(text(&members, "n"), Ok(None));
        assert_eq!(required_text(&members, "ok"), Ok("x"));
        assert_eq!(
            required_text(&members, "sub"),
            Err("`sub` has a part that is no character".to_owned())
        );
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
