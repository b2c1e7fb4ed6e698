//! Characters that a reader does not see, or takes for others.
//!
//! Names that look the same and are not are told apart by their code points, so messages say those.

/// Letters that look like others: each first one like the second.
const LOOK_ALIKES: &[(char, char)] = &[
    // Cyrillic
    ('а', 'a'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ӏ', 'l'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('с', 'c'),
    ('ѕ', 's'),
    ('у', 'y'),
    ('х', 'x'),
    ('ԝ', 'w'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Ѕ', 'S'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('І', 'I'),
    ('Ј', 'J'),
    // Greek
    ('α', 'a'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('υ', 'u'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    // Armenian and Latin
    ('ո', 'n'),
    ('օ', 'o'),
    ('ս', 'u'),
    ('ı', 'i'),
    ('ɑ', 'a'),
    ('ɡ', 'g'),
    ('ǀ', 'l'),
    // Signs
    ('−', '-'),
    ('⁄', '/'),
    ('∕', '/'),
    ('․', '.'),
    ('ː', ':'),
    ('∶', ':'),
];

/// Control characters, formatting characters, and every space but the usual one.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || c != ' ' && c.is_whitespace()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// `text` as it looks: without what is invisible, and with usual letters for those that look like
/// them.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c) && !is_combining(*c))
        .map(|c| looks_like(c).unwrap_or(c))
        .collect()
}

/// `text` for a message, with what is invisible written as Rust escapes it.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// What a message adds about a name that looks like `meant` and is another, or about what is in it
/// that nobody sees: nothing, or a line of its own.
pub(crate) fn remark(written: &str, meant: Option<&str>) -> String {
    let strange = described(written, meant.unwrap_or_default());
    if !strange.is_empty() {
        return format!("\nit has {strange}");
    }
    let strange = meant.map(|meant| described(meant, written)).unwrap_or_default();
    if strange.is_empty() {
        return String::new();
    }
    format!("\nwhat is declared has {strange}")
}

/// Each strange character of `text` that is not in `other`: `U+0430, which looks like a`.
pub(crate) fn described(text: &str, other: &str) -> String {
    let mut seen = Vec::new();
    for c in text.chars().filter(|c| !other.contains(*c)) {
        let point = format!("U+{:04X}", u32::from(c));
        let what = if is_invisible(c) {
            format!("{point}, which is invisible")
        } else if let Some(usual) = looks_like(c) {
            format!("{point}, which looks like `{usual}`")
        } else if is_combining(c) {
            format!("{point}, which joins the letter before it")
        } else {
            continue;
        };
        if !seen.contains(&what) {
            seen.push(what);
        }
    }
    seen.join(", and ")
}

fn looks_like(c: char) -> Option<char> {
    match c {
        // Full-width forms of ASCII, and hyphens.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{2010}'..='\u{2015}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        _ => mathematical(c).or_else(|| {
            let found = LOOK_ALIKES.iter().find(|(other, _)| *other == c);
            found.map(|(_, usual)| *usual)
        }),
    }
}

/// The letters of formulas, `𝐚` to `𝚣`: thirteen alphabets of 52 letters, then digits.
fn mathematical(c: char) -> Option<char> {
    let at = |offset: u32, letters: u32| {
        let offset = offset % letters;
        let base = match (letters, offset) {
            (10, _) => u32::from('0'),
            (_, 0..=25) => u32::from('A'),
            _ => u32::from('a') - 26,
        };
        char::from_u32(base + offset)
    };
    match u32::from(c) {
        point @ 0x1d400..=0x1d6a3 => at(point - 0x1d400, 52),
        point @ 0x1d7ce..=0x1d7ff => at(point - 0x1d7ce, 10),
        _ => None,
    }
}

/// Accents that stand as characters of their own.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_plainly_the_same() {
        for written in [
            "аdmin",
            "ａｄｍｉｎ",
            "𝐚𝐝𝐦𝐢𝐧",
            "𝚊dmin",
            "admin\u{200b}",
            "\u{feff}admin",
            "ad\u{ad}min",
            "admіո",
            "a\u{301}dmin",
        ] {
            assert_eq!(plain(written), "admin", "{}", written.escape_unicode());
        }
        assert_eq!(plain("site‑admin"), "site-admin");
        assert_eq!(plain("wіth ѕpace"), "with space");
        assert_eq!(plain("𝟙𝟘7"), "107");
        assert_eq!(plain("Müller 日本"), "Müller 日本");
    }

    #[test]
    fn remarks_name_code_points() {
        assert_eq!(remark("admin", Some("admin")), "");
        assert_eq!(
            remark("аdmin", Some("admin")),
            "\nit has U+0430, which looks like `a`"
        );
        assert_eq!(
            remark("ad\u{200b}min\u{200b}", None),
            "\nit has U+200B, which is invisible"
        );
        assert_eq!(
            remark("cafe\u{301}\u{a0}", Some("café")),
            "\nit has U+0301, which joins the letter before it, and U+00A0, which is invisible"
        );
        assert_eq!(
            remark("admin", Some("аdmin")),
            "\nwhat is declared has U+0430, which looks like `a`"
        );
    }

    #[test]
    fn what_is_invisible_is_shown_as_an_escape() {
        assert_eq!(shown("ad\u{200b}min\n"), "ad\\u{200b}min\\u{a}");
    }
}
