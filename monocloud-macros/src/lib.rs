//! The macros of `monocloud-runtime`, which re-exports them. Depend on that crate.

mod arguments;
mod code_points;
mod errors;
#[cfg(test)]
mod expansion_tests;
mod groups;
mod handler_fn;
mod manifest;
mod protect;
mod punctuation;
mod routes;
mod runtime_path;
mod suggest;
mod surroundings;

use proc_macro::TokenStream;

use errors::{as_expression, as_items};
use protect::Kind;

/// Guards a page: a handler that answers a person's browser.
///
/// Whoever is not signed in is sent to sign in and comes back afterwards; whoever is in none of the
/// `groups` gets a page that says so. The guard runs before every other extractor, so the body of a
/// refused request is never read.
///
/// ```
/// use axum::extract::RawQuery;
/// use axum::http::StatusCode;
/// use axum::response::Html;
/// use monocloud_runtime::{User, monocloud_groups, protect};
///
/// monocloud_groups! { Admin = "admin" }
///
/// #[protect]
/// async fn dashboard(user: User) -> Html<String> {
///     Html(format!("Hello {}", user.name().unwrap_or("you")))
/// }
///
/// #[protect(groups = ["admin"], return_url = "/admin")]
/// async fn search(RawQuery(query): RawQuery) -> Result<String, StatusCode> {
///     query.ok_or(StatusCode::BAD_REQUEST)
/// }
/// # fn main() {}
/// ```
///
/// # Options
///
/// | Option | Value | Meaning |
/// |---|---|---|
/// | `groups` | list of strings and variants: `["admin", Group::Editor]` | One of these groups is needed. A string is a group's name or id. Each is checked against [`monocloud_groups!`](macro@monocloud_groups) when the program is compiled |
/// | `match_all` | `true` or `false` (the default) | All `groups` are needed, not one of them |
/// | `groups_claim` | string | The claim that holds the user's groups, in place of the configured one |
/// | `groups_from` | path | The module or crate whose [`monocloud_groups!`](macro@monocloud_groups) is meant; the crate root where nothing is said |
/// | `max_age` | whole number of seconds, 30 at least: `300` | The person proved who they are at most so long ago, by the `auth_time` of the session's own sign-in. Checked at every request, without leeway |
/// | `acr_values` | list of strings: `["urn:example:mfa"]` | The session's own sign-in was of one of these classes (`acr`), compared to the letter |
/// | `auth_params` | in parentheses: `auth_params(scopes = "openid orders", prompt = "login")` | What sign-ins to which this guard sends ask for, in place of the settings: `scopes`, `resource`, `audience`, `prompt`, `display`, `ui_locales`, `acr_values`, `authenticator_hint`, `max_age`, `login_hint`, `id_token_hint`, `response_mode`. Asked for, and not checked by the guard |
/// | `return_url` | string: a path on this site | Where a sign-in ends, in place of the page that was asked for. One fixed path: nothing is filled in for `{id}` or `:id` |
/// | `csrf` | `true` (the default) or `false` | `false` lets in unsafe requests (`POST`, `PUT`, …) that another site made with the user's cookie |
/// | `check` | path to an `async fn(&Access, &Parts) -> Result<(), E>` | Asks the application about who would be let in, after groups and scopes, and before the body is read. An error, a panic or a time-out is a 403; the words of an `AccessDenied` are for whoever asks |
/// | `on_access_denied` | path to an `async fn(Denied) -> impl IntoResponse` | Answers who is not signed in, or not as `max_age` and `acr_values` ask: `Denied::reason` says which |
/// | `on_group_access_denied` | path to an `async fn(Denied) -> impl IntoResponse` | Answers who is signed in and may not pass: in the wrong groups, or refused by `check` |
/// | `crate` | absolute path: `::my_framework::auth` | Where `monocloud_runtime` is, if another crate re-exports it. Another name in `Cargo.toml` is found without |
///
/// An option that would have no effect, such as `match_all` without `groups`, is an error.
///
/// # Who is refused, and how
///
/// | Request | Answer |
/// |---|---|
/// | of a browser, not signed in | 303 to sign in, and from there back to `return_url` or to the page that was asked for |
/// | of a script (`Sec-Fetch-Mode` is there and not `navigate`, or `X-Requested-With`), not signed in | 401, because a script cannot follow a redirect to another site |
/// | of HTMX, not signed in | 401 with `HX-Redirect` |
/// | signed in, in the wrong groups, or not as `check` wants it | 403 |
/// | with an access token, where they are taken | 401: a page is for people |
/// | signed in, longer ago than `max_age` or by none of `acr_values` | as not signed in: 303 to prove it again and come back, or 401 with the challenge of RFC 9470 |
/// | unsafe, made by another site | 403 |
/// | to a router without `.layer(auth.layer())` | 500, and a line in the log that says so |
///
/// # How to use it
///
/// - The guard stands on top of other attributes: above `#[debug_handler]`, `#[instrument]` and the
///   like. `#[debug_handler]` *above* a guard does not see the argument that the guard adds, and the
///   compiler says "this function takes 2 arguments but 1 argument was supplied".
/// - A guard that `#[cfg_attr(…, protect)]` switches off leaves the handler open, without a word.
/// - Guards stand on free functions, not in `impl` blocks and traits, and not on closures; what a
///   method would take from `self` comes from `State`.
/// - A handler has one guard, and at most 15 arguments of its own.
/// - A guarded handler cannot be called as a plain function, because the guard is an argument that
///   only a request can give. Tests go through the router, with the session that
///   `testing::session_cookie` makes.
/// - An `async fn` and a plain function that returns a future can have a guard, generic or not.
///
/// # What it expands to
///
/// The guard is a hidden first argument. The body and the return type stay as they are. The policy is
/// a type whose name has the handler's name and its line.
///
/// ```
/// # #![allow(non_camel_case_types)]
/// # use axum::response::Html;
/// # use monocloud_runtime::User;
/// # use monocloud_runtime::__private::{Guard, Guarded, GuardedHandler, Policy, Requirement};
/// async fn search(_: Guard<__Policy_search_7>, user: User) -> Html<String> {
///     // as it was written
/// #   Html(user.sub().to_owned())
/// }
///
/// struct __Policy_search_7(());
///
/// impl Guarded for __Policy_search_7 {
///     const POLICY: &'static Policy = &Policy {
///         requirement: Requirement {
///             groups: &["admin"], // by way of the check
///             ..Requirement::PAGE
///         },
///         return_url: Some("/admin"),
///         ..Policy::PAGE
///     };
///     const HANDLER: &'static GuardedHandler = &GuardedHandler::new(
///         ["search", module_path!(), file!()],
///         line!(),
///         Self::POLICY.kind,
///         &Self::POLICY.requirement,
///     );
/// }
/// ```
///
/// The handler is also registered, with its policy and its place in the source, for reports about access.
#[proc_macro_attribute]
pub fn protect(args: TokenStream, item: TokenStream) -> TokenStream {
    guard(Kind::Page, args, item)
}

/// Guards an API handler: one that answers a program.
///
/// Whoever is not signed in gets 401, and whoever is in none of the `groups` gets 403, both as JSON
/// and never as a redirect. The guard runs before every other extractor, so the body of a refused
/// request is never read.
///
/// ```
/// use monocloud_runtime::{User, monocloud_groups, protect_api};
///
/// monocloud_groups! { Admin = "admin", Editor = "editor" }
///
/// #[protect_api(groups = ["admin", Group::Editor])]
/// async fn create_order(user: User, order: String) -> String {
///     format!("{} ordered {order}", user.sub())
/// }
/// # fn main() {}
/// ```
///
/// # Options
///
/// | Option | Value | Meaning |
/// |---|---|---|
/// | `groups` | list of strings and variants: `["admin", Group::Editor]` | One of these groups is needed. A string is a group's name or id. Each is checked against [`monocloud_groups!`](macro@monocloud_groups) when the program is compiled |
/// | `match_all` | `true` or `false` | All `groups` are needed, not one of them. Where nothing is said one is enough, and of an access token what `MONOCLOUD_BACKEND_GROUPS_MATCH_ALL` says |
/// | `groups_claim` | string | The claim that holds the user's groups, in place of the configured one |
/// | `groups_from` | path | The module or crate whose [`monocloud_groups!`](macro@monocloud_groups) is meant; the crate root where nothing is said |
/// | `scopes` | list of strings: `["orders:write"]` | The access token has all of these scopes; those of a session are what its default token was granted (RFC 6749 §3.3) |
/// | `accept` | `"session"` or `"bearer"` | Only a session, or only an access token, says who asks; both do where nothing is said |
/// | `max_age` | whole number of seconds, 30 at least: `300` | The person proved who they are at most so long ago, by the `auth_time` of the session's own sign-in, or of the access token. Checked at every request, without leeway |
/// | `acr_values` | list of strings: `["urn:example:mfa"]` | The session's own sign-in, or the access token's, was of one of these classes (`acr`), compared to the letter |
/// | `csrf` | `true` (the default) or `false` | `false` lets in unsafe requests (`POST`, `PUT`, …) that another site made with the user's cookie |
/// | `check` | path to an `async fn(&Access, &Parts) -> Result<(), E>` | Asks the application about who would be let in, after groups and scopes, and before the body is read. An error, a panic or a time-out is a 403; the words of an `AccessDenied` are for whoever asks |
/// | `on_access_denied` | path to an `async fn(Denied) -> impl IntoResponse` | Answers who is not signed in, or not as `max_age` and `acr_values` ask, or whose access token is no good: `Denied::reason` says which |
/// | `on_group_access_denied` | path to an `async fn(Denied) -> impl IntoResponse` | Answers who is there and may not pass: in the wrong groups, without a scope, or refused by `check` |
/// | `crate` | absolute path: `::my_framework::auth` | Where `monocloud_runtime` is, if another crate re-exports it. Another name in `Cargo.toml` is found without |
///
/// There is no `return_url` and no `auth_params`: an API does not redirect. An option that would have no effect, such as
/// `match_all` without `groups`, is an error.
///
/// # Who is refused, and how
///
/// | Request | Answer |
/// |---|---|
/// | not signed in | 401 `{"message":"unauthorized"}` |
/// | signed in, in the wrong groups, or not as `check` wants it | 403 `{"message":"forbidden"}` |
/// | with an access token that is no good, where access tokens are taken | 401 with `error="invalid_token"`, whatever the cookie beside it says |
/// | without one of the `scopes` | 403, where access tokens are taken with `error="insufficient_scope"` |
/// | with several `Authorization` headers, one of them an access token | 400 with `error="invalid_request"` |
/// | signed in, longer ago than `max_age` or by none of `acr_values` | 401 `{"message":"unauthorized"}` with `WWW-Authenticate: Bearer error="insufficient_user_authentication"`, `acr_values` and `max_age` (RFC 9470) |
/// | unsafe, made by another site | 403 `{"message":"forbidden"}` |
/// | to a router without `.layer(auth.layer())` | 500, and a line in the log that says so |
///
/// # How to use it
///
/// As [`macro@protect`]: the guard stands on top of other attributes and on free functions, a handler has
/// one guard and at most 15 arguments of its own, and it cannot be called as a plain function any
/// more: tests go through the router.
#[proc_macro_attribute]
pub fn protect_api(args: TokenStream, item: TokenStream) -> TokenStream {
    guard(Kind::Api, args, item)
}

/// Declares the groups that guards may name.
///
/// ```
/// use monocloud_runtime::{monocloud_groups, protect};
///
/// monocloud_groups! {
///     Admin = "admin",
///     Editor = "editor",
///     Finance = "537e7c3d-a442-4b5b-b308-30837aa045a4",
/// }
///
/// #[protect(groups = ["admin", "editor"])]
/// async fn orders() {}
/// # fn main() {}
/// ```
///
/// On the left stands the group's name in the program, on the right its name or its id as it stands
/// in the user's claim. From then on `groups = ["admn"]` does not compile:
///
/// ```text
/// error: unknown group `admn`; did you mean `admin`?
///        declared groups: `admin`, `editor`, `537e7c3d-a442-4b5b-b308-30837aa045a4` (Finance)
///  --> src/main.rs:9:21
///   |
/// 9 | #[protect(groups = ["admn", "editor"])]
///   |                     ^^^^^^
/// ```
///
/// This short form belongs in the crate root and declares `pub(crate) enum Group`.
///
/// # An enum of one's own
///
/// The long form gives the enum a name, a visibility, attributes and doc comments:
///
/// ```
/// # use monocloud_runtime::monocloud_groups;
/// monocloud_groups! {
///     /// The teams of the house.
///     #[derive(PartialOrd, Ord)]
///     pub enum Team {
///         /// May do everything.
///         Admin = "admin",
///         Support = "support",
///     }
/// }
/// # fn main() {}
/// ```
///
/// A module has one declaration. Guards look for it in the crate root; for one that stands elsewhere
/// they say `groups_from = crate::auth`. A `pub` enum can be used by other crates too:
/// `groups_from = our_groups`. Every other one is for its own crate.
///
/// # What the enum has
///
/// | | |
/// |---|---|
/// | `Group::ALL` | every group, in the order of declaration |
/// | `group.as_str()` | the name or id, in constants too |
/// | `Display`, `AsRef<str>` | the same |
/// | `"admin".parse::<Group>()` | the group; otherwise a `ParseGroupError` that names the value and lists the groups (for `Team` a `ParseTeamError`) |
/// | `Clone`, `Copy`, `Debug`, `PartialEq`, `Eq`, `Hash` | |
#[proc_macro]
pub fn monocloud_groups(input: TokenStream) -> TokenStream {
    as_items(groups::groups(input.into())).into()
}

#[doc = include_str!("routes.md")]
#[proc_macro]
pub fn monocloud_routes(input: TokenStream) -> TokenStream {
    as_expression(routes::routes(input.into())).into()
}

/// Explains that a group is not declared. Called by what [`monocloud_groups!`](macro@monocloud_groups) expands to.
#[doc(hidden)]
#[proc_macro]
pub fn unknown_group(input: TokenStream) -> TokenStream {
    as_expression(groups::unknown_group(input.into())).into()
}

fn guard(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let item = item.into();
    let is_expression = protect::is_expression(&item);
    let expansion = protect::protect(kind, args.into(), item);
    if is_expression {
        as_expression(expansion).into()
    } else {
        as_items(expansion).into()
    }
}

/// The README's example is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
