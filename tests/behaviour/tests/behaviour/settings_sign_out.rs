//! The settings of sign-out and of the library's own pages that are checked before anything runs.

use crate::settings_problems::{assert_accepted, assert_refused};

#[test]
fn a_logout_url_is_https_and_names_what_is_filled_in() {
    for value in [
        "https://auth.example.com/logout",
        "https://auth.example.com/logout?client_id={client_id}&logout_uri={post_logout_redirect_uri}",
        "https://auth.example.com/v2/logout?returnTo={post_logout_redirect_uri}",
        "http://localhost:9/logout?c={client_id}",
    ] {
        assert_accepted("AUTH_LOGOUT_URL", value);
    }
    for value in [
        "http://auth.example.com/logout",
        "/logout",
        "javascript:alert(1)",
        "https://user:pass@auth.example.com/",
        "https://{client_id}.example.com/logout",
        "https://{client_id}@example.com/logout",
        "https://auth.example.com/logout?c={clientId}",
        "https://auth.example.com/logout?c={client_id",
    ] {
        assert_refused("AUTH_LOGOUT_URL", value, "https://auth.example.com/logout");
    }
}

#[test]
fn a_page_color_is_nothing_but_a_color() {
    for value in ["#fff", "#0a6cff", "#ABCDEF"] {
        assert_accepted("AUTH_PAGE_COLOR", value);
    }
    for value in [
        "red",
        "fff",
        "#ffff",
        "#ggg",
        "#fff;}body{display:none",
        "rgb(1,2,3)",
        "#fff;}*",
        "var(--x)",
    ] {
        assert_refused("AUTH_PAGE_COLOR", value, "#0a6cff");
    }
}
