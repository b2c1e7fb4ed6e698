//! An application's own routes in `monocloud_routes!`: guards stand where they stood, and the router is axum's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use axum::extract::{Path, State};
use http::Method;
use monocloud_runtime::settings::Routes;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Failure, MonoCloud, User, monocloud_routes, protect, protect_api};

use crate::fixtures::{at_rest, call, get, mira, settings};

#[derive(Clone)]
struct Shop(&'static str);

async fn home(State(Shop(name)): State<Shop>) -> String {
    format!("the {name}")
}

#[protect]
async fn account(user: User) -> String {
    user.sub().to_owned()
}

#[protect_api(groups = ["admin"])]
async fn order(Path(id): Path<u32>, State(Shop(name)): State<Shop>) -> String {
    format!("order {id} of the {name}")
}

#[protect_api]
async fn change<const LIMIT: usize>(Path(id): Path<u32>, body: String) -> String {
    format!("{id}: {}", &body[..body.len().min(LIMIT)])
}

async fn anything(method: Method) -> String {
    method.to_string()
}

fn shop(auth: &MonoCloud) -> Router<Shop> {
    let version = "1.0".to_owned();
    monocloud_routes! { <Shop> auth,
        /// For everybody.
        public GET "/" => home,
        public GET "/version" => async move || version,
        public GET "/robots.txt" => "User-agent: *",
        GET "/account" => account,
        GET | DELETE "/orders/{id}" => order,
        POST | PUT "/orders/{id}" => change::<3>,
        #[cfg(debug_assertions)]
        public ANY "/anything" => anything,
        #[cfg(not(debug_assertions))]
        ANY "/anything" => account,
    }
}

fn app(auth: &MonoCloud) -> Router {
    shop(auth).layer(auth.layer()).with_state(Shop("bakery"))
}

#[tokio::test]
async fn handlers_are_where_their_lines_say() {
    let (auth, _) = at_rest(settings());
    let (app, mira) = (app(&auth), session_cookie(&auth, mira()));
    let signed_in = [("cookie", mira.as_str()), ("sec-fetch-site", "same-origin")];
    for (method, path, expected) in [
        (Method::GET, "/", "the bakery"),
        (Method::GET, "/version", "1.0"),
        (Method::GET, "/robots.txt", "User-agent: *"),
        (Method::GET, "/account", "mira"),
        (Method::GET, "/orders/7", "order 7 of the bakery"),
        (Method::DELETE, "/orders/7", "order 7 of the bakery"),
        (Method::POST, "/orders/7", "7: "),
        (Method::PUT, "/orders/7", "7: "),
        (Method::PATCH, "/anything", "PATCH"),
    ] {
        let answer = call(&app, method.clone(), path, &signed_in).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (200, expected),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn guards_of_a_table_guard() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    for (method, path, expected) in [
        (Method::GET, "/account", 303),
        (Method::GET, "/orders/7", 401),
        (Method::DELETE, "/orders/7", 401),
        (Method::POST, "/orders/7", 401),
        (Method::GET, "/", 200),
    ] {
        let answer = call(&app, method.clone(), path, &[]).await;
        assert_eq!(answer.status, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn methods_of_one_path_are_one_route() {
    let (auth, _) = at_rest(settings());
    let app = app(&auth);
    let answer = call(&app, Method::PATCH, "/orders/7", &[]).await;
    assert_eq!(answer.status, 405);
    let mut allowed: Vec<&str> = answer.header("allow").unwrap().split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "POST", "PUT"]);
    let head = call(&app, Method::HEAD, "/", &[]).await;
    assert_eq!((head.status.as_u16(), &*head.body), (200, ""));
    assert_eq!(call(&app, Method::OPTIONS, "/", &[]).await.status, 405);
}

#[tokio::test]
async fn a_table_has_the_librarys_routes() {
    let (auth, _) = at_rest(settings());
    assert_eq!(get(&app(&auth), "/api/auth/userinfo", &[]).await.status, 204);
}

/// Awaits nothing, and no lint of this package says so.
async fn show(failure: Failure) -> String {
    failure.error().code().to_owned()
}

#[tokio::test]
async fn a_table_takes_the_options_of_the_routes() {
    let (auth, _) = at_rest(settings());
    let app: Router = monocloud_routes! { &auth, on_error = show, public GET "/" => "home" };
    assert_eq!(get(&app, "/", &[]).await.body, "home");
    assert_eq!(get(&app, "/api/auth/callback", &[]).await.body, "invalid_request");
}

#[tokio::test]
async fn a_table_merges_and_nests_as_any_router() {
    let (auth, _) = at_rest(settings());
    let table: Router = monocloud_routes! { auth.clone(), public GET "/more" => "more" };
    let below: Router = Router::new().nest("/below", shop_of("kiosk", &auth));
    let app = Router::new()
        .route("/other", axum::routing::get(async || "other"))
        .merge(table)
        .merge(below)
        .layer(auth.layer());
    for (path, status) in [
        ("/other", 200),
        ("/more", 200),
        ("/below", 200),
        ("/below/account", 303),
    ] {
        assert_eq!(get(&app, path, &[]).await.status, status, "{path}");
    }
}

fn shop_of(name: &'static str, auth: &MonoCloud) -> Router {
    shop(auth).with_state(Shop(name))
}

#[test]
fn a_line_at_a_route_of_the_settings_stops_the_program() {
    let routes = Routes::new().sign_in("/login");
    let (auth, _) = at_rest(settings().routes(routes));
    let built = catch_unwind(AssertUnwindSafe(|| -> Router {
        monocloud_routes! { auth, public GET "/login" => "my own" }
    }));
    let panic = built.map(|_| ()).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("`/login`") && message.contains("settings"),
        "{message}"
    );
}
