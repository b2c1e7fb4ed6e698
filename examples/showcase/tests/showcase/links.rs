//! Links and answers that take the browser to sign in and out.

use support::Page;

use crate::site::Site;

/// The first link whose address has this in it.
fn link(page: &Page, part: &str) -> String {
    let links = page.links();
    let found = links.iter().find(|link| link.contains(part));
    found
        .unwrap_or_else(|| panic!("no link with {part} in {links:?}"))
        .clone()
}

#[tokio::test]
async fn the_home_page_links_to_everything() {
    let site = Site::start().await;
    let home = site.open("/").await;
    assert!(home.body.contains("You are not signed in"), "{home:?}");
    for part in [
        "/dashboard",
        "/admin",
        "/staff",
        "/step-up",
        "/imperative",
        "/second-factor",
        "/account",
        "/internal",
        "/events",
        "/sessions",
        "/go/sign-in?return_url=",
        "/go/sign-out",
        "/api/auth/signin",
        "/api/auth/signout",
        "register=true",
    ] {
        link(&home, part);
    }
    for call in [
        "GET /api/me",
        "GET /api/admin",
        "GET /api/step-up",
        "POST /api/orders",
        "GET /api/bearer",
        "GET /api/internal",
        "GET /api/access",
        "GET /api/tokens",
        "POST /api/tokens",
        "DELETE /api/tokens",
        "GET /api/session",
        "PATCH /api/session",
        "DELETE /api/session",
        "GET /api/sessions",
    ] {
        assert!(home.body.contains(call), "{call}");
    }
}

#[tokio::test]
async fn its_links_sign_in_and_out() {
    let site = Site::start().await;
    let home = site.open("/").await;
    let login = site
        .follow(&home, &link(&home, "/api/auth/signin?return_url="))
        .await;
    let home = site.choose(&login, "lin").await;
    assert_eq!(home.url.as_str(), site.at("/"));
    assert!(home.body.contains("Hello, Lin Sato"), "{home:?}");
    let home = site.follow(&home, &link(&home, "/api/auth/signout")).await;
    assert!(home.body.contains("You are not signed in"), "{home:?}");
    let sign_up = site.follow(&home, &link(&home, "register=true")).await;
    assert!(sign_up.body.contains("sign-up"), "{sign_up:?}");
}

#[tokio::test]
async fn answers_sign_in_and_out_and_stay_on_this_site() {
    for (query, end) in [
        ("", "/"),
        ("?return_url=%2Fstaff%3Fa%3D1", "/staff?a=1"),
        ("?return_url=https%3A%2F%2Fevil.example%2F", "/"),
        ("?return_url=%2F%2Fevil.example", "/"),
        ("?return_url=%2Fstaff&return_url=%2Fadmin", "/staff"),
        ("?other=1", "/"),
        ("?return_url=%2Fgo%2Fsign-in%3Freturn_url%3D%2Fgo%2Fsign-in", "/"),
    ] {
        let site = Site::start().await;
        let back = site.open_as(&format!("/go/sign-in{query}"), "mira").await;
        assert_eq!(back.url.as_str(), site.at(end), "{query}");
        assert_eq!(site.get("/api/me").await.0, 200);
        let out = site.open("/go/sign-out").await;
        assert!(out.body.contains("You are not signed in"), "{out:?}");
        assert_eq!(site.get("/api/me").await.0, 401);
    }
}
