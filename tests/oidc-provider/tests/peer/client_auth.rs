//! Assertions in place of a secret, and requests that are pushed.

use monocloud_runtime::settings::{AuthParams, ClientAuthMethod, ResponseMode};
use oidc_provider_peer::client_key;
use reqwest::Method;
use serde_json::json;
use support::UserAgent;

use crate::site::{Client, Extra, Site, log_in, offline};

fn required_par() -> serde_json::Value {
    json!({ "features": { "pushedAuthorizationRequests": { "requirePushedAuthorizationRequests": true } } })
}

async fn signs_in(site: &Site) {
    let ada = UserAgent::new();
    let dashboard = site.sign_in(&ada, "/dashboard", "ada").await;
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
}

/// One test for each algorithm: the key as JWK, as PEM, and as PEM in one line.
macro_rules! private_keys {
    ($($name:ident: $alg:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            signs_with_a_key($alg).await;
        }
    )*};
}

private_keys! {
    a_key_signs_with_rs256: "RS256";
    a_key_signs_with_ps256: "PS256";
    a_key_signs_with_es256: "ES256";
    a_key_signs_with_eddsa: "EdDSA";
}

async fn signs_with_a_key(alg: &'static str) {
    let key = client_key(alg);
    let client = Client {
        auth_method: ClientAuthMethod::PrivateKeyJwt,
        ..Client::default()
    };
    let registered = Extra {
        client: json!({
            "jwks": { "keys": [key["public"]] },
            "token_endpoint_auth_signing_alg": alg,
        }),
        ..Extra::default()
    };
    let pem = key["pem"].as_str().unwrap().to_owned();
    for secret in [key["jwk"].to_string(), pem.clone(), pem.replace('\n', "\\n")] {
        let is_jwk = secret.starts_with('{');
        let site = Site::with(client, registered.clone(), |app| {
            let app = app.client_secret(secret);
            // A key in PEM does not say with which algorithm of RSA it signs.
            if is_jwk {
                app
            } else {
                app.client_assertion_signing_alg(alg)
            }
        })
        .await;
        signs_in(&site).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_signs_for_refreshes_and_revocations_too() {
    let key = client_key("ES256");
    let client = Client {
        auth_method: ClientAuthMethod::PrivateKeyJwt,
        ..Client::default()
    };
    let mut extra = Extra::with_refresh_tokens();
    extra.client["jwks"] = json!({ "keys": [key["public"]] });
    let mut site = Site::with(client, extra, |app| {
        offline(app)
            .client_secret(key["jwk"].to_string())
            .revoke_on_sign_out(true)
    })
    .await;
    let ada = UserAgent::new();
    site.sign_in(&ada, "/dashboard", "ada").await;
    let refreshed = site.tokens(&ada, Method::POST, &[]).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    site.visit(&ada, "/api/auth/signout").await;
    assert_eq!(
        site.peer.seen(),
        [
            "grant.success authorization_code",
            "grant.success refresh_token",
            "grant.revoked revocation"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_authenticates_an_assertion() {
    let client = Client {
        auth_method: ClientAuthMethod::ClientSecretJwt,
        ..Client::default()
    };
    signs_in(&Site::start(client).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_requires_pushed_requests_gets_them() {
    for auth_method in [
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::ClientSecretJwt,
    ] {
        let client = Client {
            auth_method,
            ..Client::default()
        };
        let extra = Extra {
            provider: required_par(),
            ..Extra::default()
        };
        let site = Site::with(client, extra, |app| app).await;
        signs_in(&site).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_pushed_where_the_setting_says_so() {
    let site = Site::configured(Client::default(), |app| app.use_par(true)).await;
    let agent = UserAgent::new();
    let login = site.open_login(&agent, "/dashboard").await;
    let carried = login.trail.iter().find(|url| url.path() == "/auth").unwrap();
    let names: Vec<_> = carried.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
}

/// All of it at once: a pushed request of a key, with much in it, whose answer is a form.
#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_of_a_key_with_everything_in_it() {
    let key = client_key("ES256");
    let client = Client {
        auth_method: ClientAuthMethod::PrivateKeyJwt,
        ..Client::default()
    };
    let mut provider = required_par();
    provider["acrValues"] = json!(["urn:example:strong"]);
    let extra = Extra {
        client: json!({ "jwks": { "keys": [key["public"]] } }),
        provider,
        ..Extra::default()
    };
    let site = Site::with(client, extra, |app| {
        app.client_secret(key["jwk"].to_string()).auth_params(
            AuthParams::new()
                .response_mode(ResponseMode::FormPost)
                .max_age(300)
                .acr_values("urn:example:strong urn:example:other")
                .prompt("login")
                .ui_locales("de en"),
        )
    })
    .await;
    let agent = UserAgent::new();
    let login = site.open_login(&agent, "/dashboard").await;
    let consent = log_in(&agent, &login, "ada").await;
    // A browser with scripts sends this form by itself.
    let form = agent.submit(&consent, &[]).await;
    let dashboard = agent.submit(&form, &[]).await;
    site.assert_is_at(&dashboard, "/dashboard");
    assert_eq!(dashboard.body, "dashboard of Ada Byron");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_older_than_max_age_is_asked_for_again() {
    let site = Site::configured(Client::default(), |app| {
        app.auth_params(AuthParams::new().max_age(5))
            .clock_tolerance(std::time::Duration::from_secs(30))
    })
    .await;
    let agent = UserAgent::new();
    site.sign_in(&agent, "/dashboard", "ada").await;
    tokio::time::sleep(std::time::Duration::from_millis(6_100)).await;
    let again = site.visit(&agent, "/api/auth/signin?return_url=/admin").await;
    site.assert_is_login(&again);
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_is_signed() {
    for alg in ["RS256", "ES256"] {
        let extra = Extra {
            client: json!({ "userinfo_signed_response_alg": alg }),
            provider: json!({ "features": { "jwtUserinfo": { "enabled": true } } }),
            ..Extra::default()
        };
        let site = Site::with(
            Client {
                alg,
                ..Client::default()
            },
            extra,
            |app| app,
        )
        .await;
        let ada = UserAgent::new();
        // Names and groups come by userinfo alone.
        let admin = site.sign_in(&ada, "/admin", "ada").await;
        assert_eq!(admin.body, "administration by Ada Byron");
    }
}
