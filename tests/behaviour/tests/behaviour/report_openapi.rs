//! The access report and OpenAPI: an operation says who may call it, as its guard does.

use axum::Router;
use axum::extract::Path;
use monocloud_runtime::{MonoCloud, monocloud_routes, protect, protect_api};
use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, OpenApiBuilder};

use crate::fixtures::{at_rest, settings};

async fn health() {}

#[protect]
async fn page() {}

#[protect_api(scopes = ["orders:read", "orders:write"])]
async fn orders(Path(id): Path<String>) -> String {
    id
}

#[protect_api(accept = "bearer")]
async fn programs() {}

#[protect(groups = ["admin"])]
async fn orders_for_administrators() {}

fn table(auth: &MonoCloud) -> Router {
    monocloud_routes! { auth,
        public GET "/openapi/health" => health,
        GET "/openapi/page" => page,
        GET | POST "/openapi/orders/{id}" => orders,
        ANY "/openapi/files/{*path}" => orders,
        GET "/openapi/programs" => programs,
    }
}

fn document(operations: &[(&str, HttpMethod, Option<Vec<SecurityRequirement>>)]) -> OpenApi {
    let mut openapi = OpenApiBuilder::new().build();
    for (path, method, security) in operations {
        let mut operation = Operation::new();
        operation.security.clone_from(security);
        let item = PathItem::new(method.clone(), operation);
        let paths = &mut openapi.paths.paths;
        match paths.get_mut(*path) {
            Some(known) => known.merge_operations(item),
            None => drop(paths.insert((*path).to_owned(), item)),
        }
    }
    openapi
}

fn whole() -> OpenApi {
    document(&[
        ("/openapi/health", HttpMethod::Get, None),
        ("/openapi/page", HttpMethod::Get, None),
        ("/openapi/page", HttpMethod::Head, None),
        ("/openapi/orders/{number}", HttpMethod::Get, None),
        ("/openapi/orders/{number}", HttpMethod::Post, None),
        ("/openapi/files/{path}", HttpMethod::Delete, None),
        ("/openapi/programs", HttpMethod::Get, None),
        ("/openapi/elsewhere", HttpMethod::Get, None),
    ])
}

fn security(openapi: &OpenApi, path: &str, method: &str) -> Value {
    let openapi = serde_json::to_value(openapi).unwrap();
    openapi["paths"][path][method]["security"].clone()
}

#[test]
fn operations_get_the_security_of_their_guards() {
    let (auth, _) = at_rest(settings().api_audience("https://api.example.com"));
    let _ = table(&auth);
    let mut openapi = whole();
    auth.report().secure(&mut openapi);
    let scopes = ["orders:read", "orders:write"];
    let either = json!([{ "session": [] }, { "bearer": scopes }]);
    for (path, method, expected) in [
        ("/openapi/health", "get", json!([])),
        ("/openapi/page", "get", json!([{ "session": [] }])),
        ("/openapi/page", "head", json!([{ "session": [] }])),
        ("/openapi/orders/{number}", "get", either.clone()),
        ("/openapi/orders/{number}", "post", either.clone()),
        ("/openapi/files/{path}", "delete", either),
        ("/openapi/programs", "get", json!([{ "bearer": [] }])),
        ("/openapi/elsewhere", "get", Value::Null),
    ] {
        assert_eq!(security(&openapi, path, method), expected, "{method} {path}");
    }
    let openapi = serde_json::to_value(&openapi).unwrap();
    assert_eq!(
        openapi["components"]["securitySchemes"],
        json!({
            "session": { "type": "apiKey", "in": "cookie", "name": "session" },
            "bearer": { "type": "http", "scheme": "bearer" },
        })
    );
}

#[test]
fn without_access_tokens_the_session_is_all() {
    let cookie = monocloud_runtime::settings::SessionCookie::new().name("who");
    let (auth, _) = at_rest(settings().session_cookie(cookie));
    let _ = table(&auth);
    let mut openapi = whole();
    auth.report().secure(&mut openapi);
    let session = json!([{ "session": [] }]);
    assert_eq!(security(&openapi, "/openapi/orders/{number}", "get"), session);
    let schemes =
        |openapi: &OpenApi| serde_json::to_value(openapi).unwrap()["components"]["securitySchemes"].clone();
    let session = json!({ "type": "apiKey", "in": "cookie", "name": "who" });
    let bearer = json!({ "type": "http", "scheme": "bearer" });
    assert_eq!(
        schemes(&openapi),
        json!({ "session": session, "bearer": bearer }),
        "`/openapi/programs` asks for a token all the same"
    );
    let mut openapi = document(&[("/openapi/page", HttpMethod::Get, None)]);
    auth.report().secure(&mut openapi);
    assert_eq!(schemes(&openapi), json!({ "session": session }));
}

#[test]
fn what_a_document_says_by_itself_stays() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    let own = vec![SecurityRequirement::new("mine", ["a"])];
    let mut openapi = document(&[("/openapi/page", HttpMethod::Get, Some(own))]);
    auth.report().secure(&mut openapi);
    assert_eq!(
        security(&openapi, "/openapi/page", "get"),
        json!([{ "mine": ["a"] }])
    );
}

#[test]
fn a_guarded_operation_without_security_is_found() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    let optional = vec![
        SecurityRequirement::new("session", [""; 0]),
        SecurityRequirement::default(),
    ];
    let openapi = document(&[
        ("/openapi/health", HttpMethod::Get, None),
        ("/openapi/page", HttpMethod::Get, None),
        ("/openapi/orders/{id}", HttpMethod::Get, Some(optional)),
        ("/openapi/orders/{id}", HttpMethod::Post, Some(Vec::new())),
        ("/openapi/elsewhere", HttpMethod::Get, None),
    ]);
    assert_eq!(
        auth.report().unsecured(&openapi),
        [
            "GET /openapi/orders/{id}",
            "POST /openapi/orders/{id}",
            "GET /openapi/page"
        ]
    );

    let mut completed = whole();
    auth.report().secure(&mut completed);
    assert_eq!(auth.report().unsecured(&completed), [""; 0]);

    let mut everywhere = whole();
    everywhere.security = Some(vec![SecurityRequirement::new("session", [""; 0])]);
    assert_eq!(auth.report().unsecured(&everywhere), [""; 0]);
}

#[test]
fn a_public_line_that_the_layer_may_guard_is_not_called_open() {
    let (auth, _) = at_rest(settings());
    let _ = table(&auth);
    let _layer = auth.layer().protected_routes(["/openapi/health"]).unwrap();
    let mut openapi = whole();
    auth.report().secure(&mut openapi);
    assert_eq!(security(&openapi, "/openapi/health", "get"), Value::Null);
    assert_eq!(
        security(&openapi, "/openapi/page", "get"),
        json!([{ "session": [] }])
    );
}

/// Lines of one method and path, in tables that are nested at different places.
#[test]
fn what_lines_disagree_about_is_left_to_the_document_and_a_guard_before_one_of_them_is_seen() {
    let (auth, _) = at_rest(settings());
    let guarded: Router = monocloud_routes! { &auth,
        GET "/openapi/twins/{id}" => page,
        GET "/openapi/alike" => page,
        ANY "/openapi/any" => page,
    };
    let open: Router = monocloud_routes! { &auth,
        public GET "/openapi/twins/{name}" => health,
        GET "/openapi/alike" => orders_for_administrators,
        public ANY "/openapi/any" => health,
        public GET "/openapi/alone" => health,
    };
    let _: Router = Router::new().nest("/v1", guarded).nest("/v2", open);
    let operations = [
        ("/openapi/twins/{x}", HttpMethod::Get, None),
        ("/openapi/twins/{x}", HttpMethod::Head, None),
        ("/openapi/any", HttpMethod::Post, None),
        ("/openapi/alike", HttpMethod::Get, None),
        ("/openapi/alone", HttpMethod::Get, None),
    ];
    let mut openapi = document(&operations);
    let unsaid = [
        "POST /openapi/any",
        "GET /openapi/twins/{x}",
        "HEAD /openapi/twins/{x}",
    ];
    let all = [&["GET /openapi/alike"], &unsaid[..]].concat();
    assert_eq!(auth.report().unsecured(&openapi), all);

    auth.report().secure(&mut openapi);
    for (path, method, expected) in [
        ("/openapi/twins/{x}", "get", Value::Null),
        ("/openapi/twins/{x}", "head", Value::Null),
        ("/openapi/any", "post", Value::Null),
        ("/openapi/alike", "get", json!([{ "session": [] }])),
        ("/openapi/alone", "get", json!([])),
    ] {
        assert_eq!(security(&openapi, path, method), expected, "{method} {path}");
    }
    assert_eq!(auth.report().unsecured(&openapi), unsaid);
}
