//! Entries that would protect nothing, or something else than is meant: all are told when the program starts.

use monocloud_runtime::protected::{IntoProtectedRoutes, Pattern, ProtectedRoute, regex};
use monocloud_runtime::testing::session_cookie;
use monocloud_runtime::{MonoCloud, Protect};

use crate::fixtures::{at_rest, get, mira, settings};

fn problems(routes: impl IntoProtectedRoutes) -> Vec<String> {
    let (auth, _) = at_rest(settings());
    match auth.layer().protected_routes(routes) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

#[test]
fn each_mistake_in_a_path_says_what_to_write() {
    for (path, problem, hint) in [
        ("admin", "does not begin with a slash", r#"write "/admin""#),
        ("", "does not begin with a slash", "write \"/\""),
        ("https://app.example.com/admin", "whole address", "the path alone"),
        ("/", "every path is under it", "`All`"),
        ("/*", "every path is under it", "`All`"),
        ("*", "every path is under it", "`All`"),
        ("(.*)", "every path is under it", "`All`"),
        (
            "/admin/*",
            "protects what is below it by itself",
            r#"write "/admin","#,
        ),
        (
            "/admin(.*)",
            "protects what is below it by itself",
            r#"write "/admin","#,
        ),
        (
            "/admin(/.*)?",
            "protects what is below it by itself",
            r#"regex("/admin(/.*)?")"#,
        ),
        (
            "^/api/protected(/.*)?$",
            "`^` belongs to a regular expression",
            r#"regex(r"^/api/protected(/.*)?$")"#,
        ),
        ("/users/{id}", "`{` belongs to a regular expression", "regex"),
        ("/a|b", "`|` belongs", r#"regex(r"/a|b")"#),
        ("/a\\b", "`\\` belongs", "regex"),
        ("/users/:id/keys", "`:id` would be taken to the letter", "[^/]+"),
        ("/admin?x=1", "`?` belongs", "regex"),
        ("/admin#top", "`#` is no part of a path", "leave it out"),
        ("/b%C3%BCcher", "`%` is no part of a path", "decoded"),
        ("/admin;v=1", "`;` is no part of a path", "leave it out"),
        ("/a//b", "two slashes", "write one"),
        ("/a/../b", "`..` is resolved", "the path that it leads to"),
        ("/./a", "`.` is resolved", "the path that it leads to"),
        (
            "/admin.",
            "`admin.` has dots or spaces at an end",
            "leave them out",
        ),
        ("/ admin", "dots or spaces at an end", "leave them out"),
        ("/a/b /c", "`b ` has dots or spaces at an end", "leave them out"),
        ("/admin\n", "control character", "no path with one"),
        ("/f::$DATA", "`$` belongs", "regex"),
        ("/api/auth/signin", "a route of the library's own", "leave it out"),
        (
            "/api/auth/callback/",
            "a route of the library's own",
            "leave it out",
        ),
    ] {
        let found = problems([path]);
        let [only] = &found[..] else {
            panic!("{path}: {found:?}");
        };
        assert!(
            only.starts_with("protected_routes: ") && only.contains(path),
            "{only}"
        );
        assert!(only.contains(problem) && only.contains(hint), "{path}: {only}");
    }
}

#[test]
fn each_mistake_in_an_expression_says_what_is_wrong() {
    for (pattern, problem) in [
        ("/a(", "unclosed group"),
        ("/a)|(?:/b", "unopened group"),
        ("/[z-a]", "invalid character class range"),
        ("/a{2", "unclosed counted repetition"),
        (r"/\q", "unrecognized escape sequence"),
        ("/(?=x)", "look-around"),
        (r"/(a)\1", "backreferences"),
        ("/(a{1000}){1000}", "exceeds size limit"),
        ("(?x)/admin # everything", "no regular expression"),
        ("admin/.*", r#"write regex("/admin/.*")"#),
        ("^admin$", "every path begins with a slash"),
        ("", "every path begins with a slash"),
        ("^$", "every path begins with a slash"),
        ("/(?-i)Admin", "leave the flag `-i` out"),
        ("/(?s-i:Admin)", "leave the flag `-i` out"),
    ] {
        let found = problems(regex(pattern));
        let [only] = &found[..] else {
            panic!("{pattern}: {found:?}");
        };
        assert!(only.contains(&format!("regex(\"{pattern}\")")), "{only}");
        assert!(only.contains(problem), "{pattern}: {only}");
    }
}

#[test]
fn each_mistake_in_what_an_entry_asks_for_says_what_to_write() {
    let none: [&str; 0] = [];
    for (route, problem) in [
        (
            Protect::new().groups(none).at("/a"),
            "`groups([])` lets nobody in",
        ),
        (
            Protect::new().acr_values(none).at("/a"),
            "`acr_values([])` lets nobody in",
        ),
        (
            Protect::new().groups(["admin", " "]).at("/a"),
            "a group without a name",
        ),
        (
            Protect::new().match_all(true).at("/a"),
            "`match_all` without `groups`",
        ),
        (
            Protect::new().groups_claim("roles").at("/a"),
            "`groups_claim` without `groups`",
        ),
        (
            Protect::api().scopes(["orders read"]).at("/a"),
            "`orders read` is no scope",
        ),
        (Protect::api().scopes([""]).at("/a"), "is no scope"),
        (
            Protect::new().return_url("https://evil.example/").at("/a"),
            "`return_url`",
        ),
        (
            Protect::new().return_url("/api/auth/signin").at("/a"),
            "`return_url`",
        ),
        (
            Protect::new().at(Vec::<Pattern>::new()),
            "an entry without a path protects nothing",
        ),
        (Protect::new().at(["/a", "/a"]), "it stands twice"),
    ] {
        let found = problems([route]);
        assert_eq!(found.len(), 1, "{problem}: {found:?}");
        assert!(found[0].contains(problem), "{found:?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let (auth, _) = at_rest(settings());
    let error = auth
        .layer()
        .protected_routes([
            ProtectedRoute::from("admin"),
            regex("/a(").into(),
            Protect::new().groups(["admin"]).at(["/fine", "/b*c", "/d?"]),
            Protect::new().match_all(true).at("/fine/too"),
        ])
        .unwrap_err();
    assert_eq!(error.problems().len(), 5, "{error}");
    assert_eq!(error.to_string().lines().count(), 6, "{error}");
}

#[tokio::test]
async fn what_is_no_mistake_is_none() {
    let (auth, _) = at_rest(settings());
    let paths = [
        "/admin/",
        "/robots.txt",
        "/.well-known",
        "/ADMIN",
        "/bücher",
        "/a b",
        "/v1/users:batch",
        "/api/auth",
        "/a,b",
        "/~mira",
        "/...x",
    ];
    for path in paths {
        let app = axum::Router::new().fallback(async || "open").layer(
            auth.layer()
                .protected_routes([path])
                .unwrap_or_else(|error| panic!("{path}: {error}")),
        );
        let written = path.replace(' ', "%20").replace('ü', "%c3%bc");
        let below = format!("{}/x", written.trim_end_matches('/'));
        let expected = if path.starts_with("/api") { 401 } else { 303 };
        for asked in [written.trim_end_matches('/'), &below, &below.to_ascii_uppercase()] {
            assert_eq!(get(&app, asked, &[]).await.status, expected, "{path}: {asked}");
        }
        assert_eq!(get(&app, "/other", &[]).await.body, "open");
        let cookie = session_cookie(&auth, mira());
        assert_eq!(get(&app, &below, &[("cookie", &cookie)]).await.body, "open");
    }
    let clashing: MonoCloud = settings().build().unwrap();
    assert!(
        clashing.protected_routes(["/a", "/a/b", "/a"]).is_ok(),
        "all of them must pass"
    );
}
