//! What the sign-ins ask for to which a guard sends, and what its own answers know of that.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use monocloud_runtime::settings::AuthParams;
use monocloud_runtime::testing::{MintedSession, Provider, session_cookie};
use monocloud_runtime::{Denied, DeniedReason, MonoCloud, monocloud_routes, protect, protect_api};

use crate::fixtures::{
    Answer, Browser, ORIGIN, choose, get, lin, logged, mira, parameter, provider, settings_of,
};
use crate::requested::EVERYTHING;

#[protect(auth_params(
    scopes = "openid orders",
    resource = "https://api.example.com",
    audience = "orders",
    prompt = "login",
    display = "popup",
    ui_locales = "pt en",
    acr_values = "urn:mfa urn:pin",
    authenticator_hint = "passkey",
    max_age = 60,
    login_hint = "mira@example.com",
    id_token_hint = "an.id.token",
    response_mode = "form_post",
))]
async fn everything() -> &'static str {
    "everything"
}

#[protect(auth_params(scopes = "openid orders"), return_url = "/elsewhere?x=1", groups = ["admin"])]
async fn orders() -> &'static str {
    "orders"
}

#[protect(max_age = 300, on_access_denied = first)]
async fn page() {}

#[protect_api(max_age = 300, on_access_denied = program)]
async fn api() {}

async fn first(denied: Denied) -> Response {
    if denied.reason() == DeniedReason::StepUp {
        let who = denied.user().unwrap().sub().to_owned();
        return (StatusCode::IM_A_TEAPOT, format!("{who} {}", denied.sign_in_url())).into_response();
    }
    (StatusCode::GONE, denied.sign_in_url()).into_response()
}

async fn program(denied: Denied) -> Response {
    match denied.challenge() {
        Some(challenge) => (
            StatusCode::UNAUTHORIZED,
            [(WWW_AUTHENTICATE, challenge)],
            "once more",
        )
            .into_response(),
        None => (StatusCode::GONE, "no challenge").into_response(),
    }
}

fn site(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/everything", on_get(everything))
        .route("/orders", on_get(orders))
        .route("/page", on_get(page))
        .route("/api", on_get(api))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer())
}

async fn followed(app: &Router, denied: &Answer) -> Answer {
    assert_eq!(denied.status, 303, "{denied:?}");
    let answer = get(app, denied.location().strip_prefix(ORIGIN).unwrap(), &[]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    answer
}

#[tokio::test]
async fn a_guards_sign_in_asks_for_its_parameters_whatever_the_settings_allow() {
    let provider = provider(Provider::builder()).await;
    for allowed in [false, true] {
        let auth = settings_of(&provider)
            .allow_query_param_overrides(allowed)
            .build()
            .unwrap();
        let site = site(&auth);
        let denied = get(&site, "/everything?x=1", &[]).await;
        assert!(parameter(denied.location(), "sealed").is_some(), "{denied:?}");
        let started = followed(&site, &denied).await;
        for (name, value) in EVERYTHING {
            assert_eq!(started.asked(name).as_deref(), Some(value), "{name}");
        }
        let cookies = started.cookies();
        assert!(
            cookies[0].has("samesite=none") && cookies[0].has("secure"),
            "{cookies:?}"
        );
    }
}

#[tokio::test]
async fn it_comes_back_to_the_page_and_has_the_scopes() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let site = site(&auth);
    let mut browser = Browser::new(&site);
    let denied = browser.get("/orders").await;
    let started = browser.get(denied.location().strip_prefix(ORIGIN).unwrap()).await;
    let callback = choose(&provider, started.location(), "mira").await;
    let back = browser.get(&callback).await;
    assert_eq!(back.location(), format!("{ORIGIN}/elsewhere?x=1"));
    assert_eq!(browser.get("/orders").await.body, "orders");
}

#[tokio::test]
async fn they_are_asked_for_and_bind_nobody_who_is_signed_in() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let old = MintedSession::new(mira()).auth_time(0).cookie(&auth);
    let answer = get(&site(&auth), "/everything", &[("cookie", &old)]).await;
    assert_eq!(answer.body, "everything");
}

#[tokio::test]
async fn what_the_settings_ask_for_already_is_not_sealed() {
    let provider = provider(Provider::builder()).await;
    let same = AuthParams::new().scopes("orders openid");
    let auth = settings_of(&provider).auth_params(same).build().unwrap();
    let denied = get(&site(&auth), "/orders", &[]).await;
    assert_eq!(
        denied.location(),
        format!("{ORIGIN}/api/auth/signin?return_url=%2Felsewhere%3Fx%3D1")
    );
}

#[tokio::test]
async fn signing_in_as_someone_else_asks_for_them_too() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let site = site(&auth);
    let cookie = session_cookie(&auth, lin());
    let denied = get(&site, "/orders", &[("cookie", &cookie)]).await;
    assert_eq!(denied.status, 403);
    let (_, link) = denied
        .body
        .split_once(&format!("href=\"{ORIGIN}/api/auth/signin?"))
        .unwrap();
    let link = format!("/api/auth/signin?{}", link.split('"').next().unwrap());
    let started = get(&site, &link, &[]).await;
    assert_eq!(started.asked("scope").as_deref(), Some("openid orders"));
    assert_eq!(started.asked("prompt").as_deref(), Some("select_account"));
}

#[tokio::test]
async fn who_has_to_sign_in_again_is_answered_by_who_answers_the_signed_out() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let site = site(&auth);
    let old = MintedSession::new(mira()).auth_time(0).cookie(&auth);
    let cookie = [("cookie", &*old)];
    let signed_out = get(&site, "/page", &[]).await;
    assert_eq!(signed_out.status, 410);
    let (answer, log) = logged(get(&site, "/page?x=1", &cookie)).await;
    assert_eq!(answer.status, 418, "{answer:?}");
    assert!(log.contains("step-up") && log.contains("mira"), "{log}");
    let (who, link) = answer.body.split_once(' ').unwrap();
    assert_eq!(who, "mira");
    let mut browser = Browser::with(&site, &old);
    let started = browser.get(link.strip_prefix(ORIGIN).unwrap()).await;
    assert_eq!(started.asked("max_age").as_deref(), Some("300"));

    let answer = get(&site, "/api", &cookie).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (401, "once more"));
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .contains("max_age=\"300\"")
    );
    assert_eq!(get(&site, "/api", &[]).await.body, "no challenge");
}
