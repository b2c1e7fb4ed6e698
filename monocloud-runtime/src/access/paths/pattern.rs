//! What may stand in a pattern, and what to write in its place.

use regex::RegexBuilder;

/// Of the program that one expression becomes, in bytes: `[^/]+` takes some thousand.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// A path without anything that a request's path is compared without.
pub(crate) fn check_path(path: &str) -> Result<(), String> {
    if path.contains("://") {
        return Err("it is a whole address; write the path alone, such as \"/admin\"".to_owned());
    }
    let plain = ["/(.*)", "/.*", "(/.*)?", "(.*)", ".*", "/**", "/*", "*", "/"]
        .iter()
        .find_map(|end| path.strip_suffix(end));
    if plain == Some("") {
        return Err(
            "every path is under it; write `All` if that is meant, and regex(\"/\") for the start page alone"
                .to_owned(),
        );
    }
    if !path.starts_with(['/', '^']) {
        return Err(format!(
            "it does not begin with a slash, so no path is under it; write \"/{path}\""
        ));
    }
    if let Some(plain) = plain.filter(|plain| !plain.contains(is_of_regex) && path.contains('*')) {
        return Err(format!(
            "a path protects what is below it by itself; write \"{plain}\", or regex(\"{path}\") if the pattern is meant"
        ));
    }
    if let Some(character) = path.chars().find(|character| is_of_regex(*character)) {
        return Err(format!(
            "`{character}` belongs to a regular expression; write regex(r\"{path}\")"
        ));
    }
    if let Some(character) = path.chars().find(|character| "?#%;".contains(*character)) {
        return Err(format!(
            "`{character}` is no part of a path as it is compared, which is decoded and without parameters and query; leave it out"
        ));
    }
    if path.chars().any(char::is_control) {
        return Err("there is a control character in it, and no path with one is let in".to_owned());
    }
    path.trim_end_matches('/')
        .split('/')
        .skip(1)
        .try_for_each(check_segment)
}

fn check_segment(segment: &str) -> Result<(), String> {
    if segment.is_empty() {
        return Err("two slashes follow each other, which are compared as one; write one".to_owned());
    }
    if matches!(segment, "." | "..") {
        return Err(format!(
            "`{segment}` is resolved before paths are compared; write the path that it leads to"
        ));
    }
    if segment != segment.trim_matches(' ').trim_end_matches(['.', ' ']) {
        return Err(format!(
            "`{segment}` has dots or spaces at an end, which paths are compared without; leave them out"
        ));
    }
    if segment.starts_with(':') {
        return Err(format!(
            "`{segment}` would be taken to the letter; write regex(…) with `[^/]+` in its place"
        ));
    }
    if segment.contains(":$") {
        return Err(format!(
            "`{segment}` names a stream, which paths are compared without; leave it out"
        ));
    }
    Ok(())
}

/// `.` is a part of names, and is none of them here.
fn is_of_regex(character: char) -> bool {
    "^$*+?()[]{}|\\".contains(character)
}

/// An expression that compiles, and that a path can match.
pub(crate) fn check_regex(pattern: &str) -> Result<(), String> {
    // By itself first: an unbalanced one would get out of what is put around it.
    for text in [pattern.to_owned(), wrapped(pattern)] {
        let built = RegexBuilder::new(&text)
            .case_insensitive(true)
            .size_limit(MOST_BYTES)
            .build();
        if let Err(error) = built {
            return Err(format!(
                "it is no regular expression that can be used: {}",
                reason(&error)
            ));
        }
    }
    let begins = pattern.trim_start_matches('^');
    match begins.chars().next() {
        None | Some('$') => Err("no path matches it, since every path begins with a slash".to_owned()),
        Some(first) if first.is_alphanumeric() => Err(format!(
            "no path matches it, since every path begins with a slash; write regex(\"/{begins}\")"
        )),
        _ if asks_for_case(pattern) => Err(
            "it asks for the case of letters, and paths are compared without; leave the flag `-i` out"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// Whether `i` is among the flags that a group switches off.
fn asks_for_case(pattern: &str) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        let flags = group.split([':', ')']).next().unwrap_or_default();
        flags.split_once('-').is_some_and(|(_, off)| off.contains('i'))
    })
}

/// The whole path, or nothing.
pub(super) fn wrapped(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// The last line says what is wrong; those before it show where.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or(&text);
    last.trim().trim_start_matches("error: ").to_owned()
}
