//! Claims as values of the types that the specification gives them (OIDC Core 5.1), read from
//! whatever issuers send: what is unmistakable, or nothing.

use cookie::time::OffsetDateTime;
use cookie::time::format_description::well_known::Rfc3339;
use serde_json::{Map, Value};

use super::address::Address;

/// The last second of the year 9999. A larger number is of another unit.
const LAST: f64 = 253_402_300_799.0;

/// `true` and `false`, as words in any case, as 1 and 0.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_f64()? {
            1.0 => Some(true),
            0.0 => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Seconds since the Unix epoch: a number, its digits, or a date and time of RFC 3339. Fractions of
/// a second are dropped.
pub(super) fn time(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => seconds(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            let is_number = text.starts_with(|first: char| first.is_ascii_digit())
                && text.chars().all(|c| c.is_ascii_digit() || c == '.');
            if is_number {
                seconds(text.parse().ok()?)
            } else {
                Some(OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp())
            }
        }
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn seconds(number: f64) -> Option<i64> {
    (-LAST..=LAST).contains(&number).then(|| number.floor() as i64)
}

/// An object, or the same as JSON text. Its members are text, or numbers where text is due.
pub(super) fn address(value: &Value) -> Option<Address> {
    match value {
        Value::Object(members) => Some(address_of(members)),
        Value::String(text) => Some(address_of(&serde_json::from_str(text).ok()?)),
        _ => None,
    }
}

fn address_of(members: &Map<String, Value>) -> Address {
    let member = |name| match members.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Address {
        formatted: member("formatted"),
        street_address: member("street_address"),
        locality: member("locality"),
        region: member("region"),
        postal_code: member("postal_code"),
        country: member("country"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{address, boolean, time};

    #[test]
    fn a_boolean_is_what_is_unmistakable() {
        for yes in [
            json!(true),
            json!("true"),
            json!("True"),
            json!(1),
            json!("1"),
            json!(1.0),
        ] {
            assert_eq!(boolean(&yes), Some(true), "{yes}");
        }
        for no in [json!(false), json!("FALSE"), json!(0), json!("0")] {
            assert_eq!(boolean(&no), Some(false), "{no}");
        }
        for neither in [
            json!(null),
            json!(""),
            json!("yes"),
            json!(2),
            json!([true]),
            json!({"a": true}),
        ] {
            assert_eq!(boolean(&neither), None, "{neither}");
        }
    }

    #[test]
    fn a_time_is_read_in_seconds_whatever_form_it_has() {
        for time_of_1766487547 in [
            json!(1_766_487_547),
            json!(1_766_487_547.25),
            json!("1766487547"),
            json!("1766487547.9"),
            json!("2025-12-23T10:59:07.841Z"),
            json!("2025-12-23T11:59:07+01:00"),
        ] {
            assert_eq!(
                time(&time_of_1766487547),
                Some(1_766_487_547),
                "{time_of_1766487547}"
            );
        }
        for none in [
            json!(null),
            json!(""),
            json!("yesterday"),
            json!("2025-12-23"),
            json!(1_766_487_547_841_i64),
            json!("1.2.3"),
            json!(true),
            json!([5]),
        ] {
            assert_eq!(time(&none), None, "{none}");
        }
        assert_eq!(time(&json!(5)), Some(5));
    }

    #[test]
    fn an_address_is_an_object_or_its_text() {
        let found = |value: Value| address(&value).map(|address| (address.locality, address.postal_code));
        let ulm = Some((Some("Ulm".to_owned()), Some("89073".to_owned())));
        assert_eq!(found(json!({"locality": "Ulm", "postal_code": "89073"})), ulm);
        assert_eq!(found(json!("{\"locality\":\"Ulm\",\"postal_code\":89073}")), ulm);
        let odd = json!({"locality": "Ulm", "postal_code": 89073, "region": [], "x": null});
        assert_eq!(found(odd), ulm);
        for none in [json!([]), json!(null), json!("Ulm"), json!("[1]"), json!(7)] {
            assert_eq!(found(none.clone()), None, "{none}");
        }
    }
}
