//! The access report: who may do what, for people to read and tests to assert.

use axum::Router;
use axum::extract::Path;
use monocloud_runtime::report::{AccessReport, Guard};
use monocloud_runtime::{Auth, Denied, MonoCloud, Protect, monocloud_routes, protect, protect_api};
use serde_json::json;

use crate::fixtures::{at_rest, get, settings};

async fn home() {}

#[protect(
    groups = ["admin", "editor"],
    match_all = true,
    groups_claim = "roles",
    max_age = 300,
    acr_values = ["urn:mfa"],
    return_url = "/after",
    csrf = false,
    on_access_denied = sign_in_first,
    on_group_access_denied = sign_in_first
)]
async fn everything() {}

#[protect_api]
async fn order(Path(id): Path<String>) -> String {
    id
}

/// In no table.
#[protect_api(groups = ["admin"])]
async fn elsewhere() {}

async fn sign_in_first(_: Denied) {}

fn table(auth: &MonoCloud) -> Router {
    monocloud_routes! { auth,
        public GET "/report" => home,
        public GET "/report/health" => async || "ok",
        GET "/report/everything" => everything,
        POST | DELETE "/report/orders/{id}" => order,
        GET "/report/latest" => order,
    }
    .route("/report/elsewhere", axum::routing::get(elsewhere))
}

/// What this module has, whatever else the program does.
fn of_this_module(report: &AccessReport) -> String {
    let text = report.clone().for_snapshot().to_string();
    let lines = text.lines().filter(|line| line.contains("::report::"));
    let words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    words.collect::<Vec<_>>().join("\n")
}

const MOUNTED: &str = "\
GET /report behaviour::report::home public
GET /report/everything behaviour::report::everything #[protect(groups = [\"admin\", \"editor\"], match_all = true, \
groups_claim = \"roles\", max_age = 300, acr_values = [\"urn:mfa\"], csrf = false, return_url = \"/after\", \
on_access_denied = sign_in_first, on_group_access_denied = sign_in_first)]
GET /report/health behaviour::report::table::{{closure}} public
GET /report/latest behaviour::report::order #[protect_api]
POST /report/orders/{id} behaviour::report::order #[protect_api]
DELETE /report/orders/{id} behaviour::report::order #[protect_api]
- - behaviour::report::elsewhere #[protect_api(groups = [\"admin\"])]";

#[test]
fn every_handler_is_listed_with_its_policy_and_its_places() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    assert_eq!(of_this_module(&auth.report()), MOUNTED);
}

#[test]
fn a_table_counts_once_however_often_and_wherever_it_is_mounted() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    let _: Router = Router::new()
        .nest("/below", table(&auth))
        .nest("/more", table(&auth));
    assert_eq!(of_this_module(&auth.report()), MOUNTED);
}

#[test]
fn a_client_lists_what_its_own_routers_have() {
    let ((one, _), (other, _)) = (at_rest(settings()), at_rest(settings()));
    let _ = table(&one);
    assert_eq!(of_this_module(&one.clone().report()), MOUNTED);
    let unmounted = of_this_module(&other.report());
    for handler in ["everything", "order", "elsewhere"] {
        assert!(
            unmounted.contains(&format!("behaviour::report::{handler}")),
            "{unmounted}"
        );
    }
    assert!(!unmounted.contains("/report"), "{unmounted}");
}

#[test]
fn entries_have_places_in_the_source() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    let report = auth.report();
    let source: Vec<&str> = include_str!("report.rs").lines().collect();
    let of = |path: &str| {
        let mut entries = report.entries().iter();
        let entry = entries.find(|entry| entry.path.as_deref() == Some(path)).unwrap();
        (entry, source[entry.line.unwrap() as usize - 1])
    };
    let (home, line) = of("/report");
    assert_eq!(
        (home.guard, home.module),
        (Guard::Public, Some("behaviour::report"))
    );
    assert!(line.contains("public GET \"/report\" => home"), "{line}");
    let (order, line) = of("/report/latest");
    assert_eq!(
        (order.guard, order.module),
        (Guard::Api, Some("behaviour::report"))
    );
    assert!(line.contains("async fn order"), "{line}");
    let text = report.to_string();
    let directory = env!("CARGO_MANIFEST_DIR");
    assert!(
        text.contains(&format!("behaviour::report:{}", order.line.unwrap())),
        "{text}"
    );
    assert!(!text.contains(directory) && !serde_json::to_string(&report).unwrap().contains(directory));
}

#[test]
fn the_report_is_json_too() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    let report = serde_json::to_value(auth.report().for_snapshot()).unwrap();
    let of = |path: &str| {
        let mut entries = report.as_array().unwrap().iter();
        entries.find(|entry| entry["path"] == path).unwrap().clone()
    };
    assert_eq!(
        of("/report"),
        json!({
            "method": "GET", "path": "/report", "guard": "public",
            "handler": "behaviour::report::home", "module": "behaviour::report",
        })
    );
    assert_eq!(
        of("/report/everything"),
        json!({
            "method": "GET", "path": "/report/everything", "guard": "page",
            "groups": ["admin", "editor"], "match_all": true, "groups_claim": "roles", "accept": "session",
            "max_age": 300, "acr_values": ["urn:mfa"], "csrf": false, "return_url": "/after",
            "on_access_denied": "sign_in_first", "on_group_access_denied": "sign_in_first",
            "handler": "behaviour::report::everything", "module": "behaviour::report",
        })
    );
}

#[test]
fn protected_routes_are_listed_each_pattern_once() {
    let (auth, _) = at_rest(settings());
    for _ in 0..2 {
        let layer = auth.layer().protected_routes([
            Protect::new()
                .groups(["admin"])
                .at(["/report/internal", "/report/api"]),
            Protect::api().max_age(300).at("/report/programs"),
        ]);
        let _: Router = table(&auth).layer(layer.unwrap());
    }
    assert_eq!(
        of_layers(&auth.report().for_snapshot()),
        [
            "- /report/api - protected_routes(groups = [\"admin\"])",
            "- /report/internal - protected_routes(groups = [\"admin\"])",
            "- /report/programs - protected_routes(api, max_age = 300)",
        ]
    );
}

fn of_layers(report: &AccessReport) -> Vec<String> {
    let text = report.to_string();
    let lines = text.lines().filter(|line| line.contains(" protected_routes"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[tokio::test]
async fn protected_routes_that_nobody_asked_for_are_listed_as_such() {
    let (auth, _) = at_rest(settings());
    let layered = || {
        let layer = auth
            .layer()
            .protected_routes(["/report/internal", "/report/intrenal"].map(|path| Protect::new().at(path)));
        table(&auth).layer(layer.unwrap())
    };
    let (one, _other) = (layered(), layered());
    let before = of_layers(&auth.report());
    assert!(
        before.len() == 2
            && before
                .iter()
                .all(|line| line.ends_with("protected_routes, no request yet")),
        "{before:?}"
    );
    get(&one, "/report/internal/x", &[]).await;
    assert_eq!(
        of_layers(&auth.report()),
        [
            "- /report/internal - protected_routes",
            "- /report/intrenal - protected_routes, no request yet",
        ]
    );
    let json = serde_json::to_value(auth.report()).unwrap();
    let mut entries = json.as_array().unwrap().iter();
    let entry = entries.find(|entry| entry["path"] == "/report/intrenal").unwrap();
    assert_eq!(entry["has_matched"], json!(false));
    assert!(!auth.report().for_snapshot().to_string().contains("no request"));
}

#[test]
fn an_entry_at_an_api_takes_what_an_api_takes() {
    let (auth, _) = at_rest(settings());
    let _layer = auth
        .layer()
        .protected_routes(["/api/report", "/report/apis"])
        .unwrap();
    let accept = |path: &str| {
        let report = auth.report();
        let mut entries = report.entries().iter();
        let entry = entries.find(|entry| entry.path.as_deref() == Some(path)).unwrap();
        entry.policy.as_ref().unwrap().accept
    };
    assert_eq!(
        (accept("/api/report"), accept("/report/apis")),
        ("any", "session")
    );
    let lines = of_layers(&auth.report().for_snapshot());
    assert_eq!(
        lines,
        [
            "- /api/report - protected_routes",
            "- /report/apis - protected_routes"
        ]
    );
}

/// For whoever may read it.
async fn shown(auth: Auth) -> String {
    auth.report().to_string()
}

#[tokio::test]
async fn a_handler_can_show_the_report() {
    let (auth, _) = at_rest(settings());
    let table: Router = monocloud_routes! { &auth, public GET "/report/shown" => shown };
    let answer = get(&table.layer(auth.layer()), "/report/shown", &[]).await;
    assert_eq!(answer.body, auth.report().to_string());
    assert!(answer.body.contains("/report/shown"), "{answer:?}");
}
