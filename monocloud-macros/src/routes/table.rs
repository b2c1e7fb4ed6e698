//! The lines of the application's own routes, and what they are to each other.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::parse::ParseStream;
use syn::{LitStr, Token};

use super::line::Line;
use super::start;
use crate::errors::Errors;
use crate::punctuation::{EXTRA_COMMA, MISSING_COMMA, skip_to_comma};

#[derive(Default)]
pub(super) struct Table {
    pub(super) lines: Vec<Line>,
    /// Of lines that are not there in every build: mistakes in those builds alone.
    pub(super) conditional: TokenStream,
}

impl Table {
    pub(super) fn parse(input: ParseStream<'_>, errors: &Errors) -> Self {
        let mut table = Self::default();
        // Whether what follows is still a mistake that has been reported.
        let mut is_lost = false;
        while !input.is_empty() {
            if input.peek(Token![,]) {
                if !is_lost {
                    errors.at_span(input.span(), EXTRA_COMMA);
                }
                let _ = input.parse::<Token![,]>();
                continue;
            }
            if !is_lost || start::is_line(input) {
                let line = Line::parse(input, errors);
                is_lost = line.is_none();
                table.lines.extend(line);
            }
            if is_lost {
                skip_to_comma(input);
            }
            is_lost |= !parse_comma(input, is_lost, errors);
        }
        table.check(errors);
        table
    }

    /// Compares each line with those before it.
    fn check(&mut self, errors: &Errors) {
        let mut known = Known::default();
        for line in &self.lines {
            for (earlier, what) in known.add(line) {
                let path = &line.path;
                if earlier.cfgs.is_same(&line.cfgs) {
                    errors.at(path, what);
                } else {
                    let condition = earlier.cfgs.and(&line.cfgs);
                    let error = quote_spanned!(path.span()=> #condition ::core::compile_error!(#what););
                    self.conditional.extend(error);
                }
            }
        }
    }
}

/// Whether nothing is missing between two lines.
fn parse_comma(input: ParseStream<'_>, is_lost: bool, errors: &Errors) -> bool {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return true;
    }
    if let Ok(semicolon) = input.parse::<Token![;]>() {
        if !is_lost {
            errors.at(semicolon, "a line of the table ends with `,`, and not with `;`");
        }
        return true;
    }
    if !is_lost {
        errors.at_span(input.span(), MISSING_COMMA);
    }
    start::is_line(input)
}

/// The lines that have been read.
#[derive(Default)]
struct Known<'a> {
    by_path: HashMap<String, Vec<&'a Line>>,
    /// The paths with parameters, by what stands before the first of them: only these can be two paths to a reader and
    /// one to the router.
    by_start: HashMap<String, Vec<&'a Line>>,
}

impl<'a> Known<'a> {
    /// Gives the lines with which this one cannot be together, and why.
    fn add(&mut self, line: &'a Line) -> Vec<(&'a Line, String)> {
        let path = line.path.value();
        let mut found = Vec::new();
        let same = self.by_path.entry(path.clone()).or_default();
        for earlier in same.iter() {
            found.extend(repeated(earlier, line).map(|what| (*earlier, what)));
        }
        let is_new = same.is_empty();
        same.push(line);
        if is_new && let Some(at) = path.find('{') {
            let others = self.by_start.entry(path[..at].to_owned()).or_default();
            for earlier in others.iter() {
                found.extend(confused(&earlier.path, &path).map(|what| (*earlier, what)));
            }
            others.push(line);
        }
        found
    }
}

/// One method of one path twice.
fn repeated(earlier: &Line, line: &Line) -> Option<String> {
    let method = line
        .methods
        .iter()
        .find(|method| earlier.methods.iter().any(|other| other.name == method.name))?;
    let (name, path) = (method.name, line.path.value());
    Some(format!(
        "`{name} {path}` stands in this table twice; keep one of the two"
    ))
}

/// Two paths that the router does not tell apart.
fn confused(earlier: &LitStr, path: &str) -> Option<String> {
    let earlier = earlier.value();
    let mut router = matchit::Router::new();
    // What is wrong with one of them alone has been reported.
    router.insert(&*earlier, ()).ok()?;
    let matchit::InsertError::Conflict { .. } = router.insert(path, ()).err()? else {
        return None;
    };
    if shape(&earlier) == shape(path) {
        return Some(format!(
            "the router does not tell `{path}` from `{earlier}`, which stands above; parameters have one name, so write `\"{earlier}\"`"
        ));
    }
    Some(format!(
        "the router does not tell `{path}` from `{earlier}`, which stands above and takes paths of both; give one of the two another path"
    ))
}

/// The path without the names of its parameters.
fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut in_braces = false;
    for c in path.chars() {
        if !in_braces || matches!(c, '*' | '}') {
            shape.push(c);
        }
        in_braces = c == '{' || in_braces && c != '}';
    }
    shape
}
