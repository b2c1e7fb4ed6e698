//! Routes that the layer protects by their paths: which they are, who is let in, and what the others are answered.

use axum::Router;
use axum::routing::any;
use monocloud_runtime::protected::{All, IntoProtectedRoutes, ProtectedRoute, regex};
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{MonoCloud, Protect, monocloud_routes};

use crate::Group;
use crate::fixtures::{Answer, ORIGIN, at_rest, get, lin, mira, settings};

pub(crate) fn app(auth: &MonoCloud, routes: impl IntoProtectedRoutes) -> Router {
    Router::new()
        .fallback(any(async || "inside"))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer().protected_routes(routes).unwrap())
}

pub(crate) fn client() -> MonoCloud {
    at_rest(settings()).0
}

pub(crate) async fn status(app: &Router, path: &str, cookie: &str) -> u16 {
    get(app, path, &[("cookie", cookie)]).await.status.as_u16()
}

pub(crate) fn assert_forbidden(answer: &Answer) {
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (403, r#"{"message":"forbidden"}"#)
    );
}

/// For admins, at a page's path and at an API's.
pub(crate) fn internal() -> [ProtectedRoute; 1] {
    [Protect::new()
        .groups(["admin"])
        .at(["/internal", "/api/internal"])]
}

#[tokio::test]
async fn who_is_signed_out_signs_in_at_pages_and_gets_401_at_apis() {
    let auth = client();
    let app = app(&auth, All);
    for path in ["/", "/page?x=1", "/apiary", "/no/such/page"] {
        let answer = get(&app, path, &[]).await;
        assert_eq!(answer.status, 303, "{path}");
        assert_eq!(answer.asked("return_url").as_deref(), Some(path));
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.vary(), "Cookie");
    }
    for path in [
        "/api",
        "/api/orders",
        "/API/orders",
        "//api/orders",
        "/%61pi/orders",
    ] {
        let answer = get(&app, path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (401, r#"{"message":"unauthorized"}"#),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    }
    for headers in [
        &[("sec-fetch-mode", "cors")][..],
        &[("x-requested-with", "XMLHttpRequest")],
        &[("sec-purpose", "prefetch")],
        &[("connection", "upgrade"), ("upgrade", "websocket")],
    ] {
        assert_eq!(get(&app, "/page", headers).await.status, 401, "{headers:?}");
    }
    let current = format!("{ORIGIN}/around");
    let htmx = get(
        &app,
        "/part",
        &[("hx-request", "true"), ("hx-current-url", &current)],
    )
    .await;
    assert_eq!(htmx.status, 401);
    assert!(
        htmx.header("hx-redirect")
            .unwrap()
            .contains("return_url=%2Faround"),
        "{htmx:?}"
    );
}

#[tokio::test]
async fn who_is_in_the_wrong_group_gets_a_page_or_json() {
    let auth = client();
    let app = app(&auth, internal());
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    let page = get(&app, "/internal/x", &[("cookie", &lin)]).await;
    assert_eq!(page.status, 403);
    assert!(
        page.body.contains("Access denied") && page.body.contains("Lin Sato"),
        "{page:?}"
    );
    assert_forbidden(&get(&app, "/api/internal/x", &[("cookie", &lin)]).await);
    for path in ["/internal", "/internal/x", "/api/internal"] {
        assert_eq!(status(&app, path, &mira).await, 200, "{path}");
    }
    assert_eq!(get(&app, "/else", &[]).await.body, "inside");
}

#[tokio::test]
async fn an_entry_for_apis_answers_json_wherever_it_stands() {
    let auth = client();
    let app = app(&auth, [Protect::api().groups(["admin"]).at("/data")]);
    assert_eq!(get(&app, "/data/x", &[]).await.status, 401);
    let lin = session_cookie(&auth, lin());
    assert_forbidden(&get(&app, "/data/x", &[("cookie", &lin)]).await);
}

#[tokio::test]
async fn below_the_path_of_the_app_url_apis_are_apis() {
    let (auth, _) = at_rest(settings().app_url("http://localhost:3000/shop"));
    let app = app(&auth, All);
    for path in ["/shop/api/orders", "/api/orders"] {
        assert_eq!(get(&app, path, &[]).await.status, 401, "{path}");
    }
    assert_eq!(get(&app, "/shop/orders", &[]).await.status, 303);
}

#[tokio::test]
async fn groups_are_names_ids_and_variants_and_all_where_all_are_needed() {
    let auth = client();
    let routes = [
        Protect::new().groups([Group::Admin, Group::Finance]).at("/any"),
        Protect::new()
            .groups([Group::Admin, Group::Finance])
            .match_all(true)
            .at("/all"),
        Protect::new()
            .groups(["537e7c3d-a442-4b5b-b308-30837aa045a4"])
            .at("/id"),
        Protect::new()
            .groups(["admin"])
            .groups_claim("roles")
            .at("/roles"),
    ];
    let app = app(&auth, routes);
    let both = mira().groups(["admin", "537e7c3d-a442-4b5b-b308-30837aa045a4"]);
    let roles = lin().claim("roles", ["admin"]);
    for (user, any, all, id, roles) in [
        (mira(), 200, 403, 403, 403),
        (both, 200, 200, 200, 403),
        (lin(), 403, 403, 403, 403),
        (roles, 403, 403, 403, 200),
    ] {
        let cookie = session_cookie(&auth, user.clone());
        for (path, expected) in [("/any", any), ("/all", all), ("/id", id), ("/roles", roles)] {
            assert_eq!(status(&app, path, &cookie).await, expected, "{path}: {user:?}");
        }
    }
}

#[tokio::test]
async fn if_several_entries_apply_all_must_pass() {
    let auth = client();
    let entries: [ProtectedRoute; 4] = [
        All.into(),
        Protect::new().groups(["admin"]).at("/team"),
        Protect::api().groups(["editor"]).at("/team/articles"),
        Protect::new()
            .groups(["press"])
            .at(regex("/team/articles/press.*")),
    ];
    let app = app(&auth, entries);
    let admin = session_cookie(&auth, lin().groups(["admin"]));
    let (both, none) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    for (path, expected) in [
        ("/", [303, 200, 200, 200]),
        ("/team", [303, 403, 200, 200]),
        ("/team/articles/7", [401, 403, 403, 200]),
        ("/team/articles/press", [401, 403, 403, 403]),
    ] {
        let cookies = ["other=1", &none, &admin, &both];
        for (cookie, expected) in cookies.into_iter().zip(expected) {
            // Whoever is signed out at once may be answered as a page or as an API.
            let found = status(&app, path, cookie).await;
            let found = if found == 303 && expected == 401 {
                401
            } else {
                found
            };
            assert_eq!(found, expected, "{path} {cookie}");
        }
    }
}

#[tokio::test]
async fn nobody_signs_in_again_only_to_read_that_the_page_is_not_for_them() {
    let (auth, clock) = at_rest(settings());
    let cookie = session_cookie(&auth, lin());
    clock.advance(1_000);
    let routes = [
        Protect::new().max_age(300).at("/close"),
        Protect::new().groups(["admin"]).at(regex("/close/.+")),
    ];
    let app = app(&auth, routes);
    assert_eq!(status(&app, "/close", &cookie).await, 303);
    assert_eq!(status(&app, "/close/all", &cookie).await, 403);
}

#[tokio::test]
async fn expressions_match_whole_paths_whatever_their_anchors() {
    let auth = client();
    for pattern in [
        "/reports/[0-9]+",
        "^/reports/[0-9]+$",
        "(?:/reports/[0-9]+)",
        "/never|/reports/[0-9]+",
    ] {
        let app = app(&auth, regex(pattern));
        for path in [
            "/reports/7",
            "/REPORTS/7",
            "/reports/7/",
            "/reports//7",
            "/reports/%37",
            "/x/../reports/7",
        ] {
            assert_eq!(get(&app, path, &[]).await.status, 303, "{pattern} {path}");
        }
        for path in [
            "/reports",
            "/reports/",
            "/reports/7a",
            "/reports/7/x",
            "/x/reports/7",
            "/reports/x",
        ] {
            assert_eq!(get(&app, path, &[]).await.status, 200, "{pattern} {path}");
        }
    }
    let app = app(
        &auth,
        ["/a".into(), regex("/b|/c").into(), ProtectedRoute::from("/d")],
    );
    for (path, expected) in [
        ("/a/x", 303),
        ("/b", 303),
        ("/c", 303),
        ("/bc", 200),
        ("/b/c", 200),
        ("/d/x", 303),
    ] {
        assert_eq!(get(&app, path, &[]).await.status, expected, "{path}");
    }
}

#[tokio::test]
async fn the_librarys_own_routes_are_open_to_the_letter_and_nothing_else_is() {
    let auth = client();
    let app = app(&auth, All);
    assert_eq!(
        get(&app, "/api/auth/signin", &[]).await.status,
        503,
        "the issuer is away"
    );
    assert_eq!(get(&app, "/api/auth/userinfo", &[]).await.status, 204);
    assert_eq!(get(&app, "/api/auth/signin?return_url=/x", &[]).await.status, 503);
    assert_eq!(get(&app, "/api/auth/callback", &[]).await.status, 400);
    for path in [
        "/api/auth/signin/",
        "/api/auth/signin/x",
        "/api/auth//signin",
        "/api/auth/SignIn",
        "/api/auth/%73ignin",
        "/api/auth/signin;x",
        "/api/auth/signin/..%2f..%2fadmin",
        "/api/auth/signin/../signin",
        "/./api/auth/signin",
        "/api/auth",
        "/x/api/auth/signin",
    ] {
        let answer = get(&app, path, &[]).await;
        assert!(matches!(answer.status.as_u16(), 401 | 303), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn below_the_path_of_the_app_url_own_routes_are_open_to_the_letter() {
    let (auth, _) = at_rest(settings().app_url("http://localhost:3000/shop"));
    let own: Router = monocloud_routes!(auth);
    let app = Router::new()
        .nest("/shop", own)
        .fallback(any(async || "inside"))
        .layer(auth.layer().protected_routes(All).unwrap());
    assert_eq!(get(&app, "/shop/api/auth/userinfo", &[]).await.status, 204);
    for path in [
        "/shop/api/auth/userinfo/",
        "/Shop/api/auth/userinfo",
        "/shop//api/auth/userinfo",
        "/sho%70/api/auth/userinfo",
        "/shop/shop/api/auth/userinfo",
        "/other/api/auth/userinfo",
    ] {
        let status = get(&app, path, &[]).await.status.as_u16();
        assert!(matches!(status, 401 | 303), "{path}: {status}");
    }
}
