//! The same protection for a part of a router, in a middleware of the application's own, and without a router.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get as on_get};
use http::Method;
use monocloud_runtime::protected::{All, ProtectedRoutes, RouteRequest, regex, when};
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{Auth, Denied, MonoCloud, Protect, monocloud_routes};

use crate::fixtures::{ORIGIN, at_rest, call, get, lin, mira, settings};

fn client() -> MonoCloud {
    at_rest(settings()).0
}

#[tokio::test]
async fn a_route_layer_protects_the_routes_before_it_and_not_the_fallback() {
    let auth = client();
    let app = Router::new()
        .route("/admin/users", on_get(async || "users"))
        .route("/hello", on_get(async || "hello"))
        .route_layer(auth.layer().protected_routes(["/admin"]).unwrap())
        .route("/admin/later", on_get(async || "later"));
    assert_eq!(get(&app, "/admin/users", &[]).await.status, 303);
    assert_eq!(get(&app, "/hello", &[]).await.body, "hello");
    assert_eq!(get(&app, "/admin/none", &[]).await.status, 404);
    assert_eq!(
        get(&app, "/admin/later", &[]).await.body,
        "later",
        "as the documentation warns"
    );
}

#[tokio::test]
async fn a_nested_router_protects_itself_and_sends_back_to_the_original_address() {
    let auth = client();
    let inner = Router::new()
        .route("/users", on_get(async || "users"))
        .layer(auth.layer().protected_routes(All).unwrap());
    let app = Router::new()
        .route("/", on_get(async || "home"))
        .nest("/admin", inner)
        .merge(monocloud_routes!(auth));
    let answer = get(&app, "/admin/users?page=2", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.asked("return_url").as_deref(), Some("/admin/users?page=2"));
    assert_eq!(get(&app, "/", &[]).await.body, "home");
    let cookie = session_cookie(&auth, lin());
    assert_eq!(
        get(&app, "/admin/users", &[("cookie", &cookie)]).await.body,
        "users"
    );
    let api = Router::new().nest("/api", Router::new().nest("/v1", app));
    assert_eq!(get(&api, "/api/v1/admin/users", &[]).await.status, 401);
}

#[tokio::test]
async fn layers_around_and_within_both_ask_and_write_one_answer() {
    let auth = client();
    let inner = Router::new().route("/users", on_get(async || "users")).layer(
        auth.layer()
            .protected_routes([Protect::new().groups(["editor"]).at(All)])
            .unwrap(),
    );
    let app = Router::new().nest("/admin", inner).layer(
        auth.layer()
            .protected_routes([Protect::new().groups(["admin"]).at("/admin")])
            .unwrap(),
    );
    for (groups, expected) in [
        (vec!["admin"], 403),
        (vec!["editor"], 403),
        (vec!["admin", "editor"], 200),
    ] {
        let cookie = session_cookie(&auth, lin().groups(groups));
        let answer = get(&app, "/admin/users", &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, expected);
        assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1);
    }
}

/// Everything below `/api/protected`, whatever the routes there are.
async fn custom(
    State(routes): State<ProtectedRoutes>,
    auth: Auth,
    request: Request,
    next: Next,
) -> Result<Response, Denied> {
    auth.protect_routes(&routes).await?;
    Ok(next.run(request).await)
}

#[tokio::test]
async fn a_middleware_of_ones_own_asks_and_answers() {
    let auth = client();
    let entries = [Protect::new()
        .groups(["admin"])
        .at(["/internal", "/api/internal"])];
    let routes = auth.protected_routes(entries).unwrap();
    let app: Router = Router::new()
        .fallback(any(async || "inside"))
        .merge(monocloud_routes!(auth))
        .layer(from_fn_with_state(routes, custom))
        .layer(auth.layer());
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    for (path, expected) in [
        ("/internal/x", [303, 403, 200]),
        ("/api/internal", [401, 403, 200]),
        ("/%61pi//internal", [401, 403, 200]),
        ("/internal%00", [400, 400, 400]),
        ("/else", [200, 200, 200]),
    ] {
        for (cookie, expected) in ["other=1", &lin, &mira].into_iter().zip(expected) {
            assert_eq!(
                get(&app, path, &[("cookie", cookie)]).await.status,
                expected,
                "{path} {cookie}"
            );
        }
    }
    let headers = [("cookie", mira.as_str()), ("origin", "https://evil.example")];
    assert_eq!(call(&app, Method::POST, "/internal", &headers).await.status, 403);
    let headers = [("cookie", mira.as_str()), ("origin", ORIGIN)];
    assert_eq!(call(&app, Method::POST, "/internal", &headers).await.status, 200);
    let preflight = [("origin", ORIGIN), ("access-control-request-method", "POST")];
    let answer = call(&app, Method::OPTIONS, "/api/internal", &preflight).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
}

#[tokio::test]
async fn a_middleware_in_a_nested_router_sees_both_addresses() {
    let auth = client();
    for path in ["/team/internal", "/internal"] {
        let routes = auth.protected_routes([path]).unwrap();
        let inner = Router::new()
            .fallback(any(async || "inside"))
            .layer(from_fn_with_state(routes, custom));
        let app: Router = Router::new().nest("/team", inner).layer(auth.layer());
        assert_eq!(get(&app, "/team/internal/x", &[]).await.status, 303, "{path}");
        assert_eq!(get(&app, "/team/other", &[]).await.body, "inside", "{path}");
    }
}

#[tokio::test]
async fn a_service_without_a_router_asks_the_same() {
    let auth = client();
    let routes = auth
        .protected_routes([Protect::new().groups(["admin"]).at("/internal")])
        .unwrap();
    let client = auth.clone();
    let app: Router = Router::new().fallback(async move |request: Request| {
        let handler = async move |auth: Auth, _: Request| match auth.protect_routes(&routes).await {
            Ok(()) => Response::new(Body::from("inside")),
            Err(denied) => denied.into_response(),
        };
        client.serve(request, handler).await
    });
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    for (path, expected) in [
        ("/internal/x", [303, 403, 200]),
        ("/x/..;/internal", [303, 403, 200]),
        ("/internal%ff", [400, 400, 400]),
        ("/else", [200, 200, 200]),
        ("/api/auth/userinfo", [204, 200, 200]),
    ] {
        for (cookie, expected) in ["other=1", &lin, &mira].into_iter().zip(expected) {
            let answer = get(&app, path, &[("cookie", cookie)]).await;
            assert_eq!(answer.status, expected, "{path} {cookie}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn entries_that_no_request_was_under_are_known() {
    let auth = client();
    let entries = [
        Protect::new().at(["/internal", "/api/internal"]),
        Protect::new().at("/intrenal/typo"),
        Protect::new().at(regex("/reports/[0-9]+")),
        Protect::new().at(when(|request: &RouteRequest| request.is_below("/drafts"))),
    ];
    let routes = auth.protected_routes(entries).unwrap();
    let app: Router = Router::new()
        .fallback(any(async || "inside"))
        .layer(from_fn_with_state(routes.clone(), custom))
        .layer(auth.layer());
    let all = [
        "/internal, /api/internal",
        "/intrenal/typo",
        "regex(/reports/[0-9]+)",
        "when(…)",
    ];
    assert_eq!(routes.never_matched(), all);
    for (path, left) in [
        ("/else", &all[..]),
        ("/api/internal/x", &all[1..]),
        ("/reports/%37", &[all[1], all[3]]),
        ("/drafts/x", &[all[1]]),
    ] {
        get(&app, path, &[]).await;
        assert_eq!(routes.never_matched(), left, "{path}");
    }
}

#[tokio::test]
async fn an_own_route_that_was_rewritten_is_anothers() {
    let auth = client();
    let inner: Router = Router::new()
        .fallback(any(async || "inside"))
        .layer(auth.layer().protected_routes(All).unwrap());
    let rewrite = async |mut request: Request, next: Next| {
        *request.uri_mut() = "/admin".parse().unwrap();
        next.run(request).await
    };
    let app: Router = Router::new()
        .fallback_service(inner)
        .layer(axum::middleware::from_fn(rewrite));
    assert_eq!(get(&app, "/api/auth/signin", &[]).await.status, 401);
}
