//! Who gets to see what.

use serde_json::json;

use crate::site::Site;

const PAGES: [&str; 5] = ["/dashboard", "/step-up", "/admin", "/staff", "/imperative"];

#[tokio::test]
async fn who_is_signed_out_signs_in_and_comes_back() {
    for page in PAGES {
        let site = Site::start().await;
        let back = site.open_as(&format!("{page}?tab=2&q=%26"), "mira").await;
        assert_eq!(back.status, 200, "{back:?}");
        assert!(
            back.url.as_str().ends_with(&format!("{page}?tab=2&q=%26")),
            "{back:?}"
        );
        assert!(back.body.contains("Mira Adler"), "{back:?}");
    }
}

#[tokio::test]
async fn everybody_sees_what_their_groups_open() {
    for (user, expected) in [
        ("lin", [200, 200, 403, 403, 403]),
        ("tomas", [200, 200, 403, 403, 200]),
        ("mira", [200, 200, 200, 200, 200]),
    ] {
        let site = Site::with(user).await;
        for (page, status) in PAGES.into_iter().zip(expected) {
            let shown = site.open(page).await;
            assert_eq!(shown.status, status, "{user} at {page}: {shown:?}");
            assert_eq!(shown.url.path(), page, "no redirect");
        }
    }
}

#[tokio::test]
async fn the_step_up_page_asks_again_after_a_minute_and_resumes() {
    let site = Site::with("lin").await;
    assert_eq!(site.open("/step-up").await.url.path(), "/step-up");
    site.advance(61);
    assert_eq!(site.get("/step-up").await.0, 401, "a script cannot follow");
    assert_eq!(site.open("/dashboard").await.status, 200, "the session goes on");
    let back = site.open_as("/step-up?a=1&b=%26", "lin").await;
    assert_eq!(
        (back.status.as_u16(), back.url.as_str()),
        (200, &*site.at("/step-up?a=1&b=%26"))
    );
    site.advance(61);
    let other = site.open_as("/step-up", "mira").await;
    assert_eq!(other.url.path(), "/", "another account starts anew: {other:?}");
}

#[tokio::test]
async fn scripts_get_statuses_and_json() {
    let site = Site::start().await;
    let unauthorized = (401, json!({ "message": "unauthorized" }));
    for path in [
        "/api/me",
        "/api/admin",
        "/api/session",
        "/dashboard",
        "/imperative",
    ] {
        assert_eq!(site.get(path).await, unauthorized, "{path}");
    }
    let site = Site::with("tomas").await;
    let (status, me) = site.get("/api/me").await;
    assert_eq!((status, &me["sub"]), (200, &json!("tomas")));
    let forbidden = (403, json!({ "message": "forbidden" }));
    assert_eq!(site.get("/api/admin").await, forbidden);
    let site = Site::with("mira").await;
    let (status, answer) = site.get("/api/admin").await;
    assert_eq!(status, 200);
    assert!(answer["message"].as_str().unwrap().starts_with("Mira Adler"));
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let site = Site::start().await;
    assert_eq!(site.open("/nothing").await.status, 404);
}
