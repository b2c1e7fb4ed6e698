//! A cookie's domain and path: those that browsers keep and send to the routes that need them.

use monocloud_runtime::settings::{SessionCookie, StateCookie};

use crate::fixtures::{logged, settings};
use crate::settings_problems::{problems, problems_of};

const KINDS: [&str; 2] = ["SESSION_COOKIE", "STATE_COOKIE"];

fn found(app_url: &str, kind: &str, attribute: &str, value: &str) -> Vec<String> {
    problems(&[
        ("MONOCLOUD_AUTH_APP_URL", app_url),
        (&format!("MONOCLOUD_AUTH_{kind}_{attribute}"), value),
    ])
}

#[test]
fn a_domain_covers_the_app_urls_host() {
    for kind in KINDS {
        for (app_url, domain) in [
            ("https://app.example.test", "example.org"),
            ("https://app.example.test", "other.example.test"),
            ("https://app.example.test", "www.app.example.test"),
            ("https://app.example.test", "ample.test"),
            ("https://app.example.test", "pp.example.test"),
            ("https://app.example.test", "..example.test"),
            ("https://app.example.test", "example..test"),
            ("https://app.example.test", "example.test."),
            ("https://app.example.test", "*.example.test"),
            ("https://app.example.test", "https://app.example.test"),
            ("https://app.example.test", "test"),
            ("https://app.example.test", ".test"),
            ("https://app.example.test", "192.0.2.7"),
            ("https://app.example.test", "::1"),
            ("http://127.0.0.1:3000", "127.0.0.1"),
            ("http://127.0.0.1:3000", "0.0.1"),
            ("http://[::1]:3000", "localhost"),
            ("http://localhost:3000", "example.com"),
        ] {
            let found = found(app_url, kind, "DOMAIN", domain);
            assert!(
                found.len() == 1 && found[0].starts_with(&format!("MONOCLOUD_AUTH_{kind}_DOMAIN: ")),
                "{app_url} {domain}: {found:?}"
            );
        }
        for (app_url, domain) in [
            ("https://app.example.test", "app.example.test"),
            ("https://app.example.test", "example.test"),
            ("https://app.example.test", ".example.test"),
            ("https://APP.example.test:8443/shop", "Example.TEST"),
            ("http://localhost:3000", "localhost"),
            ("https://bücher.example.test", "xn--bcher-kva.example.test"),
        ] {
            assert_eq!(
                found(app_url, kind, "DOMAIN", domain),
                Vec::<String>::new(),
                "{domain}"
            );
        }
    }
}

/// They would be set, dropped and set again without an end.
#[test]
fn a_secure_cookie_needs_an_app_url_from_which_browsers_take_it() {
    for kind in KINDS {
        for app_url in [
            "http://app.example.test",
            "http://192.168.1.4:3000",
            "http://0.0.0.0:3000/app",
        ] {
            let refused = found(app_url, kind, "SECURE", "true");
            assert!(
                refused.len() == 1 && refused[0].starts_with(&format!("MONOCLOUD_AUTH_{kind}_SECURE: ")),
                "{app_url}: {refused:?}"
            );
            assert_eq!(found(app_url, kind, "SECURE", "false"), Vec::<String>::new());
        }
        for app_url in [
            "https://app.example.test",
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ] {
            assert_eq!(
                found(app_url, kind, "SECURE", "true"),
                Vec::<String>::new(),
                "{app_url}"
            );
        }
    }
}

#[test]
fn the_builders_domains_are_checked_too() {
    let https = || settings().app_url("https://app.example.test");
    let found = [
        problems_of(https().session_cookie(SessionCookie::new().domain("example.org"))),
        problems_of(https().state_cookie(StateCookie::new().domain("example.org"))),
    ]
    .concat();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("session_cookie.domain (MONOCLOUD_AUTH_SESSION_COOKIE_DOMAIN): "));
    assert!(found[1].starts_with("state_cookie.domain (MONOCLOUD_AUTH_STATE_COOKIE_DOMAIN): "));
}

#[test]
fn a_state_cookie_reaches_the_callback_and_is_counted_where_sign_ins_begin() {
    let app = "https://app.example.test";
    for (path, missed) in [
        ("/api/auth/callback", "the sign-in route"),
        ("/api/auth/callback/", "the callback"),
        ("/api/auth/signin", "the callback"),
        ("/api/auth/call", "the callback"),
        ("/API/auth", "the callback"),
        ("/api/auth/callback/x", "the callback"),
    ] {
        let found = found(app, "STATE_COOKIE", "PATH", path);
        assert!(
            found.len() == 1
                && found[0].starts_with("MONOCLOUD_AUTH_STATE_COOKIE_PATH: ")
                && found[0].contains(missed),
            "{path}: {found:?}"
        );
    }
    for path in ["/", "/api", "/api/", "/api/auth", "/api/auth/"] {
        assert_eq!(
            found(app, "STATE_COOKIE", "PATH", path),
            Vec::<String>::new(),
            "{path}"
        );
    }
    let shop = "https://app.example.test/shop";
    assert_eq!(
        found(shop, "STATE_COOKIE", "PATH", "/shop/api"),
        Vec::<String>::new()
    );
    assert_eq!(found(shop, "STATE_COOKIE", "PATH", "/api").len(), 1);
}

#[tokio::test]
async fn cookies_that_sibling_domains_can_plant_are_one_line() {
    let lines = |log: &str| log.lines().filter(|line| line.contains("__Host-")).count();
    let https = || settings().app_url("https://app.example.test");
    let (_, log) = logged(async { https().build().unwrap() }).await;
    assert!(
        lines(&log) == 1 && log.contains("session") && log.contains("state"),
        "{log}"
    );
    let session = SessionCookie::new().name("__Host-session");
    let state = StateCookie::new().name("__Host-state");
    let (_, log) = logged(async { https().session_cookie(session.clone()).build().unwrap() }).await;
    assert_eq!(lines(&log), 1, "{log}");
    let (_, log) = logged(async {
        https()
            .session_cookie(session)
            .state_cookie(state)
            .build()
            .unwrap()
    })
    .await;
    assert_eq!(lines(&log), 0, "{log}");
    let (_, log) = logged(async { settings().build().unwrap() }).await;
    assert_eq!(lines(&log), 0, "{log}");
}
