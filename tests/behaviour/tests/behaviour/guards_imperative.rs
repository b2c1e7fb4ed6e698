//! `auth.protect` in a handler answers as `#[protect]` does.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use http::Method;
use monocloud_runtime::testing::{MintedSession, ProviderUser, session_cookie};
use monocloud_runtime::{Auth, Denied, DeniedReason, MonoCloud, Protect, User, monocloud_routes, protect};
use serde_json::json;

use crate::Group;
use crate::fixtures::{Answer, Browser, ORIGIN, Person, at_rest, call, get, lin, logged, mira, settings};
use crate::step_up::{NOW, Site, on_to_the_issuer};

async fn signed_in(auth: Auth) -> Result<&'static str, Denied> {
    auth.protect(Protect::new()).await?;
    Ok("inside")
}

#[protect]
async fn signed_in_by_macro() -> &'static str {
    "inside"
}

async fn admins(auth: Auth) -> Result<&'static str, Denied> {
    auth.protect(Protect::new().groups(["admin"])).await?;
    Ok("inside")
}

#[protect(groups = ["admin"])]
async fn admins_by_macro() -> &'static str {
    "inside"
}

async fn stepped_up(auth: Auth) -> Result<&'static str, Denied> {
    let options = Protect::new().max_age(300).acr_values(["urn:mfa", "urn:pin"]);
    auth.protect(options).await?;
    Ok("inside")
}

#[protect(max_age = 300, acr_values = ["urn:mfa", "urn:pin"])]
async fn stepped_up_by_macro() -> &'static str {
    "inside"
}

fn said(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/page", any(signed_in))
        .route("/admin", any(admins))
        .route("/strong", any(stepped_up))
        .layer(auth.layer())
}

fn written(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/page", any(signed_in_by_macro))
        .route("/admin", any(admins_by_macro))
        .route("/strong", any(stepped_up_by_macro))
        .layer(auth.layer())
}

/// A handler whose options are made while it runs.
fn with(auth: &MonoCloud, options: impl Fn() -> Protect + Clone + Send + Sync + 'static) -> Router {
    let handler = async move |auth: Auth| -> Result<&'static str, Denied> {
        let user = auth.protect(options()).await?;
        assert_eq!(
            Some(user),
            auth.session().await.map(|session| session.user().clone())
        );
        Ok("inside")
    };
    Router::new().route("/page", any(handler)).layer(auth.layer())
}

async fn status(app: &Router, auth: &MonoCloud, user: ProviderUser) -> u16 {
    let answer = get(app, "/page", &[("cookie", &session_cookie(auth, user))]).await;
    answer.status.as_u16()
}

/// What may not differ: all but sealed values, which are never the same twice.
fn told(answer: &Answer) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| unsealed(&format!("{name}: {}", value.to_str().unwrap())))
        .collect();
    headers.sort();
    format!("{} {headers:?} {}", answer.status, unsealed(&answer.body))
}

fn unsealed(text: &str) -> String {
    let Some((before, rest)) = text.split_once("?sealed=") else {
        return text.to_owned();
    };
    let after = rest.find('"').map_or("", |end| &rest[end..]);
    format!("{before}?sealed{after}")
}

#[tokio::test]
async fn every_no_is_the_one_of_the_macro() {
    let (auth, _) = at_rest(settings());
    let (said, written) = (said(&auth), written(&auth));
    let (mira, lin) = (session_cookie(&auth, mira()), session_cookie(&auth, lin()));
    let requests: &[&[(&str, &str)]] = &[
        &[],
        &[("sec-fetch-mode", "navigate")],
        &[("sec-fetch-mode", "cors")],
        &[("x-requested-with", "XMLHttpRequest")],
        &[("sec-purpose", "prefetch")],
        &[("connection", "upgrade"), ("upgrade", "websocket")],
        &[
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("origin", ORIGIN),
        ],
        &[
            ("hx-request", "true"),
            ("hx-current-url", "http://localhost:3000/list?page=2"),
        ],
        &[
            ("hx-request", "true"),
            ("hx-current-url", "https://evil.example/"),
        ],
        &[("referer", "http://localhost:3000/form"), ("origin", ORIGIN)],
        &[("origin", "https://evil.example")],
        &[("origin", ORIGIN)],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-origin")],
    ];
    let mut seen = std::collections::BTreeSet::new();
    for headers in requests {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::CONNECT] {
            for cookie in [None, Some(&mira), Some(&lin)] {
                for page in ["/page?a=1&b=%26", "/admin", "/strong?a=1"] {
                    let mut headers = headers.to_vec();
                    headers.extend(cookie.map(|cookie| ("cookie", cookie.as_str())));
                    let said = call(&said, method.clone(), page, &headers).await;
                    let written = call(&written, method.clone(), page, &headers).await;
                    assert_eq!(told(&said), told(&written), "{method} {page} {headers:?}");
                    seen.insert(said.status.as_u16());
                }
            }
        }
    }
    assert_eq!(Vec::from_iter(seen), [200, 303, 401, 403]);
}

#[tokio::test]
async fn a_sign_in_that_is_too_old_or_too_weak_is_asked_for_again_and_resumes() {
    let site = Site::start().await;
    let app = said(&site.auth).merge(monocloud_routes!(site.auth).layer(site.auth.layer()));
    for (session, status) in [
        (MintedSession::new(mira()), 303),
        (
            MintedSession::new(mira()).acr("urn:mfa").auth_time(NOW - 301),
            303,
        ),
        (MintedSession::new(mira()).acr("urn:other"), 303),
        (
            MintedSession::new(mira()).acr("urn:mfa").auth_time(NOW - 300),
            200,
        ),
    ] {
        let answer = get(&app, "/strong", &[("cookie", &session.cookie(&site.auth))]).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }

    let (mut browser, person) = (Browser::new(&app), Person::new());
    let started = browser.start("").await;
    let mira = [("user", "mira")];
    let callback = person.answer(&site.provider, started.location(), &mira).await;
    browser.get(&callback).await;
    let denied = browser.get("/strong?a=1&b=%26").await;
    let started = on_to_the_issuer(&mut browser, &denied).await;
    assert_eq!(started.asked("acr_values").as_deref(), Some("urn:mfa urn:pin"));
    assert_eq!(started.asked("max_age").as_deref(), Some("300"));
    let callback = person.answer(&site.provider, started.location(), &mira).await;
    let back = browser.get(&callback).await;
    assert_eq!(back.location(), format!("{ORIGIN}/strong?a=1&b=%26"));
    assert_eq!(browser.get("/strong").await.body, "inside");
}

#[tokio::test]
async fn who_signs_in_comes_back_to_the_page_that_was_asked_for() {
    let (auth, _) = at_rest(settings());
    let inner = Router::new().route("/page", any(signed_in));
    let app = Router::new().nest("/in", inner).layer(auth.layer());
    let answer = get(&app, "/in/page?a=1&b=%26", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.asked("return_url").as_deref(), Some("/in/page?a=1&b=%26"));
}

#[tokio::test]
async fn a_return_url_stands_in_for_the_page_and_leads_nowhere_else() {
    let (auth, _) = at_rest(settings());
    for (given, back) in [
        ("/welcome?x=1", "/welcome?x=1"),
        ("https://evil.example/", "/page"),
        ("//evil.example", "/page"),
        ("/api/auth/signout", "/page"),
    ] {
        let app = with(&auth, move || Protect::new().return_url(given));
        let answer = get(&app, "/page", &[]).await;
        assert_eq!(answer.asked("return_url").as_deref(), Some(back), "{given}");
    }
}

#[tokio::test]
async fn groups_are_asked_as_they_are_said() {
    let (auth, _) = at_rest(settings());
    let of = |groups: &[&str]| ProviderUser::new("someone").claim("groups", json!(groups));
    let any = with(&auth, || Protect::new().groups(["admin", "editor"]));
    assert_eq!(status(&any, &auth, of(&["admins", "Editor", ""])).await, 403);
    assert_eq!(status(&any, &auth, of(&["editor"])).await, 200);

    let all = with(&auth, || {
        Protect::new()
            .groups([Group::Admin, Group::Editor])
            .match_all(true)
    });
    assert_eq!(status(&all, &auth, of(&["editor"])).await, 403);
    assert_eq!(status(&all, &auth, of(&["editor", "admin"])).await, 200);

    let made = with(&auth, || Protect::new().groups([format!("project-{}", 7)]));
    assert_eq!(status(&made, &auth, of(&["project-8"])).await, 403);
    assert_eq!(status(&made, &auth, of(&["project-7"])).await, 200);
}

#[tokio::test]
async fn no_group_and_no_class_at_all_lets_nobody_in() {
    let (auth, _) = at_rest(settings());
    for match_all in [false, true] {
        let none = with(&auth, move || {
            Protect::new().groups(Vec::<String>::new()).match_all(match_all)
        });
        assert_eq!(status(&none, &auth, mira()).await, 403);
        assert_eq!(get(&none, "/page", &[]).await.status, 303, "signed out");
    }
    let none = with(&auth, || Protect::new().acr_values([""; 0]));
    assert_eq!(status(&none, &auth, mira()).await, 403);
}

#[tokio::test]
async fn a_claim_that_is_named_is_the_one_that_is_read() {
    let (auth, _) = at_rest(settings());
    let app = with(&auth, || {
        Protect::new().groups(["auditor"]).groups_claim("realm.roles")
    });
    let user = |name: &str, value| ProviderUser::new("someone").claim(name, value);
    assert_eq!(status(&app, &auth, user("groups", json!(["auditor"]))).await, 403);
    let nested = user("realm", json!({ "roles": ["auditor"] }));
    assert_eq!(status(&app, &auth, nested).await, 200);
}

async fn who(auth: &Auth) -> String {
    let session = auth.session().await;
    session.map_or_else(|| "nobody".to_owned(), |session| session.user().sub().to_owned())
}

async fn open(auth: Auth) -> Result<String, Denied> {
    let before = who(&auth).await;
    auth.protect(Protect::new().csrf(false)).await?;
    Ok(format!("{before}, then {}", who(&auth).await))
}

#[protect(csrf = false)]
async fn open_then_strict(auth: Auth) -> Result<String, Denied> {
    auth.protect(Protect::new()).await?;
    Ok(who(&auth).await)
}

#[tokio::test]
async fn another_site_is_let_in_only_where_that_is_said() {
    let (auth, _) = at_rest(settings());
    let app = Router::new()
        .route("/open", post(open))
        .route("/strict", post(open_then_strict))
        .layer(auth.layer());
    let cookie = session_cookie(&auth, mira());
    let foreign = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    let strict = call(&app, Method::POST, "/strict", &foreign).await;
    assert_eq!(strict.status, 403, "{strict:?}");
    assert!(strict.body.contains("Request refused"), "{strict:?}");
    let open = call(&app, Method::POST, "/open", &foreign).await;
    assert_eq!(open.body, "nobody, then mira");
    let own = [("cookie", cookie.as_str()), ("origin", ORIGIN)];
    assert_eq!(call(&app, Method::POST, "/strict", &own).await.body, "mira");
}

#[tokio::test]
async fn a_session_that_the_handler_ended_lets_nobody_in() {
    let (auth, _) = at_rest(settings());
    let handler = async |auth: Auth| -> Result<&'static str, Denied> {
        auth.destroy_session().await.unwrap();
        auth.protect(Protect::new()).await?;
        Ok("inside")
    };
    let app = Router::new().route("/page", any(handler)).layer(auth.layer());
    let answer = get(&app, "/page", &[("cookie", &session_cookie(&auth, mira()))]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

struct Failure(Denied);

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self(denied)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let denied = self.0;
        let name = denied.user().map_or("nobody", User::sub).to_owned();
        assert_eq!(denied.reason(), DeniedReason::WrongGroup);
        let (groups, method, uri) = (denied.groups(), denied.method(), denied.uri());
        format!("{denied}: {name} {groups:?} {method} {uri}").into_response()
    }
}

async fn own_error(auth: Auth) -> Result<&'static str, Failure> {
    auth.protect(Protect::new().groups(["admin"])).await?;
    Ok("inside")
}

#[tokio::test]
async fn a_handler_may_make_an_error_of_its_own_of_it() {
    let (auth, _) = at_rest(settings());
    let app = Router::new().route("/page", any(own_error)).layer(auth.layer());
    let answer = get(&app, "/page?q=1", &[("cookie", &session_cookie(&auth, lin()))]).await;
    assert_eq!(
        answer.body,
        r#"whoever is signed in is not in the groups that are asked for: lin ["admin"] GET /page?q=1"#
    );
}

#[tokio::test]
async fn a_denial_is_logged_under_its_name_without_the_query() {
    let (auth, _) = at_rest(settings());
    let app = said(&auth);
    let cookie = session_cookie(&auth, lin());
    let (answer, log) = logged(get(&app, "/admin?token=secret", &[("cookie", &cookie)])).await;
    assert_eq!(answer.status, 403);
    assert!(
        log.contains("auth.protect") && log.contains("wrong group"),
        "{log}"
    );
    assert!(!log.contains("secret"), "{log}");
}
