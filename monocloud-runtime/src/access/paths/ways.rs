//! The ways in which one path becomes another on its way to whatever answers, each by itself.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::percent_decode_str;

/// What somebody makes of a path; nothing, where they take it as it stands.
pub(super) type Way = fn(&str) -> Option<String>;

/// Decoding stands apart, since it can fail.
pub(super) const WAYS: [Way; 10] = [
    unreserved,
    slashes,
    without_parameters,
    without_streams,
    without_query,
    without_spaces,
    without_dots,
    resolved,
    without_empty,
    folded,
];

/// Decodes only what needs no escape (RFC 3986 §6.2.2.2), as URL parsers do before they look for dots.
fn unreserved(path: &str) -> Option<String> {
    if !path.contains('%') {
        return None;
    }
    let mut read = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        read.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or("%");
        match percent_decode_str(escape).collect::<Vec<u8>>()[..] {
            [byte] if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => read.push(char::from(byte)),
            _ => read.push_str(escape),
        }
        rest = &rest[at + escape.len()..];
    }
    read.push_str(rest);
    changed(path, read)
}

/// On Windows, and in browsers, a backslash is a slash.
fn slashes(path: &str) -> Option<String> {
    path.contains('\\').then(|| path.replace('\\', "/"))
}

/// `/admin;v=1/x` is `/admin/x` where segments have parameters (RFC 3986 §3.3).
fn without_parameters(path: &str) -> Option<String> {
    each_segment(path, ';', |segment| before(segment, ";"))
}

/// `admin::$INDEX_ALLOCATION` is `admin` on NTFS.
fn without_streams(path: &str) -> Option<String> {
    each_segment(path, '$', |segment| {
        if segment.contains(":$") {
            before(segment, ":")
        } else {
            segment
        }
    })
}

/// What was an escaped `?` or `#` ends the path for who reads the decoded one as a URL.
fn without_query(path: &str) -> Option<String> {
    let end = path.find(['?', '#'])?;
    Some(path[..end].to_owned())
}

/// Windows passes over spaces at the end of a name, others at both ends.
fn without_spaces(path: &str) -> Option<String> {
    each_segment(path, ' ', |segment| segment.trim_matches(' '))
}

/// Windows passes over dots and spaces at the end of a name.
fn without_dots(path: &str) -> Option<String> {
    each_segment(path, '.', |segment| match segment {
        "." | ".." => segment,
        _ => segment.trim_end_matches(['.', ' ']),
    })
}

/// Without `.` and `..` (RFC 3986 §5.2.4).
fn resolved(path: &str) -> Option<String> {
    if !path.contains("/.") {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_open = false;
    for segment in path.split('/').skip(1) {
        ends_open = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    if ends_open {
        kept.push("");
    }
    changed(path, format!("/{}", kept.join("/")))
}

/// Slashes that follow each other are one.
fn without_empty(path: &str) -> Option<String> {
    if !path.contains("//") {
        return None;
    }
    let mut read = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !read.ends_with('/') {
            read.push(character);
        }
    }
    Some(read)
}

/// What file systems and databases that compare text beyond ASCII take for the same.
fn folded(path: &str) -> Option<String> {
    if path.is_ascii() {
        return None;
    }
    let visible: String = path.chars().filter(|character| !is_ignored(*character)).collect();
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(&visible);
    // By way of upper case, since several small letters share a large one.
    let folded = normal
        .chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    changed(path, folded)
}

/// Characters that HFS+ passes over in names.
fn is_ignored(character: char) -> bool {
    matches!(character, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// As it is compared: every case is one.
pub(super) fn caseless(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let mut read = text.to_owned();
        // The result of one round can be another's beginning.
        for _ in 0..4 {
            match folded(&read) {
                Some(further) => read = further,
                None => break,
            }
        }
        return Cow::Owned(read);
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Reads each segment by itself, where there is a `sign` of something to read at all.
fn each_segment(path: &str, sign: char, read: fn(&str) -> &str) -> Option<String> {
    if !path.contains(sign) {
        return None;
    }
    let segments: Vec<&str> = path.split('/').map(read).collect();
    changed(path, segments.join("/"))
}

fn before<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or(text, |(before, _)| before)
}

fn changed(path: &str, read: String) -> Option<String> {
    (read != path).then_some(read)
}
