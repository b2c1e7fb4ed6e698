//! The options of a guard, checked.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, ExprPath, Lit, LitBool, LitStr, Path};

use super::kind::Kind;
use super::return_url;
use crate::arguments::{Arguments, Key, Vocabulary, ungrouped};
use crate::errors::Errors;
use crate::runtime_path::RuntimePath;

const GROUPS: Key = Key {
    name: "groups",
    example: r#"["admin"]"#,
};
const MATCH_ALL: Key = Key {
    name: "match_all",
    example: "true",
};
const GROUPS_CLAIM: Key = Key {
    name: "groups_claim",
    example: r#""roles""#,
};
const GROUPS_FROM: Key = Key {
    name: "groups_from",
    example: "crate::auth",
};
const RETURN_URL: Key = Key {
    name: "return_url",
    example: r#""/dashboard""#,
};
const CSRF: Key = Key {
    name: "csrf",
    example: "false",
};
const ON_ACCESS_DENIED: Key = Key {
    name: "on_access_denied",
    example: "sign_in_first",
};
const ON_GROUP_ACCESS_DENIED: Key = Key {
    name: "on_group_access_denied",
    example: "not_your_group",
};
const CRATE: Key = Key {
    name: "crate",
    example: "::my_runtime",
};

const PAGE: Vocabulary = Vocabulary {
    owner: "#[protect]",
    keys: &[
        GROUPS,
        MATCH_ALL,
        GROUPS_CLAIM,
        GROUPS_FROM,
        RETURN_URL,
        CSRF,
        ON_ACCESS_DENIED,
        ON_GROUP_ACCESS_DENIED,
        CRATE,
    ],
    refused: &[],
};

const API: Vocabulary = Vocabulary {
    owner: "#[protect_api]",
    keys: &[
        GROUPS,
        MATCH_ALL,
        GROUPS_CLAIM,
        GROUPS_FROM,
        CSRF,
        ON_ACCESS_DENIED,
        ON_GROUP_ACCESS_DENIED,
        CRATE,
    ],
    refused: &[(
        "return_url",
        "an API answers 401 and does not redirect; remove `return_url`, or use `#[protect]` for a page",
    )],
};

/// What a guard was told. What is missing is decided by the runtime's defaults.
pub(super) struct Options {
    pub(super) runtime: RuntimePath,
    pub(super) groups: Vec<Group>,
    pub(super) groups_from: Option<Path>,
    pub(super) match_all: Option<LitBool>,
    pub(super) groups_claim: Option<LitStr>,
    pub(super) return_url: Option<LitStr>,
    pub(super) csrf: Option<LitBool>,
    pub(super) on_access_denied: Option<ExprPath>,
    pub(super) on_group_access_denied: Option<ExprPath>,
}

/// One entry of `groups`.
pub(super) enum Group {
    /// A group's name or id: `"admin"`.
    Literal(LitStr),
    /// A variant of a declared enum: `Group::Admin`.
    Variant(ExprPath),
}

impl Options {
    pub(super) fn parse(kind: Kind, args: TokenStream, errors: &Errors) -> Self {
        let vocabulary = match kind {
            Kind::Page => &PAGE,
            Kind::Api => &API,
        };
        let mut arguments = Arguments::parse(args, vocabulary, errors);
        require_groups(&arguments, errors);
        let mut path = |name: &str, what: &str| arguments.take_path(name, what);
        let runtime = path("crate", "the runtime crate");
        let groups_from = path("groups_from", "the module or crate that declares the groups");
        let on_access_denied = path("on_access_denied", HANDLER);
        let on_group_access_denied = path("on_group_access_denied", HANDLER);
        Self {
            runtime: RuntimePath::new(runtime.map(|path| path.path), errors),
            groups_from: groups_from.map(|path| path.path),
            on_access_denied,
            on_group_access_denied,
            match_all: arguments.take_bool("match_all"),
            groups_claim: arguments
                .take_string("groups_claim")
                .inspect(|claim| check_groups_claim(claim, errors)),
            return_url: arguments
                .take_string("return_url")
                .inspect(|url| return_url::check(url, errors)),
            csrf: arguments.take_bool("csrf"),
            groups: groups(&mut arguments, errors),
        }
    }
}

const HANDLER: &str = "an `async fn(Denied) -> impl IntoResponse`";

// One rule each.

/// An option about groups says nothing without groups, and an option is never silently ignored.
fn require_groups(arguments: &Arguments<'_>, errors: &Errors) {
    if arguments.key("groups").is_some() {
        return;
    }
    for name in [
        "match_all",
        "groups_claim",
        "groups_from",
        "on_group_access_denied",
    ] {
        if let Some(key) = arguments.key(name) {
            errors.at(
                key,
                format!(
                    "`{name}` says how `groups` are checked, and there are none; add `groups = [\"admin\"]` or remove `{name}`"
                ),
            );
        }
    }
}

/// `groups` is a list of names and variants, not empty, none twice.
fn groups(arguments: &mut Arguments<'_>, errors: &Errors) -> Vec<Group> {
    let Some(value) = arguments.take("groups").and_then(|groups| groups.value) else {
        return Vec::new();
    };
    let Expr::Array(list) = ungrouped(&value) else {
        let written = match ungrouped(&value) {
            one @ (Expr::Path(_) | Expr::Lit(_)) => one.to_token_stream().to_string(),
            _ => "\"admin\"".to_owned(),
        };
        errors.at(
            &value,
            format!(
                "`groups` is a list; write `groups = [{}]`",
                written.replace(' ', "")
            ),
        );
        return Vec::new();
    };
    if list.elems.is_empty() {
        errors.at(
            list,
            "`groups` is empty, so it would admit nobody; name a group, `groups = [\"admin\"]`, or remove `groups` to admit everyone who is signed in",
        );
    }
    let mut seen = HashSet::new();
    let groups = list.elems.iter().filter_map(|entry| {
        let group = group(entry, errors)?;
        let written = match &group {
            Group::Literal(literal) => literal.value(),
            Group::Variant(path) => path.to_token_stream().to_string().replace(' ', ""),
        };
        if seen.insert(written.clone()) {
            return Some(group);
        }
        errors.at(
            entry,
            format!("group `{written}` is listed twice; remove one of the two"),
        );
        None
    });
    groups.collect()
}

/// A group is a string literal or a variant of the declared enum.
fn group(entry: &Expr, errors: &Errors) -> Option<Group> {
    match ungrouped(entry) {
        Expr::Lit(literal) if let Lit::Str(name) = &literal.lit => {
            if name.value().is_empty() {
                errors.at(name, "a group's name cannot be empty");
                return None;
            }
            Some(Group::Literal(name.clone()))
        }
        Expr::Path(path) if let Some(name) = lower_case_word(path) => {
            errors.at(
                path,
                format!("a group is a string or a variant; write `\"{name}\"`"),
            );
            None
        }
        Expr::Path(path) => Some(Group::Variant(path.clone())),
        other => {
            errors.at(
                other,
                "a group is a string literal or a variant of the declared groups; write `\"admin\"` or `Group::Admin`",
            );
            None
        }
    }
}

/// A single name that cannot be a variant: somebody forgot the quotes.
fn lower_case_word(path: &ExprPath) -> Option<String> {
    let name = path.path.get_ident()?.to_string();
    name.starts_with(char::is_lowercase).then_some(name)
}

fn check_groups_claim(claim: &LitStr, errors: &Errors) {
    let value = claim.value();
    if value.is_empty() {
        errors.at(
            claim,
            "`groups_claim` is the name of the claim that holds the groups and cannot be empty; write `groups_claim = \"roles\"` or remove it",
        );
    } else if value.trim() != value {
        errors.at(
            claim,
            format!(
                "`groups_claim` has white space around it; write `groups_claim = \"{}\"`",
                value.trim()
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn an_option_that_says_nothing_is_refused() {
        let errors = Errors::new();
        let args = quote!(match_all = false, groups_claim = "roles", csrf = true);
        Options::parse(Kind::Api, args, &errors);
        assert_eq!(errors.finish().len(), 2);
    }

    #[test]
    fn values_may_come_from_a_macro() {
        let errors = Errors::new();
        // What `$name:literal` and `$name:expr` become.
        let grouped = |tokens| proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens);
        let (group, list) = (grouped(quote!("admin")), grouped(quote!(["editor"])));
        let args = quote!(groups = [#group, Group::Admin]);
        assert_eq!(Options::parse(Kind::Page, args, &errors).groups.len(), 2);
        let args = quote!(groups = #list);
        assert_eq!(Options::parse(Kind::Page, args, &errors).groups.len(), 1);
        assert!(errors.finish().is_empty());
    }
}
