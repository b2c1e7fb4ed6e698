//! What JSON may say and no value can hold, replaced.
//!
//! Its grammar allows half a character, a number beyond all range and nesting without end (RFC 8259 §6, §8.2, §9).
//! Names are cut off in the middle of an emoji, and nobody should be locked out for it.

/// Nesting beyond this is not read.
const MAX_DEPTH: usize = 100;

/// In place of half a character.
const REPLACEMENT: &str = "\\ufffd";

/// The same text with U+FFFD for half a character, and `null` for a number that is too large and for what stands
/// too deep. What is no JSON stays what it is.
pub(super) fn repaired(text: &str) -> String {
    let mut out = Copy {
        text,
        out: String::with_capacity(text.len()),
        copied: 0,
    };
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut too_deep) = (0, 0_usize, None);
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'"' => string(&mut out, at + 1),
            b'-' | b'0'..=b'9' => number(&mut out, at),
            _ => at + 1,
        };
        match byte {
            b'{' | b'[' => {
                if depth == MAX_DEPTH {
                    too_deep = Some(out.replace(at - 1, at, ""));
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if let Some(start) = too_deep.take_if(|_| depth == MAX_DEPTH) {
                    out.replace(at, at, "");
                    out.out.truncate(start);
                    out.out.push_str("null");
                }
            }
            _ => {}
        }
    }
    out.replace(text.len(), text.len(), "");
    out.out
}

/// A text that is copied with changes.
struct Copy<'a> {
    text: &'a str,
    out: String,
    copied: usize,
}

impl Copy<'_> {
    /// Copies up to `from`, writes `with` in place of what is before `to`, and says where that begins.
    fn replace(&mut self, from: usize, to: usize, with: &str) -> usize {
        self.out.push_str(&self.text[self.copied..from]);
        let start = self.out.len();
        self.out.push_str(with);
        self.copied = to;
        start
    }
}

/// Goes on behind a string, of which the first quote is passed.
fn string(out: &mut Copy<'_>, mut at: usize) -> usize {
    const ESCAPE: usize = "\\u0000".len();
    let text = out.text;
    let unit = |at: usize| {
        let digits = text.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    while let Some(byte) = text.as_bytes().get(at) {
        at += match (byte, unit(at)) {
            (b'"', _) => return at + 1,
            (b'\\', Some(0xD800..=0xDBFF)) if matches!(unit(at + ESCAPE), Some(0xDC00..=0xDFFF)) => {
                2 * ESCAPE
            }
            (b'\\', Some(0xD800..=0xDFFF)) => {
                out.replace(at, at + ESCAPE, REPLACEMENT);
                ESCAPE
            }
            (b'\\', _) => 2,
            _ => 1,
        };
    }
    at
}

/// Goes on behind a number.
fn number(out: &mut Copy<'_>, at: usize) -> usize {
    let rest = &out.text[at..];
    let is_part = |c: char| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
    let end = at + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    if out.text[at..end].parse().is_ok_and(f64::is_infinite) {
        out.replace(at, end, "null");
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{MAX_DEPTH, repaired};

    fn read(text: &str) -> Option<Value> {
        serde_json::from_str(&repaired(text)).ok()
    }

    #[test]
    fn what_no_value_can_hold_is_replaced_and_the_rest_stays() {
        for (text, expected) in [
            (r#"{"a": "x\ud83d"}"#, json!({"a": "x\u{fffd}"})),
            (
                r#"{"\udc00": ["\uD800\uD800", "\\ud800"]}"#,
                json!({"\u{fffd}": ["\u{fffd}\u{fffd}", "\\ud800"]}),
            ),
            (
                r#"["\ud83d\ude00", "\ude00\ud83d", "\"\ud83d\""]"#,
                json!(["😀", "\u{fffd}\u{fffd}", "\"\u{fffd}\""]),
            ),
            (
                r#"{"a": 1e999, "b": [-1E+400, 1e-999], "c": "1e999"}"#,
                json!({"a": null, "b": [null, 0.0], "c": "1e999"}),
            ),
            ("{\"ä\": \"ö\\ud800ü\"}", json!({"ä": "ö\u{fffd}ü"})),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_stands_too_deep_is_left_out_and_its_neighbours_stay() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested =
                |depth: usize| format!("{}\"\\ud800]}}\"{}", open.repeat(depth), close.repeat(depth));
            for depth in [MAX_DEPTH, 500, 50_000] {
                let text = format!(
                    "{{\"deep\": [{}, 1e999, {}], \"name\": \"Ada\"}}",
                    nested(depth),
                    nested(depth)
                );
                let value = read(&text).expect("JSON");
                assert_eq!(value["name"], "Ada");
                assert_eq!(value["deep"].as_array().map(Vec::len), Some(3));
            }
        }
    }

    #[test]
    fn what_is_no_json_stays_so() {
        for text in [
            "",
            "{",
            "]]]",
            "{\"a\": \"\\ud8",
            "\"\\",
            "\"\\u12",
            "-",
            "1e999x",
            "{\"a\" 1}",
            "\"\\ud800",
            "\"\\uä\"",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\uD8", ":", ",", "1e999", "-", "0", "é", "\u{fffd}", "\n", " ", "null",
        ]), 0..24)) {
            repaired(&pieces.concat());
        }

        #[test]
        fn what_can_be_read_as_it_stands_stays_as_it_is(text in "\\PC*", number: i64, list: Vec<f64>) {
            let json = json!({ &text: [&text, number], "list": list }).to_string();
            prop_assert_eq!(repaired(&json), json);
        }
    }
}
