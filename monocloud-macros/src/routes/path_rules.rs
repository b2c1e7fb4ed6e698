//! What a path of the router may be.
//!
//! The last word has `matchit`, which axum routes with. What people write in place of a path is found before, so that
//! the message says what to write.

#[cfg(test)]
mod tests;

use crate::code_points::{described, is_invisible};

/// `matchit` gives parameters letters, and panics when it has no more.
const MOST_PARAMETERS: usize = 25;

/// What is wrong with a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) what: String,
    /// What to write in its place, as `write …`.
    pub(super) write: String,
}

/// Compares a path with each rule.
pub(super) fn wrong(path: &str) -> Option<Wrong> {
    const RULES: [fn(&str) -> Option<Wrong>; 9] = [
        is_absolute,
        is_readable,
        is_without_query,
        has_parameters_in_braces,
        has_named_parameters,
        has_closed_braces,
        has_parameters_at_the_end_of_segments,
        has_catch_all_at_the_end,
        is_of_the_router,
    ];
    RULES.iter().find_map(|rule| rule(path))
}

// One rule each.

fn is_absolute(path: &str) -> Option<Wrong> {
    if let Some((scheme, rest)) = path.split_once("://")
        && scheme.chars().all(char::is_alphanumeric)
    {
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        return Some(say(
            "a route is a path, without scheme and host",
            format!("write `\"{path}\"`"),
        ));
    }
    let rest = path.trim_start().trim_start_matches("./");
    (!path.starts_with('/')).then(|| say("a path begins with `/`", format!("write `\"/{rest}\"`")))
}

/// Requests hold nothing else: a browser encodes it.
fn is_readable(path: &str) -> Option<Wrong> {
    let invisible: String = path.chars().filter(|c| is_invisible(*c)).collect();
    if !invisible.is_empty() {
        let what = format!("this path has {}", described(&invisible, ""));
        return Some(say(&what, "write it anew"));
    }
    let mut encoded = String::new();
    let mut in_braces = false;
    for c in path.chars() {
        in_braces = c == '{' || in_braces && c != '}';
        if in_braces || c.is_ascii() && c != ' ' {
            encoded.push(c);
        } else {
            let bytes = c.to_string().into_bytes();
            encoded.extend(bytes.iter().map(|byte| format!("%{byte:02X}")));
        }
    }
    let what = "browsers encode what is no ASCII, and the router compares what they send";
    (encoded != path).then(|| say(what, format!("write `\"{encoded}\"`")))
}

fn is_without_query(path: &str) -> Option<Wrong> {
    let at = outside_of_braces(path, &['?', '#'])?;
    let what = "a route is a path, and what follows it is for the handler, as `Query`";
    Some(say(what, format!("write `\"{}\"`", &path[..at])))
}

/// `:id`, `*rest`, `<id>`, `[id]`: parameters of other routers, and of older versions of this one.
fn has_parameters_in_braces(path: &str) -> Option<Wrong> {
    let between = |segment: &str, open, close| -> Option<String> {
        let name = segment.strip_prefix(open)?.strip_suffix(close)?;
        Some(name.split(':').next_back().unwrap_or(name).to_owned())
    };
    let in_braces = |segment: &str| -> Option<String> {
        if let Some(name) = segment.strip_prefix(':') {
            return Some(format!("{{{}}}", named(name, "id")));
        }
        if let Some(name) = segment.strip_prefix('*') {
            return Some(format!("{{*{}}}", named(name.trim_start_matches('*'), "rest")));
        }
        let name = between(segment, '<', '>').or_else(|| between(segment, '[', ']'))?;
        Some(
            match name.strip_prefix("...").or_else(|| name.strip_suffix("..")) {
                Some(rest) => format!("{{*{}}}", named(rest, "rest")),
                None => format!("{{{}}}", named(&name, "id")),
            },
        )
    };
    let segments: Vec<_> = path
        .split('/')
        .map(|segment| in_braces(segment).unwrap_or_else(|| segment.to_owned()))
        .collect();
    let written = segments.join("/");
    (written != path).then(|| say("parameters stand in braces", format!("write `\"{written}\"`")))
}

fn has_named_parameters(path: &str) -> Option<Wrong> {
    for name in parameters(path) {
        let (shown, written) = match name {
            "" => ("a parameter has a name", "{id}".to_owned()),
            "*" => ("a parameter has a name", "{*rest}".to_owned()),
            _ if name.contains('/') => return None,
            _ => {
                let bare = name.trim_matches(|c| matches!(c, '*' | '.' | '?'));
                let is_rest = name.contains('*') || name.contains("..");
                let star = if is_rest { "*" } else { "" };
                let bare = bare.split(':').next().unwrap_or_default();
                let bare = named(bare, if is_rest { "rest" } else { "id" });
                (
                    "a parameter is a name and nothing else",
                    format!("{{{star}{bare}}}"),
                )
            }
        };
        if written != format!("{{{name}}}") {
            let path = path.replacen(&format!("{{{name}}}"), &written, 1);
            return Some(say(shown, format!("write `\"{path}\"`")));
        }
    }
    None
}

fn has_closed_braces(path: &str) -> Option<Wrong> {
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let (brace, after) = rest[at..].split_at(1);
        if after.starts_with(brace) {
            rest = &after[1..];
        } else if brace == "}" {
            let write = "write a parameter as `{id}`, or `}}` for a brace itself";
            return Some(say("this path has a `}` without a `{`", write));
        } else {
            let end = after.find(['{', '}', '/']).unwrap_or(after.len());
            if !after[end..].starts_with('}') {
                let name = named(&after[..end], "id");
                let write = format!("write `{{{name}}}`, or `{{{{` for a brace itself");
                return Some(say("this path has a `{` without a `}`", write));
            }
            rest = &after[end + 1..];
        }
    }
    None
}

fn has_parameters_at_the_end_of_segments(path: &str) -> Option<Wrong> {
    let segment = path.split('/').find(|segment| {
        let parameter = parameters(segment).next();
        parameter.is_some_and(|name| !segment.ends_with(&format!("{{{name}}}")))
    })?;
    let start = segment.find('{').unwrap_or_default();
    let end = segment[start..]
        .find('}')
        .map_or(segment.len(), |at| start + at + 1);
    let written = path.replacen(segment, &segment[..end], 1);
    Some(say(
        "a parameter ends its segment, and there is one in a segment",
        format!("write `\"{written}\"` and let the handler look at the rest"),
    ))
}

fn has_catch_all_at_the_end(path: &str) -> Option<Wrong> {
    let name = parameters(path).find(|name| name.starts_with('*'))?;
    let parameter = format!("{{{name}}}");
    let at = path.find(&parameter)? + parameter.len();
    let what = format!("`{parameter}` takes all that follows, so it ends the path");
    (at < path.len()).then(|| say(&what, format!("write `\"{}\"`", &path[..at])))
}

fn is_of_the_router(path: &str) -> Option<Wrong> {
    if parameters(path).count() > MOST_PARAMETERS {
        let what = format!("a path has at most {MOST_PARAMETERS} parameters");
        return Some(say(&what, "let the handler look at the rest, as `{*rest}`"));
    }
    let refused = matchit::Router::new().insert(path, ()).err()?;
    Some(say("the router does not take this path", refused.to_string()))
}

/// What stands in braces, as far as they are closed.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('{')?;
            if let Some(escaped) = after.strip_prefix('{') {
                rest = escaped;
                continue;
            }
            let (name, after) = after.split_once('}')?;
            rest = after;
            return Some(name);
        }
    })
}

fn outside_of_braces(path: &str, wanted: &[char]) -> Option<usize> {
    let mut in_braces = false;
    path.char_indices().find_map(|(at, c)| {
        in_braces = c == '{' || in_braces && c != '}';
        (!in_braces && wanted.contains(&c)).then_some(at)
    })
}

fn named<'a>(name: &'a str, otherwise: &'a str) -> &'a str {
    if name.is_empty() { otherwise } else { name }
}

fn say(what: &str, write: impl Into<String>) -> Wrong {
    Wrong {
        what: what.to_owned(),
        write: write.into(),
    }
}
