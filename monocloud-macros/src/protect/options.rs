//! The options of a guard, checked.

use proc_macro2::TokenStream;
use syn::{ExprPath, LitBool, LitInt, LitStr, Path};

use super::accept::Accept;
use super::auth_params::{AuthParams, OfGuard};
use super::groups_option::{self, Group};
use super::kind::Kind;
use super::words::{ACR_VALUES, SCOPES};
use super::{groups_from, return_url, step_up, vocabulary};
use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::runtime_path::RuntimePath;

/// What a guard was told. What is missing is decided by the runtime's defaults.
pub(super) struct Options {
    pub(super) runtime: RuntimePath,
    pub(super) groups: Vec<Group>,
    pub(super) groups_from: Option<Path>,
    pub(super) match_all: Option<LitBool>,
    pub(super) groups_claim: Option<LitStr>,
    pub(super) max_age: Option<LitInt>,
    pub(super) acr_values: Vec<LitStr>,
    pub(super) scopes: Vec<LitStr>,
    pub(super) accept: Option<Accept>,
    pub(super) auth_params: Option<AuthParams>,
    pub(super) return_url: Option<LitStr>,
    pub(super) csrf: Option<LitBool>,
    pub(super) check: Option<ExprPath>,
    pub(super) on_access_denied: Option<ExprPath>,
    pub(super) on_group_access_denied: Option<ExprPath>,
}

impl Options {
    pub(super) fn parse(kind: Kind, args: TokenStream, errors: &Errors) -> Self {
        let mut arguments = Arguments::parse(args, vocabulary::of(kind), errors);
        require_groups(&arguments, errors);
        let mut path = |name: &str, what: &str| arguments.take_path(name, what);
        let runtime = path("crate", "the runtime crate");
        let check = path("check", "an `async fn(&Access, &Parts) -> Result<(), …>`");
        let on_access_denied = path("on_access_denied", HANDLER);
        let on_group_access_denied = path("on_group_access_denied", HANDLER);
        let (groups_from, is_understood) = groups_from::take(&mut arguments, errors);
        let mut groups = groups_option::take(&mut arguments, errors);
        if !is_understood {
            // Where they are declared is not known, so what is declared is not either.
            groups.retain(|group| matches!(group, Group::Variant(_)));
        }
        let of_guard = OfGuard {
            max_age: arguments.key("max_age").is_some(),
            acr_values: arguments.key("acr_values").is_some(),
        };
        Self {
            max_age: step_up::take_max_age(&mut arguments, errors),
            acr_values: ACR_VALUES.take(&mut arguments, errors),
            scopes: SCOPES.take(&mut arguments, errors),
            accept: take_accept(&mut arguments, errors),
            auth_params: AuthParams::take(&mut arguments, &of_guard, errors),
            runtime: RuntimePath::new(runtime.map(|path| path.path), errors),
            groups,
            groups_from,
            check,
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
    for name in ["match_all", "groups_claim", "groups_from"] {
        if let Some(key) = arguments.key(name) {
            errors.at(
                key,
                format!(
                    "`{name}` says how `groups` are checked, and there are none; add `groups = [\"admin\"]` or remove `{name}`"
                ),
            );
        }
    }
    let refuses_who_is_there = ["scopes", "check"]
        .into_iter()
        .any(|name| arguments.key(name).is_some());
    if let Some(key) = arguments
        .key("on_group_access_denied")
        .filter(|_| !refuses_who_is_there)
    {
        errors.at(
            key,
            "`on_group_access_denied` answers who is there and may not pass, and whoever is there may; add `groups = [\"admin\"]` or `check = may_pass`, or remove it",
        );
    }
}

/// Where no cookie speaks for the caller, no other site can make a browser send it.
fn take_accept(arguments: &mut Arguments<'_>, errors: &Errors) -> Option<Accept> {
    let accept = Accept::take(arguments, errors)?;
    if accept.is_bearer
        && let Some(key) = arguments.key("csrf")
    {
        errors.at(
            key,
            "`csrf` is about requests with the session's cookie, and `accept = \"bearer\"` takes none; remove one of the two",
        );
    }
    Some(accept)
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
