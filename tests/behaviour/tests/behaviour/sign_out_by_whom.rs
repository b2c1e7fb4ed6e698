//! Who may sign somebody out: a person on this site, and a handler; another site only when the person agrees.

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::{Method, Request};
use monocloud_runtime::testing::{Endpoint, Provider, session_cookie};
use monocloud_runtime::{Auth, Error, SignOut, protect};

use crate::fixtures::{
    Answer, Browser, ORIGIN, app, at_rest, call, get, logged, mira, parameter, provider, send, settings,
    settings_of,
};

/// Where the form of the page posts.
fn action(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("<form").unwrap();
    let form = rest.split_once('>').unwrap().0;
    assert!(form.contains("method=\"post\""), "{form}");
    let (_, rest) = form.split_once("action=\"").unwrap();
    rest.split_once('"').unwrap().0.replace("&#38;", "&")
}

/// As a browser sends the form of that page, which tells nobody its address.
const FORM: &[(&str, &str)] = &[
    ("origin", "null"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];

#[tokio::test]
async fn a_link_of_another_site_signs_nobody_out_before_the_person_says_so() {
    let (auth, _) = at_rest(settings().federated_sign_out(false));
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    for site in ["cross-site", "same-site", "", "Same-Origin"] {
        for signed_in in ["other=1", &cookie] {
            let headers = [
                ("cookie", signed_in),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            let page = get(&app, "/api/auth/signout?post_logout_url=%2Fbye%3Fx%3D1", &headers).await;
            assert_eq!(
                (page.status.as_u16(), page.cookies().len()),
                (200, 0),
                "{site}: {page:?}"
            );
            assert_eq!(page.header("location"), None);
            let action = action(&page);
            assert!(
                action.starts_with(&format!("{ORIGIN}/api/auth/signout?")),
                "{action}"
            );
            assert_eq!(parameter(&action, "post_logout_url").as_deref(), Some("/bye?x=1"));
        }
    }
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 200);
    let posted = [&[("cookie", cookie.as_str())], FORM].concat();
    let answer = call(
        &app,
        Method::POST,
        "/api/auth/signout?post_logout_url=%2Fbye%3Fx%3D1",
        &posted,
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), answer.location(), answer.deleted()),
        (303, "http://localhost:3000/bye?x=1", vec!["session".to_owned()])
    );
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 303);
}

#[tokio::test]
async fn a_link_of_this_site_or_a_typed_address_asks_nothing() {
    let (auth, _) = at_rest(settings().federated_sign_out(false));
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let cookie = session_cookie(&auth, mira());
        let headers = [&[("cookie", cookie.as_str())], headers].concat();
        let answer = get(&app(&auth), "/api/auth/signout", &headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.deleted()),
            (303, vec!["session".to_owned()])
        );
    }
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_out() {
    let (auth, _) = at_rest(
        settings()
            .federated_sign_out(false)
            .trusted_origins(["https://www.example.com"]),
    );
    let app = app(&auth);
    let cookie = session_cookie(&auth, mira());
    for theirs in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("origin", "null"), ("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
        &[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "same-origin"),
        ],
        &[("origin", ORIGIN), ("origin", ORIGIN)],
        &[
            ("origin", "null"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "same-origin"),
        ],
    ] {
        let headers = [&[("cookie", cookie.as_str())], theirs].concat();
        let (answer, log) = logged(call(&app, Method::POST, "/api/auth/signout", &headers)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (403, 0),
            "{theirs:?}: {answer:?}"
        );
        assert!(
            log.contains("the sign-out route") && log.contains("WARN"),
            "{log}"
        );
    }
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 200);
    for ours in [
        &[("origin", ORIGIN)][..],
        &[("sec-fetch-site", "same-origin")],
        &[
            ("origin", "https://www.example.com"),
            ("sec-fetch-site", "cross-site"),
        ],
    ] {
        let cookie = session_cookie(&auth, mira());
        let headers = [&[("cookie", cookie.as_str())], ours].concat();
        let answer = call(&app, Method::POST, "/api/auth/signout", &headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.deleted()),
            (303, vec!["session".to_owned()]),
            "{ours:?}"
        );
    }
}

/// A form of the application's own, with this body.
async fn submitted(app: &Router, cookie: &str, query: &str, kind: &str, body: String) -> Answer {
    let request = Request::post(format!("/api/auth/signout{query}"))
        .header("cookie", cookie)
        .header("origin", ORIGIN)
        .header("content-type", kind)
        .body(Body::from(body))
        .unwrap();
    send(app, request).await
}

#[tokio::test]
async fn a_field_of_a_form_says_where_a_sign_out_ends_by_the_same_rules() {
    let (auth, _) = at_rest(
        settings()
            .federated_sign_out(false)
            .post_logout_redirect_uris(["https://partner.example/bye"]),
    );
    let app = app(&auth);
    let form = "application/x-www-form-urlencoded";
    for (query, kind, body, end) in [
        (
            "",
            form,
            "post_logout_url=%2Fbye%3Fx%3D1",
            "http://localhost:3000/bye?x=1",
        ),
        (
            "?post_logout_url=%2Fquery",
            form,
            "post_logout_url=%2Fform",
            "http://localhost:3000/form",
        ),
        (
            "?post_logout_url=%2Fquery",
            form,
            "",
            "http://localhost:3000/query",
        ),
        (
            "?post_logout_url=%2Fquery",
            form,
            "other=1",
            "http://localhost:3000/query",
        ),
        (
            "",
            form,
            "post_logout_url=https%3A%2F%2Fpartner.example%2Fbye",
            "https://partner.example/bye",
        ),
        ("", form, "post_logout_url=https%3A%2F%2Fevil.example", ORIGIN),
        (
            "?post_logout_url=%2Fquery",
            form,
            "post_logout_url=%2F%2Fevil.example",
            ORIGIN,
        ),
        ("", form, "\u{0}=\u{fffd}&&&=%zz%", ORIGIN),
        (
            "?post_logout_url=%2Fquery",
            "text/plain",
            "post_logout_url=%2Fform",
            "http://localhost:3000/query",
        ),
    ] {
        let cookie = session_cookie(&auth, mira());
        let answer = submitted(&app, &cookie, query, kind, body.to_owned()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, end),
            "{query} {body}"
        );
        assert_eq!(answer.deleted(), ["session"]);
    }
    let cookie = session_cookie(&auth, mira());
    for body in [
        "post_logout_url=%2Fa&post_logout_url=%2Fb".to_owned(),
        format!("x={}", "y".repeat(70_000)),
    ] {
        let answer = submitted(&app, &cookie, "", form, body).await;
        assert_eq!((answer.status.as_u16(), answer.cookies().len()), (400, 0));
    }
    assert_eq!(get(&app, "/page", &[("cookie", &cookie)]).await.status, 200);
}

/// An account's own page, which ends with a sign-out.
#[protect]
async fn close_account(auth: Auth) -> Result<SignOut, Error> {
    auth.sign_out(Some("/goodbye")).await
}

async fn unguarded(auth: Auth) -> Result<SignOut, Error> {
    auth.sign_out(None).await
}

#[tokio::test]
async fn a_handler_signs_out_by_its_own_answer_and_nobody_is_asked() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth).merge(
        Router::new()
            .route("/close", post(close_account))
            .route("/unguarded", post(unguarded))
            .layer(auth.layer()),
    );
    let mut browser = Browser::new(&app);
    browser.sign_in(&provider, "mira").await;
    browser.get("/").await;
    browser.wait();
    let cookies = browser.cookies();
    let theirs = [("cookie", cookies.as_str()), ("sec-fetch-site", "cross-site")];
    let answer = call(&app, Method::POST, "/unguarded", &theirs).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location(), answer.cookies().len()),
        (303, ORIGIN, 0)
    );
    let ours = [("cookie", cookies.as_str()), ("sec-fetch-site", "same-origin")];
    let answer = call(&app, Method::POST, "/close", &ours).await;
    assert!(
        answer.location().starts_with(&provider.url(Endpoint::EndSession)),
        "{answer:?}"
    );
    assert_eq!(
        answer.asked("post_logout_redirect_uri").as_deref(),
        Some("http://localhost:3000/goodbye")
    );
    assert!(answer.asked("id_token_hint").is_some());
    assert!(answer.deleted().contains(&"session".to_owned()), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(
        get(&app, "/page", &[("cookie", &cookies)]).await.status,
        303,
        "a copy is dead"
    );
}
