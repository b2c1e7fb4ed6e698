//! Who gets to see what.

use serde_json::json;

use crate::site::Site;

const PAGES: [&str; 10] = [
    "/dashboard",
    "/step-up",
    "/second-factor",
    "/account",
    "/sessions",
    "/admin",
    "/staff",
    "/events",
    "/internal",
    "/imperative",
];

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
        ("lin", [200, 200, 200, 200, 200, 403, 403, 403, 403, 403]),
        ("tomas", [200, 200, 200, 200, 200, 403, 403, 403, 403, 200]),
        ("mira", [200; 10]),
    ] {
        let site = Site::with(user).await;
        site.open_as("/second-factor", user).await;
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
async fn a_second_factor_is_asked_for_once() {
    let site = Site::with("lin").await;
    assert_eq!(site.get("/api/session").await.1["acr"], json!(null));
    let back = site.open_as("/second-factor?a=1", "lin").await;
    assert_eq!(back.url.as_str(), site.at("/second-factor?a=1"));
    assert!(back.body.contains("urn:showcase:second-factor"), "{back:?}");
    assert_eq!(site.get("/second-factor").await.0, 200);
}

#[tokio::test]
async fn an_api_tells_which_sign_in_it_asks_for() {
    let site = Site::with("lin").await;
    assert_eq!(site.get("/api/step-up").await.0, 200);
    site.advance(61);
    let (status, challenge) = site.challenge("/api/step-up").await;
    assert_eq!(status, 401);
    assert!(
        challenge.contains("insufficient_user_authentication") && challenge.contains("max_age=\"60\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn scripts_get_statuses_and_json() {
    let site = Site::start().await;
    let unauthorized = (401, json!({ "message": "unauthorized" }));
    for path in [
        "/api/me",
        "/api/admin",
        "/api/session",
        "/api/step-up",
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
