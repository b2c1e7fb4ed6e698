//! From the home page to a guarded page and out again, with each kind of client.

use monocloud_runtime::settings::{AuthParams, ClientAuthMethod, ResponseMode};
use reqwest::Method;
use serde_json::json;
use support::UserAgent;

use crate::site::{Client, Site, log_in};

/// One test for each way to authenticate and each algorithm.
macro_rules! whole_path {
    ($($name:ident: $auth_method:ident, $alg:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            whole_path(Client { auth_method: ClientAuthMethod::$auth_method, alg: $alg }).await;
        }
    )*};
}

whole_path! {
    basic_and_rs256: ClientSecretBasic, "RS256";
    basic_and_es256: ClientSecretBasic, "ES256";
    basic_and_ps256: ClientSecretBasic, "PS256";
    basic_and_eddsa: ClientSecretBasic, "EdDSA";
    post_and_rs256: ClientSecretPost, "RS256";
    post_and_es256: ClientSecretPost, "ES256";
    post_and_ps256: ClientSecretPost, "PS256";
    post_and_eddsa: ClientSecretPost, "EdDSA";
}

async fn whole_path(client: Client) {
    let site = Site::start(client).await;
    let (ada, ben) = (UserAgent::new(), UserAgent::new());

    assert_eq!(site.visit(&ada, "/").await.body, "home: signed out");
    let me = ada.fetch(Method::GET, &site.app.at("/api/me")).await;
    assert_eq!(
        (me.status.as_u16(), me.json()),
        (401, json!({ "message": "unauthorized" }))
    );
    let claims = ada.fetch(Method::GET, &site.app.at("/api/auth/userinfo")).await;
    assert_eq!(claims.status, 204);

    let dashboard = site.sign_in(&ada, "/dashboard", "ada").await;
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
    assert_eq!(site.visit(&ada, "/").await.body, "home: signed in as Ada Byron");
    assert_eq!(
        site.visit(&ada, "/admin").await.body,
        "administration by Ada Byron"
    );
    // This provider tells names and groups by userinfo alone.
    let me = ada.fetch(Method::GET, &site.app.at("/api/me")).await;
    assert_eq!(me.status, 200);
    assert_eq!(me.json()["sub"], "ada");
    assert_eq!(me.json()["email"], "ada@example.com");
    assert_eq!(me.json()["groups"], json!(["admin", "editor"]));
    let claims = ada.fetch(Method::GET, &site.app.at("/api/auth/userinfo")).await;
    assert_eq!(claims.json()["sub"], "ada");

    site.sign_in(&ben, "/dashboard", "ben").await;
    assert_eq!(site.visit(&ben, "/admin").await.status, 403);
    let refused = ben.fetch(Method::GET, &site.app.at("/api/admin")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()),
        (403, json!({ "message": "forbidden" }))
    );

    sign_out(&site, &ada).await;
    site.open_login(&ada, "/dashboard").await;
    assert_eq!(site.visit(&ben, "/dashboard").await.body, "dashboard of Ben Okri");
}

async fn sign_out(site: &Site, agent: &UserAgent) {
    let question = site.visit(agent, "/api/auth/signout").await;
    assert!(
        question.url.as_str().starts_with(&site.peer.issuer),
        "{question:?}"
    );
    let home = agent.submit(&question, &[("logout", "yes")]).await;
    assert_eq!((home.url.path(), home.body.as_str()), ("/", "home: signed out"));
    let me = agent.fetch(Method::GET, &site.app.at("/api/me")).await;
    assert_eq!(me.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_comes_as_a_form() {
    let site = Site::configured(Client::default(), |app| {
        app.auth_params(AuthParams::new().response_mode(ResponseMode::FormPost))
    })
    .await;
    let agent = UserAgent::new();
    let login = site.open_login(&agent, "/dashboard").await;
    let consent = log_in(&agent, &login, "ada").await;
    // A browser with scripts sends this form by itself.
    let form = agent.submit(&consent, &[]).await;
    assert!(form.url.as_str().starts_with(&site.peer.issuer), "{form:?}");
    let dashboard = agent.submit(&form, &[]).await;
    site.assert_is_at(&dashboard, "/dashboard");
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_in_at_the_provider_already() {
    let site = Site::start(Client::default()).await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    let before = agent.cookies(&site.app.url);
    // No login page this time: the provider sends the browser straight back.
    let again = site.visit(&agent, "/api/auth/signin?return_url=/admin").await;
    site.assert_is_at(&again, "/admin");
    assert_eq!(again.body, "administration by Ada Byron");
    assert_ne!(agent.cookies(&site.app.url), before, "the session is a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_another_algorithm_is_refused() {
    let registered = Client {
        alg: "ES256",
        ..Client::default()
    };
    let site = Site::configured(registered, |app| app.id_token_signing_alg("PS256")).await;
    let agent = UserAgent::new();
    let login = site.open_login(&agent, "/dashboard").await;
    let consent = log_in(&agent, &login, "ada").await;
    let refusal = agent.submit(&consent, &[]).await;
    assert_eq!(
        (refusal.url.path(), refusal.status.as_u16()),
        ("/api/auth/callback", 400)
    );
    assert_eq!(site.visit(&agent, "/").await.body, "home: signed out");
}
