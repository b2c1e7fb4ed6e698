//! Where the app is mounted: after a sign-in one is on the page that was asked for, whether a proxy strips the
//! app URL's path or the router is nested at it.

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use http::{Method, Request, Uri};
use monocloud_runtime::testing::Provider;
use monocloud_runtime::{Auth, MonoCloud, monocloud_routes, protect};
use tower::ServiceExt as _;

use crate::fixtures::{Answer, Browser, Person, at_rest, call, get, logged, provider, settings, settings_of};

#[protect]
async fn page(uri: axum::extract::OriginalUri) -> String {
    uri.0.to_string()
}

#[protect(return_url = "/orders")]
async fn elsewhere() {}

#[protect(return_url = "/app/orders")]
async fn elsewhere_in_full() {}

async fn link(auth: Auth) -> String {
    auth.sign_in_url().to_string()
}

/// Pages at all paths that the tests ask for.
fn pages(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/dashboard", any(page))
        .route("/apple", any(page))
        .route("/app/page", any(page))
        .route("/elsewhere", any(elsewhere))
        .route("/elsewhere/in-full", any(elsewhere_in_full))
        .route("/link", any(link))
        .merge(monocloud_routes!(auth))
}

/// The proxy passes the whole path on, and the router is nested at it.
fn nested(auth: &MonoCloud) -> Router {
    Router::new().nest("/app", pages(auth)).layer(auth.layer())
}

/// The proxy passes on what stands behind the prefix; this is proxy and app.
fn stripped(auth: &MonoCloud) -> Router {
    let app = pages(auth).layer(auth.layer());
    Router::new().fallback(move |mut request: Request<Body>| {
        let asked = request.uri().path_and_query().unwrap().as_str();
        let inner = asked.strip_prefix("/app").unwrap_or("/outside");
        *request.uri_mut() = inner.parse::<Uri>().unwrap();
        // Another process knows nothing of the one before.
        request.extensions_mut().clear();
        app.clone().oneshot(request)
    })
}

/// The whole way from a page, to its end.
async fn through(app: &Router, provider: &Provider, path: &str) -> Answer {
    let mut browser = Browser::new(app);
    let denied = browser.get(path).await;
    assert_eq!(denied.status, 303, "{path}: {denied:?}");
    let sign_in = denied.location().strip_prefix("http://localhost:3000").unwrap();
    let started = browser.get(sign_in).await;
    assert_eq!(started.status, 303, "{path}: {started:?}");
    let callback = Person::new()
        .answer(provider, started.location(), &[("user", "mira")])
        .await;
    let answer = browser.get(&callback).await;
    assert_eq!(answer.status, 303, "{path}: {answer:?}");
    let end = answer.location().strip_prefix("http://localhost:3000").unwrap();
    assert_eq!(end, path, "{path}: {denied:?}");
    browser.get(end).await
}

#[tokio::test]
async fn a_sign_in_ends_on_the_page_that_was_asked_for() {
    let provider = provider(Provider::builder()).await;
    for mount in [nested, stripped] {
        let auth = settings_of(&provider)
            .app_url("http://localhost:3000/app")
            .build()
            .unwrap();
        let app = mount(&auth);
        for path in ["/app/dashboard", "/app/dashboard?a=%2Fapp&b=1", "/app/apple"] {
            let end = through(&app, &provider, path).await;
            assert_eq!(end.status, 200, "{path}: {end:?}");
        }
        // A page whose own path begins like the app's, once the routes have been seen.
        let end = through(&app, &provider, "/app/app/page").await;
        assert_eq!(end.status, 200, "{end:?}");
    }
}

#[tokio::test]
async fn a_look_alike_of_the_prefix_is_none() {
    let (auth, _) = at_rest(settings().app_url("http://localhost:3000/app"));
    let app = pages(&auth).layer(auth.layer());
    let answer = get(&app, "/apple", &[]).await;
    assert_eq!(answer.asked("return_url").as_deref(), Some("/app/apple"));
    let app: Router = Router::new().fallback(page).layer(auth.layer());
    for (asked, back) in [
        ("/apple/app", "/app/apple/app"),
        ("/ap", "/app/ap"),
        ("/APP/x", "/app/APP/x"),
        ("/app%2Fx", "/app/app%2Fx"),
        ("/%61pp/x", "/%61pp/x"),
        ("/app?x", "/app?x"),
        ("/app", "/app"),
        ("/", "/app/"),
    ] {
        let answer = get(&app, asked, &[]).await;
        assert_eq!(answer.asked("return_url").as_deref(), Some(back), "{asked}");
    }
}

#[tokio::test]
async fn return_urls_of_guards_and_pages_have_the_prefix_once() {
    for mount in [nested, stripped] {
        let (auth, _) = at_rest(settings().app_url("http://localhost:3000/app"));
        let app = mount(&auth);
        for path in ["/app/elsewhere", "/app/elsewhere/in-full"] {
            let answer = get(&app, path, &[]).await;
            assert_eq!(
                answer.asked("return_url").as_deref(),
                Some("/app/orders"),
                "{path}"
            );
        }
        let posted = call(
            &app,
            Method::POST,
            "/app/dashboard",
            &[("referer", "http://localhost:3000/app/form")],
        )
        .await;
        assert_eq!(posted.asked("return_url").as_deref(), Some("/app/form"));
        let htmx = [
            ("hx-request", "true"),
            ("hx-current-url", "http://localhost:3000/app/list?p=2"),
        ];
        let htmx = get(&app, "/app/dashboard", &htmx).await;
        let url = htmx.header("hx-redirect").unwrap();
        assert_eq!(
            crate::fixtures::parameter(url, "return_url").as_deref(),
            Some("/app/list?p=2")
        );
        let link = get(&app, "/app/link", &[]).await.body;
        assert_eq!(
            crate::fixtures::parameter(&link, "return_url").as_deref(),
            Some("/app/link")
        );
        let out = get(&app, "/app/api/auth/signout?post_logout_url=%2Fapp%2Fbye", &[]).await;
        assert_eq!(out.location(), "http://localhost:3000/app/bye");
    }
}

#[tokio::test]
async fn routes_at_another_place_than_the_settings_have_say_so_in_the_log_alone() {
    for (app_url, prefix) in [
        ("http://localhost:3000", "/auth"),
        ("http://localhost:3000/app", "/apple"),
        ("http://localhost:3000/app", "/app/app"),
    ] {
        let (auth, _) = at_rest(settings().app_url(app_url));
        let app: Router = Router::new()
            .nest(prefix, monocloud_routes!(auth))
            .layer(auth.layer());
        for route in ["signin", "callback", "signout", "userinfo"] {
            let path = format!("{prefix}/api/auth/{route}");
            let (answer, log) = logged(get(&app, &path, &[])).await;
            assert_eq!(answer.status, 500, "{path}: {answer:?}");
            assert!(answer.cookies().is_empty(), "{path}");
            let lines: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
            assert_eq!(lines.len(), 1, "{log}");
            assert!(
                lines[0].contains("monocloud_routes!") && lines[0].contains(&path),
                "{log}"
            );
            for word in ["monocloud", "MONOCLOUD", "nest", "settings"] {
                assert!(!answer.body.contains(word), "{answer:?}");
            }
        }
    }
}

#[protect(return_url = "/api/auth/userinfo")]
async fn led_to_a_route() {}

#[tokio::test]
async fn a_guards_return_url_that_is_a_route_is_said_once_and_not_used() {
    let (auth, _) = at_rest(settings());
    let app: Router = Router::new()
        .route("/led", any(led_to_a_route))
        .layer(auth.layer());
    let ((first, second), log) =
        logged(async { (get(&app, "/led", &[]).await, get(&app, "/led", &[]).await) }).await;
    for answer in [first, second] {
        assert_eq!(answer.asked("return_url").as_deref(), Some("/led"));
    }
    let said = log
        .lines()
        .filter(|line| line.contains("ERROR") && line.contains("/api/auth/userinfo"));
    assert_eq!(said.count(), 1, "{log}");
}
