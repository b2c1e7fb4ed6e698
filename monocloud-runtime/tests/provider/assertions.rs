//! Client authentication with assertions: what is accepted, and all that is not.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{ClientAuth, Endpoint, Provider, ProviderClient, SigningAlg};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::relying_party::*;

pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SECRET: &str = "a secret that is long enough for HS512, which are sixty-four bytes";
const NOW: i64 = 1_900_000_000;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn token_of(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", b64(signature))
}

pub(crate) fn with_secret(secret: &str, claims: &Value) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    token_of(&json!({ "alg": "HS256" }), claims, |message| {
        hmac::sign(&key, message).as_ref().to_vec()
    })
}

pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": b64(x), "y": b64(y) })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        token_of(header, claims, |message| {
            self.0
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec()
        })
    }
}

pub(crate) async fn provider(client: ProviderClient) -> Provider {
    let builder = Provider::builder()
        .default_client(client)
        .clock(std::sync::Arc::new(|| NOW));
    builder.start().await.unwrap()
}

pub(crate) fn claims(provider: &Provider, jti: &str) -> Value {
    let id = provider.client_id();
    json!({ "iss": id, "sub": id, "aud": provider.issuer(), "jti": jti, "iat": NOW, "exp": NOW + 60 })
}

/// Exchanges a code with these fields beside the usual ones.
async fn exchanged(provider: &Provider, fields: &[(&str, &str)]) -> (StatusCode, Value) {
    let code = Browser::new().code(provider, &[]).await;
    let mut form = exchange(&code);
    form.extend(fields);
    let page = Browser::new().post(&provider.url(Endpoint::Token), &form).await;
    (page.status, serde_json::from_str(&page.body).unwrap())
}

async fn with_assertion(provider: &Provider, assertion: &str) -> (StatusCode, Value) {
    let fields = [("client_assertion_type", TYPE), ("client_assertion", assertion)];
    exchanged(provider, &fields).await
}

#[track_caller]
fn is_refused((status, body): &(StatusCode, Value), words: &str) {
    assert_eq!(*status, StatusCode::UNAUTHORIZED, "{body}");
    assert_eq!(body["error"], "invalid_client");
    assert!(
        body["error_description"].as_str().unwrap().contains(words),
        "{words}: {body}"
    );
}

fn secret_client() -> ProviderClient {
    ProviderClient::new("jwt")
        .secret_value(SECRET)
        .auth_method(ClientAuth::SecretJwt)
}

#[tokio::test]
async fn an_assertion_of_the_client_is_good_once() {
    let provider = provider(secret_client()).await;
    let assertion = with_secret(SECRET, &claims(&provider, "1"));
    let (status, body) = with_assertion(&provider, &assertion).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    is_refused(&with_assertion(&provider, &assertion).await, "was used before");
    let next = with_secret(SECRET, &claims(&provider, "2"));
    assert_eq!(with_assertion(&provider, &next).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_assertion_whose_claims_are_wrong_is_refused() {
    let provider = provider(secret_client()).await;
    for (name, value, words) in [
        (
            "aud",
            json!(provider.url(Endpoint::Token)),
            "aud is not the issuer",
        ),
        ("aud", json!([provider.issuer()]), "as one string"),
        ("aud", json!(null), "aud is not the issuer"),
        ("iss", json!("other"), "iss is not its sub"),
        ("sub", json!("other"), "iss is not its sub"),
        ("sub", json!(null), "has no sub"),
        ("exp", json!(null), "has no exp"),
        ("exp", json!(NOW), "has expired"),
        ("exp", json!(NOW + 61), "more than 60 seconds"),
        ("iat", json!(NOW + 1), "of the future"),
        ("nbf", json!(NOW + 1), "of the future"),
        ("jti", json!(null), "has no jti"),
        ("jti", json!(""), "has no jti"),
    ] {
        let mut claims = claims(&provider, "1");
        claims[name] = value;
        is_refused(
            &with_assertion(&provider, &with_secret(SECRET, &claims)).await,
            words,
        );
    }
    // None of them has spent the `jti`.
    let good = with_secret(SECRET, &claims(&provider, "1"));
    assert_eq!(with_assertion(&provider, &good).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_assertion_that_the_client_did_not_sign_is_refused() {
    let key = Key::new();
    let signing = ProviderClient::new("jwt").public_key(key.jwk());
    let provider = provider(signing).await;
    let header = json!({ "alg": "ES256", "kid": "1" });
    let of = |jti: &str| claims(&provider, jti);
    for (assertion, words) in [
        (Key::new().sign(&header, &of("1")), "no key of the client"),
        (
            key.sign(&json!({ "alg": "ES256", "kid": "2" }), &of("1")),
            "no key of the client",
        ),
        (
            key.sign(&json!({ "alg": "ES384", "kid": "1" }), &of("1")),
            "no key of the client",
        ),
        (
            key.sign(&json!({ "alg": "none" }), &of("1")),
            "no key of the client",
        ),
        (
            key.sign(&json!({ "alg": "ES256", "crit": ["x"] }), &of("1")),
            "critical extension",
        ),
        (
            with_secret(provider.client_secret(), &of("1")),
            "another authentication method",
        ),
        ("a.b.c".to_owned(), "no JWT"),
    ] {
        is_refused(&with_assertion(&provider, &assertion).await, words);
    }
    for (jti, header) in [("2", header), ("3", json!({ "alg": "ES256" }))] {
        assert_eq!(
            with_assertion(&provider, &key.sign(&header, &of(jti))).await.0,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn only_the_registered_algorithm_and_method_are_accepted() {
    let provider = provider(secret_client().assertion_alg("HS512")).await;
    let assertion = with_secret(SECRET, &claims(&provider, "1"));
    is_refused(&with_assertion(&provider, &assertion).await, "another alg");
    let basic = token_as(&provider, "jwt", SECRET, &exchange("x")).await;
    assert_eq!(basic.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_assertion_stands_alone_and_names_its_type() {
    let provider = provider(secret_client()).await;
    let assertion = with_secret(SECRET, &claims(&provider, "1"));
    for fields in [
        vec![("client_assertion", assertion.as_str())],
        vec![("client_assertion", &assertion), ("client_assertion_type", "jwt")],
        vec![
            ("client_assertion", &assertion),
            ("client_assertion_type", TYPE),
            ("client_secret", SECRET),
        ],
        vec![
            ("client_assertion", &assertion),
            ("client_assertion_type", TYPE),
            ("client_id", "other"),
        ],
    ] {
        let (status, body) = exchanged(&provider, &fields).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(body["error"], "invalid_request");
    }
}

#[tokio::test]
async fn the_metadata_lists_what_may_sign_assertions() {
    let usual = Provider::builder().start().await.unwrap();
    let metadata = fetch(&usual, Endpoint::Discovery).await;
    let listed = metadata["token_endpoint_auth_signing_alg_values_supported"]
        .as_array()
        .unwrap();
    for alg in SigningAlg::ALL
        .map(SigningAlg::as_str)
        .into_iter()
        .chain(["HS256", "HS384", "HS512"])
    {
        assert!(listed.contains(&json!(alg)), "{alg}");
    }
    let basic = Provider::builder()
        .token_auth_methods([ClientAuth::SecretBasic])
        .start()
        .await
        .unwrap();
    let metadata = fetch(&basic, Endpoint::Discovery).await;
    assert!(
        metadata
            .get("token_endpoint_auth_signing_alg_values_supported")
            .is_none()
    );
}
