//! What one sign-in asks for in place of the configured parameters: by a link, and by an answer.

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use http::Request;
use monocloud_runtime::settings::{AuthParams, ResponseMode};
use monocloud_runtime::testing::Provider;
use monocloud_runtime::{Auth, MonoCloud, SignIn, SignInUrl, monocloud_routes};

use crate::fixtures::{
    Answer, Browser, ORIGIN, app, at_rest, choose, get, logged, parameter, provider, send, settings,
    settings_of,
};

/// Every parameter, and its value in the authorization request.
pub(crate) const EVERYTHING: [(&str, &str); 12] = [
    ("scope", "openid orders"),
    ("resource", "https://api.example.com"),
    ("audience", "orders"),
    ("prompt", "login"),
    ("display", "popup"),
    ("ui_locales", "pt en"),
    ("acr_values", "urn:mfa urn:pin"),
    ("authenticator_hint", "passkey"),
    ("max_age", "60"),
    ("login_hint", "mira@example.com"),
    ("id_token_hint", "an.id.token"),
    ("response_mode", "form_post"),
];

macro_rules! with_everything {
    ($to:expr) => {
        $to.scopes("openid orders")
            .resource("https://api.example.com")
            .audience("orders")
            .prompt("login")
            .display("popup")
            .ui_locales("pt en")
            .acr_values("urn:mfa urn:pin")
            .authenticator_hint("passkey")
            .max_age(60)
            .login_hint("mira@example.com")
            .id_token_hint("an.id.token")
            .response_mode(ResponseMode::FormPost)
    };
}

async fn followed(app: &Router, link: &str) -> Answer {
    let answer = get(app, link.strip_prefix(ORIGIN).unwrap(), &[]).await;
    assert_eq!(answer.status, 303, "{link}: {answer:?}");
    answer
}

fn assert_asks_for_everything(started: &Answer) {
    for (name, value) in EVERYTHING {
        assert_eq!(started.asked(name).as_deref(), Some(value), "{name}");
    }
}

/// The page of a handler that sends everybody to sign in.
fn site(auth: &MonoCloud) -> Router {
    async fn plain(auth: Auth) -> SignIn {
        auth.sign_in()
    }
    async fn everything(auth: Auth) -> Result<&'static str, SignIn> {
        Err(with_everything!(auth.sign_in()).return_url("/elsewhere"))
    }
    async fn sign_up(auth: Auth) -> SignIn {
        auth.sign_up_url().into()
    }
    Router::new()
        .route("/plain", on_get(plain))
        .route("/everything", on_get(everything))
        .route("/sign-up", on_get(sign_up))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer())
}

#[tokio::test]
async fn a_link_takes_every_parameter_whatever_the_settings_allow() {
    let provider = provider(Provider::builder()).await;
    for allowed in [false, true] {
        let auth = settings_of(&provider)
            .allow_query_param_overrides(allowed)
            .build()
            .unwrap();
        let link = with_everything!(auth.sign_in_url()).to_string();
        assert!(!link.contains("orders") && !link.contains("mira@"), "{link}");
        assert_asks_for_everything(&followed(&app(&auth), &link).await);
        let against = format!(
            "{link}&scope=openid&resource=https://evil.example&audience=evil&prompt=none&display=page\
             &ui_locales=xx&acr_values=none&authenticator_hint=evil&max_age=99999&login_hint=evil"
        );
        assert_asks_for_everything(&followed(&app(&auth), &against).await);
    }
}

#[tokio::test]
async fn nothing_that_is_configured_is_sealed_again() {
    let defaults = with_everything!(AuthParams::new());
    let (auth, _) = at_rest(settings().auth_params(defaults));
    let again: SignInUrl = with_everything!(auth.sign_in_url()).scopes("orders openid");
    assert_eq!(again.to_string(), format!("{ORIGIN}/api/auth/signin"));
    let other = again.response_mode(ResponseMode::Query).to_string();
    assert!(parameter(&other, "sealed").is_some(), "{other}");
}

#[tokio::test]
async fn what_cannot_be_used_is_passed_over_and_said() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    for (link, parameter) in [
        (auth.sign_in_url().scopes("profile"), "scopes"),
        (auth.sign_in_url().scopes("openid \"x\""), "scopes"),
        (auth.sign_in_url().resource("orders"), "resource"),
        (
            auth.sign_in_url().resource("https://api.example.com/#part"),
            "resource",
        ),
    ] {
        let started = followed(&app(&auth), &link.to_string()).await;
        assert_eq!(started.asked("scope").as_deref(), Some("openid profile email"));
        assert_eq!(started.asked("resource"), None, "{parameter}");
    }
    let (_, log) = logged(async { auth.sign_in_url().scopes("profile").to_string() }).await;
    assert!(log.contains("scopes") && log.contains("openid"), "{log}");
}

#[tokio::test]
async fn an_answer_sends_the_browser_to_sign_in_and_back() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let site = site(&auth);
    let plain = get(&site, "/plain?x=1", &[]).await;
    assert_eq!(plain.status, 303);
    assert_eq!(
        plain.location(),
        format!("{ORIGIN}/api/auth/signin?return_url=%2Fplain%3Fx%3D1")
    );
    assert_eq!(plain.header("cache-control"), Some("private, no-store"));
    let sign_up = get(&site, "/sign-up", &[]).await;
    assert_eq!(sign_up.asked("register").as_deref(), Some("true"));

    let mut browser = Browser::new(&site);
    let everything = browser.get("/everything").await;
    assert_eq!(everything.status, 303);
    let link = everything.location().to_owned();
    assert_asks_for_everything(&browser.get(link.strip_prefix(ORIGIN).unwrap()).await);
}

/// The issuer's page posts to the callback from another site, and a cookie that is `Lax` stays behind.
#[tokio::test]
async fn a_form_post_that_a_link_asks_for_finds_its_sign_in() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider).build().unwrap();
    let app = app(&auth);
    let mut browser = Browser::new(&app);
    let link = auth
        .sign_in_url()
        .return_url("/page")
        .response_mode(ResponseMode::FormPost)
        .to_string();
    let started = browser.get(link.strip_prefix(ORIGIN).unwrap()).await;
    let assert_crosses = |answer: &Answer, begins: &str| {
        let cookies = answer.cookies();
        let cookie = cookies.iter().find(|cookie| cookie.name.starts_with(begins));
        let cookie = cookie.unwrap_or_else(|| panic!("{begins}: {answer:?}"));
        assert!(cookie.has("samesite=none") && cookie.has("secure"), "{cookie:?}");
    };
    assert_crosses(&started, "state.");
    let page = choose(&provider, started.location(), "mira").await;
    let field = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &field("code"))
        .append_pair("state", &field("state"))
        .append_pair("iss", &field("iss"))
        .finish();
    let request = || {
        Request::post("/api/auth/callback")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", browser.cookies())
            .header("origin", "null")
            .body(Body::from(form.clone()))
            .unwrap()
    };
    let answer = send(&app, request()).await;
    assert_eq!(answer.location(), format!("{ORIGIN}/page"));
    assert_crosses(&answer, "state.rounds");
    let (name, _) = browser.jar[0].clone();
    assert_crosses(&answer, &name);
    let again = send(&app, request()).await;
    assert_eq!(again.location(), format!("{ORIGIN}/page"), "asked again at once");
}

#[tokio::test]
async fn without_secure_cookies_the_response_comes_in_the_query() {
    let provider = provider(Provider::builder()).await;
    let auth = settings_of(&provider)
        .app_url("http://app.example.com")
        .build()
        .unwrap();
    let app = app(&auth);
    let link = auth
        .sign_in_url()
        .response_mode(ResponseMode::FormPost)
        .to_string();
    let link = link.strip_prefix("http://app.example.com").unwrap();
    let (answer, log) = logged(get(&app, link, &[])).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.asked("response_mode"), None);
    assert!(answer.cookies().iter().all(|cookie| cookie.has("samesite=lax")));
    assert!(log.contains("MONOCLOUD_AUTH_APP_URL"), "{log}");
}
