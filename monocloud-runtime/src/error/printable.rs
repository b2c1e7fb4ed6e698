//! Text of others, made fit for a log line.

/// At most `limit` characters of a text, without those that a terminal or a log viewer would obey
/// instead of show: control characters, changes of direction, and what is invisible.
///
/// Space of any kind becomes one space, so that words stay apart and a line stays one line.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        let character = if character.is_whitespace() { ' ' } else { character };
        if character.is_control() || character == ' ' && shown.ends_with(' ') {
            continue;
        }
        if length == limit {
            shown.push('…');
            break;
        }
        shown.push(character);
        length += 1;
    }
    shown
}

/// Format characters (the Unicode category Cf), and letters that are never drawn.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{0600}'..='\u{0605}'
            | '\u{061C}'
            | '\u{06DD}'
            | '\u{070F}'
            | '\u{0890}'..='\u{0891}'
            | '\u{08E2}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{110BD}'
            | '\u{110CD}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::printable;

    #[test]
    fn what_a_terminal_would_obey_is_gone() {
        for (text, shown) in [
            ("plain", "plain"),
            ("two\r\nlines\u{2028}and\u{85}more", "two lines and more"),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            ("invoice\u{202E}fdp.exe", "invoicefdp.exe"),
            (
                "a\u{2066}b\u{2069}c\u{200B}d\u{200F}e\u{FEFF}f\u{E0041}g",
                "abcdefg",
            ),
            ("déjà vu, देवनागरी, 日本語, 🙂", "déjà vu, देवनागरी, 日本語, 🙂"),
        ] {
            assert_eq!(printable(text, 100), shown);
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(printable("abcdef", 6), "abcdef");
        assert_eq!(printable("abcdefg", 6), "abcdef…");
    }

    proptest! {
        #[test]
        fn a_line_stays_one_line(text in "\\PC*|.*", limit in 0_usize..50) {
            let shown = printable(&text, limit);
            prop_assert!(shown.chars().count() <= limit + 1);
            prop_assert!(!shown.chars().any(char::is_control));
            let hidden = ['\u{2028}', '\u{2029}', '\u{202E}', '\u{FEFF}'];
            prop_assert_eq!(shown.find(hidden), None);
        }
    }
}
