//! Every handler of this package is guarded and in the registry, whatever its form and place.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use monocloud_runtime::__private::{GuardKind, GuardedHandler, inventory};
use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::{ProviderUser, session_cookie};
use tower::ServiceExt as _;

fn client() -> MonoCloud {
    MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:1")
        .client_id("app")
        .client_secret("secret")
        .app_url("http://localhost:3000")
        .cookie_secret("a cookie secret of more than 32 bytes")
        .build()
        .unwrap()
}

async fn statuses(user: Option<ProviderUser>) -> BTreeMap<&'static str, StatusCode> {
    let auth = client();
    let app = strict::router(&auth).layer(auth.layer());
    let mut statuses = BTreeMap::new();
    for path in [
        "/bare",
        "/fallible",
        "/fifteen",
        "/first",
        "/future",
        "/generic",
        "/module",
        "/nested",
        "/options",
        "/plain",
        "/second",
        "/seven",
        "/shared",
        "/twin",
        "/type",
        "/unnamed",
    ] {
        let mut request = Request::get(path).header("content-type", "application/json");
        if let Some(user) = &user {
            request = request.header("cookie", session_cookie(&auth, user));
        }
        let request = request.body(Body::from("[1]")).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        _ = statuses.insert(path, response.status());
    }
    statuses
}

fn with_status(statuses: &BTreeMap<&'static str, StatusCode>, status: u16) -> Vec<&'static str> {
    let found = statuses.iter().filter(|(_, found)| found.as_u16() == status);
    found.map(|(path, _)| *path).collect()
}

#[tokio::test]
async fn nobody_gets_in_signed_out() {
    let statuses = statuses(None).await;
    assert_eq!(
        with_status(&statuses, 303),
        [
            "/fifteen", "/first", "/future", "/module", "/nested", "/plain", "/second", "/seven", "/shared",
            "/type"
        ]
    );
    assert_eq!(
        with_status(&statuses, 401),
        ["/fallible", "/generic", "/twin", "/unnamed"]
    );
    // Their own answers.
    assert_eq!(with_status(&statuses, 418), ["/options"]);
    assert_eq!(with_status(&statuses, 200), ["/bare"]);
}

#[tokio::test]
async fn a_user_gets_in_where_no_group_is_asked_for() {
    let statuses = statuses(Some(ProviderUser::new("mira"))).await;
    assert_eq!(
        with_status(&statuses, 200),
        [
            "/fallible",
            "/fifteen",
            "/future",
            "/nested",
            "/plain",
            "/seven",
            "/type",
            "/unnamed"
        ]
    );
    assert_eq!(
        with_status(&statuses, 403),
        [
            "/bare", "/first", "/generic", "/module", "/options", "/second", "/shared", "/twin"
        ]
    );
}

#[tokio::test]
async fn groups_open_what_asks_for_them() {
    let admin = statuses(Some(ProviderUser::new("mira").groups(["admin", "none"]))).await;
    assert_eq!(
        with_status(&admin, 403),
        ["/options", "/shared", "/twin"],
        "{admin:?}"
    );
    let support = statuses(Some(ProviderUser::new("ravi").groups(["support"]))).await;
    assert_eq!(support["/shared"], StatusCode::OK);
}

fn registered(module: &str, name: &str) -> Vec<&'static GuardedHandler> {
    inventory::iter::<GuardedHandler>()
        .filter(|handler| handler.module == module && handler.name == name)
        .collect()
}

#[test]
fn every_guard_is_registered_once_under_its_handlers_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for handler in inventory::iter::<GuardedHandler>() {
        found.push(format!("{}::{}", handler.module, handler.name));
        let source = fs::read_to_string(root.join(handler.file)).unwrap();
        let line = source.lines().nth(handler.line as usize - 1).unwrap();
        let is_function = line.contains(&format!("fn {}", handler.name))
            || line.contains(&format!("fn r#{}", handler.name));
        let is_made_by_a_macro = line == "pages! {" || line.contains(&format!("{}: ", handler.name));
        assert!(is_function || is_made_by_a_macro, "{handler:?} at `{line}`");
    }
    found.sort();
    assert_eq!(
        found,
        [
            "strict::forms::fallible",
            "strict::forms::fifteen",
            "strict::forms::future",
            "strict::forms::generic",
            "strict::forms::options",
            "strict::forms::plain",
            "strict::forms::seven",
            "strict::forms::type",
            "strict::forms::unnamed",
            "strict::no_prelude::bare",
            "strict::places::first",
            "strict::places::nested",
            "strict::places::plain::plain",
            "strict::places::plain::shared",
            "strict::places::second",
            "strict::places::twin",
        ]
    );
}

#[test]
fn a_requirement_says_what_was_written() {
    let options = registered("strict::forms", "options")[0];
    assert_eq!(options.kind, GuardKind::Page);
    let finance = "537e7c3d-a442-4b5b-b308-30837aa045a4";
    assert_eq!(options.requirement.groups, ["admin", "editor", finance, finance]);
    assert!(options.requirement.match_all == Some(true) && !options.requirement.csrf);
    assert_eq!(options.requirement.groups_claim, Some("roles"));
    assert_eq!(options.requirement.max_age, Some(300));
    assert_eq!(options.requirement.acr_values, ["urn:mfa", "urn:pin"]);

    let plain = registered("strict::forms", "plain")[0];
    assert_eq!(plain.kind, GuardKind::Page);
    assert!(plain.requirement.groups.is_empty() && plain.requirement.groups_claim.is_none());
    assert!(plain.requirement.match_all.is_none() && plain.requirement.csrf);
    assert!(plain.requirement.max_age.is_none() && plain.requirement.acr_values.is_empty());

    let twin = registered("strict::places", "twin")[0];
    assert_eq!(
        (twin.kind, twin.requirement.groups),
        (GuardKind::Api, &["editor"][..])
    );
}
