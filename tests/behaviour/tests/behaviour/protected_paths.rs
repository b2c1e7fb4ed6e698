//! However a path is written, and whatever reads it behind the layer: nothing that is protected is served.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use http::StatusCode;
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{MonoCloud, Protect};
use support::serve;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower_http::services::ServeDir;

use crate::fixtures::{at_rest, get, lin, mira, settings};

const SECRET: &str = "what only administrators read";

fn corpus() -> Vec<&'static str> {
    let lines = include_str!("../../corpus/paths.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
}

/// A folder of files, some of which are nobody's business.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protected_paths");
    for (file, text) in [
        ("admin/secret.txt", SECRET),
        ("administrator/hello.txt", "hello"),
        ("public/hello.txt", "hello"),
        ("public/admin/hello.txt", "hello"),
        ("hello world.txt", "hello"),
        ("grüße.txt", "hello"),
        ("50% off.txt", "hello"),
        (".well-known/hello.txt", "hello"),
    ] {
        let file = folder.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        // Another test may read it at the same time.
        if std::fs::read_to_string(&file).ok().as_deref() != Some(text) {
            std::fs::write(&file, text).unwrap();
        }
    }
    folder
}

/// Whatever anybody may do to a path, done to it until nothing is left to do.
async fn reads_everything(request: Request) -> Response {
    let mut path = request.uri().path().to_owned();
    loop {
        let text = percent_decoded(&path).replace('\\', "/").to_lowercase();
        let text = text.split(['\0', '?', '#']).next().unwrap();
        let mut kept: Vec<&str> = Vec::new();
        for segment in text.split('/') {
            let segment = segment.split(';').next().unwrap();
            let segment = segment.split(":$").next().unwrap();
            match segment.split("::").next().unwrap().trim_matches(' ') {
                ".." => drop(kept.pop()),
                other => match other.trim_matches([' ', '.']) {
                    "" => {}
                    name => kept.push(name),
                },
            }
        }
        let further = format!("/{}", kept.join("/"));
        if further == path {
            break;
        }
        path = further;
    }
    if path == "/admin/secret.txt" {
        SECRET.into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

fn percent_decoded(path: &str) -> String {
    let as_value = format!("x={}", path.replace('+', "%2b").replace('&', "%26"));
    url::form_urlencoded::parse(as_value.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn protected(auth: &MonoCloud, app: Router, path: &str) -> Router {
    let routes = [Protect::new().groups(["admin"]).at(path)];
    app.layer(auth.layer().protected_routes(routes).unwrap())
}

/// Routers that serve the secret, each without and with the layer.
fn apps(auth: &MonoCloud) -> Vec<(&'static str, Router, Router)> {
    let files = || Router::new().fallback_service(ServeDir::new(folder()));
    let routed = || Router::new().route("/admin/{file}", on_get(|| async { SECRET }));
    let lenient = || Router::new().fallback(reads_everything);
    vec![
        ("files", files(), protected(auth, files(), "/admin")),
        ("routes", routed(), protected(auth, routed(), "/admin")),
        ("lenient", lenient(), protected(auth, lenient(), "/admin")),
        (
            "the file alone",
            lenient(),
            protected(auth, lenient(), "/admin/secret.txt"),
        ),
        (
            "an expression",
            lenient(),
            lenient().layer(
                auth.layer()
                    .protected_routes([Protect::new()
                        .groups(["admin"])
                        .at(monocloud_runtime::protected::regex("/[a-d]dmin/.*"))])
                    .unwrap(),
            ),
        ),
    ]
}

/// The answer to a request whose target no library has looked at.
async fn raw(address: &str, target: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_protected_is_served_however_its_path_is_written() {
    let (auth, _) = at_rest(settings());
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    for (name, open, closed) in apps(&auth) {
        let (open, closed) = (serve(open).await, serve(closed).await);
        let [open, closed] =
            [&open, &closed].map(|served| served.url.trim_start_matches("http://").to_owned());
        let (mut reached, mut refused) = (0, 0);
        for target in corpus() {
            for cookie in ["other=1", &lin] {
                let answer = raw(&closed, target, cookie).await;
                assert!(!answer.contains(SECRET), "{name}: {target}: {answer}");
            }
            let without = raw(&open, target, "other=1").await.contains(SECRET);
            let answer = raw(&closed, target, &mira).await;
            if without {
                reached += 1;
                refused += usize::from(!answer.contains(SECRET));
                let is_there = answer.contains(SECRET) || answer.starts_with("HTTP/1.1 400 ");
                assert!(is_there, "{name}: {target}: {answer}");
            }
        }
        let least = if name == "lenient" { 350 } else { 4 };
        assert!(reached >= least, "{name}: only {reached} targets lead anywhere");
        assert!(
            refused * 5 <= reached,
            "{name}: {refused} of {reached} are refused to who may"
        );
    }
}

#[tokio::test]
async fn nested_routers_are_protected_by_the_whole_path_and_by_what_is_left_of_it() {
    let (auth, _) = at_rest(settings());
    let files = || Router::new().fallback_service(ServeDir::new(folder()));
    let lin = session_cookie(&auth, lin());
    // A fallback is not found through two routers.
    let by_route = Router::new().route_service("/{*path}", ServeDir::new(folder()));
    for (name, app, prefix) in [
        (
            "around",
            protected(&auth, Router::new().nest("/files", files()), "/files/admin"),
            "/files",
        ),
        (
            "within, by what is left",
            Router::new().nest("/files", protected(&auth, files(), "/admin")),
            "/files",
        ),
        (
            "within, by the whole",
            Router::new().nest("/files", protected(&auth, files(), "/files/admin")),
            "/files",
        ),
        (
            "twice nested",
            Router::new().nest(
                "/a",
                Router::new().nest("/b", protected(&auth, by_route, "/admin")),
            ),
            "/a/b",
        ),
        (
            "a service",
            protected(
                &auth,
                Router::new().nest_service("/files", ServeDir::new(folder())),
                "/files/admin",
            ),
            "/files",
        ),
    ] {
        let served = serve(app).await;
        let address = served.url.trim_start_matches("http://");
        for target in corpus().into_iter().filter(|target| target.starts_with('/')) {
            for cookie in ["other=1", &lin] {
                let answer = raw(address, &format!("{prefix}{target}"), cookie).await;
                assert!(!answer.contains(SECRET), "{name}: {target}: {answer}");
            }
        }
        let open = raw(address, &format!("{prefix}/administrator/hello.txt"), "other=1").await;
        assert!(open.ends_with("hello"), "{name}: {open}");
        let secret = raw(
            address,
            &format!("{prefix}/admin/secret.txt"),
            &session_cookie(&auth, mira()),
        )
        .await;
        assert!(secret.ends_with(SECRET), "{name}: {secret}");
    }
}

#[tokio::test]
async fn a_path_protects_itself_and_what_is_below_and_no_neighbour() {
    let (auth, _) = at_rest(settings());
    let app = protected(&auth, Router::new().fallback(async || "open"), "/api/admin");
    for path in [
        "/api/admin",
        "/api/admin/",
        "/api/admin/x",
        "/api/admin/x/y",
        "/API/Admin/x",
    ] {
        assert_eq!(get(&app, path, &[]).await.status, 401, "{path}");
    }
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/administrator",
        "/api/admin-panel/x",
        "/api/admin.json",
        "/api/adminx",
        "/api/admi",
        "/api/x/admin",
        "/admin",
        "/v1/api/admin",
        "/api/%61dministrator",
        "/api/admins?next=/api/admin",
        "/api/x?/../admin",
        "/apiadmin",
        "/api-admin",
    ] {
        let answer = get(&app, path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (200, "open"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn odd_names_of_people_and_files_are_served() {
    let (auth, _) = at_rest(settings());
    let files = Router::new().fallback_service(ServeDir::new(folder()));
    let app = protected(&auth, files, "/admin");
    for path in [
        "/public/hello.txt",
        "/public//hello.txt",
        "/public/admin/hello.txt",
        "/administrator/hello.txt",
        "/hello%20world.txt",
        "/gr%C3%BC%C3%9Fe.txt",
        "/50%25%20off.txt",
        "/.well-known/hello.txt",
        "/public/./hello.txt",
    ] {
        let answer = get(&app, path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (200, "hello"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_to_everybody_where_something_is_protected() {
    let (auth, _) = at_rest(settings());
    let app = protected(&auth, Router::new().fallback(async || "open"), "/api/admin");
    let cookie = session_cookie(&auth, mira());
    for path in [
        "/x%00",
        "/x%0a",
        "/x%ff",
        "/x%c0%af",
        "/x%e0%80%af",
        "/%u0061",
        "/%25252561",
        "/%252525252561",
        "/api/x%00",
    ] {
        for cookie in ["other=1", &cookie] {
            let answer = get(&app, path, &[("cookie", cookie)]).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            let json = answer.header("content-type") == Some("application/json");
            assert_eq!(json, path.starts_with("/api/"), "{path}: {answer:?}");
        }
    }
    let nothing: [&str; 0] = [];
    let app = Router::new()
        .fallback(async || "open")
        .layer(auth.layer().protected_routes(nothing).unwrap());
    for path in ["/x%00", "/api/admin", "/x%c0%af"] {
        assert_eq!(
            get(&app, path, &[]).await.body,
            "open",
            "an empty list protects nothing"
        );
    }
}
