//! Client authentication with assertions (RFC 7523): exactly what is sent, and what signs it.

use std::sync::{Arc, Mutex};

use http::{Response, StatusCode};
use monocloud_runtime::settings::{Builder, ClientAuthMethod};
use monocloud_runtime::testing::{ClientAuth, Clock, Endpoint, ProviderClient, RecordedRequest, SigningAlg};
use serde_json::{Value, json};

use crate::forge::unb64;
use crate::http_client::TokenEndpoint;
use crate::logging::collect;
use crate::rp::{CLIENT_ID, Rp, Setup};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SECRET: &str = "a secret that is long enough for HS512, which are sixty-four bytes";

/// A client with a key of its own, in the provider and in the settings.
fn with_key(alg: SigningAlg) -> Setup {
    with_client(ProviderClient::new(CLIENT_ID).private_key_jwt(alg), |settings| {
        settings
    })
}

fn with_secret(settings: impl Fn(Builder) -> Builder + 'static) -> Setup {
    let client = ProviderClient::new(CLIENT_ID)
        .secret_value(SECRET)
        .auth_method(ClientAuth::SecretJwt);
    with_client(client, settings)
}

fn with_client(client: ProviderClient, settings: impl Fn(Builder) -> Builder + 'static) -> Setup {
    let secret = client.secret().to_owned();
    Setup::new()
        .client(move |_| client.clone().id_token_alg(SigningAlg::Es256))
        .settings(move |builder| settings(builder.client_secret(&secret)))
}

fn use_secret_jwt(builder: Builder) -> Builder {
    builder.client_auth_method(ClientAuthMethod::ClientSecretJwt)
}

/// Header and claims of the assertion that an endpoint was sent.
fn assertion(request: &RecordedRequest) -> (Value, Value) {
    let parts: Vec<Value> = request
        .form("client_assertion")
        .unwrap()
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&unb64(part)).unwrap())
        .collect();
    let [header, claims] = parts.try_into().unwrap();
    (header, claims)
}

async fn signed_in(rp: &Rp) -> RecordedRequest {
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.last_request(Endpoint::Token).unwrap()
}

/// The algorithm of the assertion of a sign-in, where the metadata lists these.
async fn chosen(rp: &Rp, listed: Value) -> Value {
    rp.provider.tamper_metadata(move |metadata| {
        metadata["token_endpoint_auth_signing_alg_values_supported"] = listed.clone();
    });
    assertion(&signed_in(rp).await).0["alg"].clone()
}

#[tokio::test]
async fn a_key_of_each_algorithm_signs_in_by_itself() {
    for alg in SigningAlg::ALL {
        let client = ProviderClient::new(CLIENT_ID)
            .private_key_jwt(alg)
            .assertion_alg(alg.as_str());
        let setup = with_client(client, move |settings| {
            settings.client_assertion_signing_alg(alg.as_str())
        });
        let rp = setup.start().await;
        let (header, _) = assertion(&signed_in(&rp).await);
        assert_eq!(header, json!({ "alg": alg.as_str(), "typ": "JWT" }));
    }
}

#[tokio::test]
async fn an_assertion_is_for_the_issuer_for_a_minute_and_once() {
    let clock = Clock::fixed(1_900_000_000);
    for setup in [with_key(SigningAlg::Es256), with_secret(use_secret_jwt)] {
        let rp = setup.clock(&clock).start().await;
        let mut used = Vec::new();
        for _ in 0..2 {
            let request = signed_in(&rp).await;
            let (_, mut claims) = assertion(&request);
            let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
            assert_eq!(
                claims,
                json!({
                    "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": rp.provider.issuer(),
                    "iat": clock.now(), "exp": clock.now() + 60,
                })
            );
            assert!(jti.as_str().unwrap().len() >= 22 && !used.contains(&jti), "{jti}");
            used.push(jti);
            assert_eq!(request.form("client_assertion_type"), Some(TYPE));
            assert_eq!(request.form("client_id"), Some(CLIENT_ID));
            assert_eq!(request.form("client_secret"), None);
            assert_eq!(request.header("authorization"), None);
        }
    }
}

#[tokio::test]
async fn the_audience_is_the_issuer_as_it_writes_itself() {
    let setup = with_key(SigningAlg::EdDsa).provider(|provider| provider.issuer_path("/tenant/"));
    let rp = setup.start().await;
    let (_, claims) = assertion(&signed_in(&rp).await);
    assert_eq!(claims["aud"], rp.provider.issuer());
    assert!(rp.provider.issuer().ends_with("/tenant/"));
}

/// Its clock may be wrong, and the setting says by how much.
#[tokio::test]
async fn the_times_are_those_of_the_corrected_clock() {
    let clock = Clock::fixed(1_900_000_000);
    let settings = {
        let clock = clock.clone();
        move |settings: Builder| use_secret_jwt(settings).clock(clock.clone()).clock_skew(-300)
    };
    let rp = with_secret(settings)
        .provider(|provider| provider.clock(Arc::new(|| 1_899_999_700)))
        .start()
        .await;
    let (_, claims) = assertion(&signed_in(&rp).await);
    assert_eq!(claims["exp"], 1_899_999_760);
}

#[tokio::test]
async fn a_key_without_alg_signs_with_what_the_issuer_lists_rs256_first() {
    for (listed, alg, warns) in [
        (json!(null), "RS256", 0),
        (json!(["PS256", "RS384", "RS256", "ES256"]), "RS256", 0),
        (json!(["ES256", "PS512", "PS256"]), "PS256", 0),
        (json!("PS384 ES256"), "PS384", 0),
        (json!(["ES256", "HS256"]), "RS256", 1),
        (json!([]), "RS256", 0),
    ] {
        let log = collect();
        let rp = with_key(SigningAlg::Rs256).start().await;
        assert_eq!(chosen(&rp, listed.clone()).await, alg, "{listed}");
        let warnings = log
            .text()
            .matches("MONOCLOUD_AUTH_CLIENT_ASSERTION_SIGNING_ALG")
            .count();
        assert_eq!(warnings, warns, "{listed}");
    }
}

#[tokio::test]
async fn a_secret_authenticates_with_what_the_issuer_lists_hs256_first() {
    for (listed, alg) in [
        (json!(null), "HS256"),
        (json!(["RS256", "HS512", "HS384"]), "HS384"),
        (json!(["HS512", "HS256"]), "HS256"),
        (json!(["RS256"]), "HS256"),
    ] {
        let rp = with_secret(use_secret_jwt).start().await;
        assert_eq!(chosen(&rp, listed.clone()).await, alg, "{listed}");
    }
    let set = |settings| use_secret_jwt(settings).client_assertion_signing_alg("HS512");
    let rp = with_secret(set).start().await;
    assert_eq!(chosen(&rp, json!(["HS256"])).await, "HS512");
}

#[tokio::test]
async fn a_method_that_is_not_set_follows_from_the_secret_and_the_metadata() {
    let lists = |methods: &'static [ClientAuth]| {
        with_secret(|settings| settings)
            .provider(move |provider| provider.token_auth_methods(methods.iter().copied()))
    };
    let rp = lists(&[ClientAuth::SecretJwt, ClientAuth::PrivateKeyJwt])
        .start()
        .await;
    assert_eq!(assertion(&signed_in(&rp).await).0["alg"], "HS256");
    // A key is never sent, whatever is listed.
    let rp = with_key(SigningAlg::Es256)
        .provider(|provider| provider.token_auth_methods([ClientAuth::SecretBasic]))
        .start()
        .await;
    let log = collect();
    assert_eq!(assertion(&signed_in(&rp).await).0["alg"], "ES256");
    let text = log.text();
    assert_eq!(
        text.matches("MONOCLOUD_AUTH_CLIENT_AUTH_METHOD").count(),
        1,
        "{text}"
    );
}

#[tokio::test]
async fn an_assertion_that_the_issuer_refuses_and_repeats_is_not_logged() {
    let log = collect();
    let client = ProviderClient::new(CLIENT_ID).private_key_jwt(SigningAlg::Es256);
    let sent: Arc<Mutex<String>> = Arc::default();
    let seen = sent.clone();
    let rp = with_client(client, move |settings| {
        let seen = seen.clone();
        settings.http_client(TokenEndpoint::new(move |request| {
            let mut form = url::form_urlencoded::parse(request.body());
            let (_, assertion) = form.find(|(name, _)| name == "client_assertion").unwrap();
            *seen.lock().unwrap() = assertion.to_string();
            let body = json!({ "error": "invalid_client", "error_description": format!("not {assertion}") });
            let mut response = Response::new(body.to_string().into_bytes());
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response
        }))
    });
    let rp = rp.start().await;
    let page = rp.sign_in().await;
    rp.assert_refused(&page, 502);
    let text = log.text();
    assert!(text.contains("invalid_client: not [cut]"), "{text}");
    for part in sent.lock().unwrap().split('.') {
        assert!(!text.contains(part), "{text}");
    }
}
