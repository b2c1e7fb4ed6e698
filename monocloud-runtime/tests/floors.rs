//! The floors of the house: a module uses its own floor and lower ones, never an upper one; and only the web knows
//! the web framework.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

/// From the ground up.
const FLOORS: [&[&str]; 15] = [
    &["clock", "crypto", "error", "identity"],
    &["http_client", "json", "params"],
    &["jose", "once"],
    &["config"],
    &["cookie"],
    &["oidc"],
    &["session"],
    &["access"],
    &["client"],
    &["sign_in", "sign_out"],
    &["request"],
    &["web"],
    &["private", "__private"],
    &["testing"],
    &["lib"],
];

/// Who may name axum and tower.
const OF_THE_WEB: [&str; 4] = ["web", "testing", "private", "__private"];

#[test]
fn no_module_uses_an_upper_floor_and_only_the_web_names_axum() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 30, "{} files", files.len());
    let violations: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            violations(&module_path(file.strip_prefix(&root).unwrap()), &text)
        })
        .collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn every_module_has_a_floor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let module = name.strip_suffix(".rs");
        // Text beside the code is no module.
        if let Some(module) = module.or(entry.path().is_dir().then_some(&*name)) {
            assert!(floor(module).is_some(), "`{module}` stands on no floor");
        }
    }
}

#[test]
fn the_checker_finds_what_it_looks_for() {
    let found = |module: &[&str], text: &str| violations(module, text).len();
    for (module, text) in [
        (&["oidc", "token"][..], "use crate::session::Session;"),
        (&["oidc"], "fn f() { crate::web::answer() }"),
        (&["session", "model"], "use crate::{error::Error, web::Auth};"),
        (
            &["session", "model"],
            "use crate::{\n    error::{Error},\n    client::MonoCloud,\n};",
        ),
        (&["http_client"], "use super::config::Settings;"),
        (&["oidc", "token"], "use super::super::web::Auth;"),
        (&["oidc", "token"], "use super::{super::web::Auth, Metadata};"),
        (&["crypto"], "pub(crate) use crate::cookie as c;"),
        (&["client"], "use axum::Router;"),
        (&["config", "check"], "fn f(_: ::axum::Router) {}"),
        (&["session"], "use tower_layer::Layer;"),
        (&["session"], "mod tests { use tower::ServiceExt as _; }"),
        (&["web", "layer"], "use crate::testing::Provider;"),
        (&["error"], "type T = crate :: web :: Auth;"),
    ] {
        assert_eq!(found(module, text), 1, "{text}");
    }
    for (module, text) in [
        (
            &["web", "routes"][..],
            "use axum::Router; use crate::{client::MonoCloud, http::X};",
        ),
        (
            &["oidc", "token"],
            "use super::{Issuer, web_of_trust}; use crate::error::Error;",
        ),
        (&["oidc", "token"], "use super::session::not_ours; // crate::web"),
        (
            &["config"],
            "//! `crate::web` and axum::Router\n/* crate::web */ const A: &str = \"crate::web axum::\";",
        ),
        (&["crypto"], "mod tests { use super::{KeyRing, Purpose}; }"),
        (&["session"], "let tower_of_babel = 1; let axum_like = 2;"),
    ] {
        assert_eq!(found(module, text), 0, "{text}");
    }
}

fn rust_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// `oidc/token.rs` is `oidc::token`, `oidc/mod.rs` is `oidc`.
fn module_path(file: &Path) -> Vec<&str> {
    let without_extension = file.to_str().unwrap().trim_end_matches(".rs");
    let mut path: Vec<&str> = without_extension.split('/').collect();
    if path.last() == Some(&"mod") {
        path.pop();
    }
    path
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// What a file of this module names and may not.
fn violations(module: &[&str], text: &str) -> Vec<String> {
    let own = floor(module[0]).unwrap_or_else(|| panic!("`{}` stands on no floor", module[0]));
    let tokens = tokens(text);
    let mut violations = Vec::new();
    for named in modules_of_crate(module, &tokens) {
        if floor(named).is_some_and(|floor| floor > own) {
            violations.push(format!(
                "`{}` uses `{named}`, which is above it",
                module.join("::")
            ));
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        let of_the_framework =
            ["axum", "tower", "tower_layer", "tower_service", "tower_http"].contains(token);
        let begins_a_path = tokens.get(at + 1) == Some(&"::");
        if of_the_framework && begins_a_path && !OF_THE_WEB.contains(&module[0]) {
            violations.push(format!("`{}` names `{token}`", module.join("::")));
        }
    }
    violations
}

/// The modules of the crate's root that paths begin with, by way of `crate` or of enough `super`s.
fn modules_of_crate<'a>(module: &[&str], tokens: &[&'a str]) -> Vec<&'a str> {
    let mut named = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let rest = &tokens[at + 1..];
        // `super` in a `mod tests` leads to the file's own module first, which can only lead to less.
        let depth = match *token {
            "crate" => 0,
            "super"
                if at == 0 || tokens[at - 1] != "::" || tokens.get(at.wrapping_sub(2)) != Some(&"super") =>
            {
                module.len() - 1
            }
            _ => continue,
        };
        leaves(depth, rest, &mut named);
    }
    named
}

/// Follows one path, or a tree of them, from `depth` modules below the root.
fn leaves<'a>(depth: usize, tokens: &[&'a str], named: &mut Vec<&'a str>) {
    let ["::", rest @ ..] = tokens else { return };
    match rest {
        ["super", rest @ ..] if depth > 0 => leaves(depth - 1, rest, named),
        ["{", rest @ ..] => {
            let mut nesting = 0;
            let mut begins = true;
            for (at, token) in rest.iter().enumerate() {
                match *token {
                    "{" => nesting += 1,
                    "}" if nesting == 0 => break,
                    "}" => nesting -= 1,
                    "," if nesting == 0 => begins = true,
                    "super" if begins && nesting == 0 && depth > 0 => {
                        leaves(depth - 1, &rest[at + 1..], named);
                        begins = false;
                    }
                    name if begins && nesting == 0 => {
                        if depth == 0 {
                            named.push(name);
                        }
                        begins = false;
                    }
                    _ => {}
                }
            }
        }
        [name, ..] if depth == 0 => named.push(name),
        _ => {}
    }
}

/// Names and punctuation, without comments, strings and space. `::` is one.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            string(rest)
        } else if let Some(quoted) = raw_string(rest) {
            quoted
        } else if rest.starts_with("'\"'") || rest.starts_with("b'\"'") {
            rest.find("\"'").unwrap() + 2
        } else {
            let name = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let length = match name {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                name => name,
            };
            if !first.is_whitespace() {
                tokens.push(&rest[..length]);
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a string, quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The length of a raw string, if one begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let content = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = content.find(&end)? + end.len();
    Some(text.len() - content.len() + length)
}
