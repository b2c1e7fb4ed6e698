//! Faults of access tokens show, in JWTs and in what is told of opaque ones, and go away again.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{AccessTokenFault, Endpoint, Fault, Provider, ProviderClient, SigningAlg};
use serde_json::{Map, Value, json};

use crate::relying_party::*;

const ORDERS: &str = "https://orders.example.com";
const STOCK: &str = "https://stock.example.com";

async fn provider() -> Provider {
    let client = ProviderClient::new("app").id_token_alg(SigningAlg::Es256);
    let builder = Provider::builder().default_client(client);
    builder.opaque_resources([STOCK]).start().await.unwrap()
}

fn time(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    claims.get(name)?.as_i64()
}

#[tokio::test]
async fn faults_of_claims_show_in_jwts_and_in_introspection() {
    type Shows = fn(&Map<String, Value>) -> bool;
    let provider = provider().await;
    let cases: [(AccessTokenFault, Shows); 8] = [
        (AccessTokenFault::WrongIssuer, |claims| {
            claims["iss"].as_str().unwrap().ends_with("/other")
        }),
        (AccessTokenFault::WrongAudience, |claims| {
            claims.get("aud").is_some_and(|aud| aud != ORDERS && aud != STOCK)
        }),
        (AccessTokenFault::MissingAudience, |claims| {
            !claims.contains_key("aud")
        }),
        (AccessTokenFault::MissingSub, |claims| !claims.contains_key("sub")),
        (AccessTokenFault::Expired, |claims| {
            time(claims, "exp").is_some_and(|exp| Some(exp) < time(claims, "auth_time"))
        }),
        (AccessTokenFault::MissingExpiry, |claims| {
            !claims.contains_key("exp")
        }),
        (AccessTokenFault::NotYetValid, |claims| {
            time(claims, "nbf") > time(claims, "iat") && time(claims, "exp") > time(claims, "nbf")
        }),
        (AccessTokenFault::SenderConstrained, |claims| {
            claims.get("cnf").is_some_and(|cnf| cnf["jkt"].is_string())
        }),
    ];
    for (fault, shows) in cases {
        for is_set in [false, true] {
            if is_set {
                provider.fault(Fault::AccessToken(fault));
            }
            let (_, claims) = decoded(&provider.access_token("mira", ORDERS, &[]));
            assert_eq!(shows(&claims), is_set, "{fault:?}: {claims:?}");
            let opaque = provider.access_token("mira", STOCK, &[]);
            let form = [("token", opaque.as_str())];
            let request = post(&provider, Endpoint::Introspection, &form);
            let request = request.basic_auth("app", Some(provider.client_secret()));
            let told = json(request.send().await.unwrap()).await;
            assert_eq!(told["active"], true);
            assert_eq!(shows(told.as_object().unwrap()), is_set, "{fault:?}: {told}");
        }
        provider.clear_faults();
    }
}

#[tokio::test]
async fn faults_of_the_header_show() {
    type Shows = fn(&Map<String, Value>, &Value) -> bool;
    let provider = provider().await;
    let kid = fetch(&provider, Endpoint::Jwks).await["keys"][0]["kid"].clone();
    let cases: [(AccessTokenFault, Shows); 6] = [
        (AccessTokenFault::WrongType, |header, _| {
            header.get("typ") == Some(&json!("JWT"))
        }),
        (AccessTokenFault::MissingType, |header, _| {
            !header.contains_key("typ")
        }),
        (AccessTokenFault::UnknownCrit, |header, _| {
            header.contains_key("crit")
        }),
        (AccessTokenFault::AlgNone, |header, _| header["alg"] == "none"),
        (AccessTokenFault::Hs256, |header, _| header["alg"] == "HS256"),
        (AccessTokenFault::UnknownKid, |header, kid| &header["kid"] != kid),
    ];
    for (fault, shows) in cases {
        for is_set in [false, true] {
            if is_set {
                provider.fault(Fault::AccessToken(fault));
            }
            let (header, _) = decoded(&provider.access_token("mira", ORDERS, &[]));
            assert_eq!(shows(&header, &kid), is_set, "{fault:?}: {header:?}");
        }
        provider.clear_faults();
    }
}

#[tokio::test]
async fn signatures_can_be_missing_wrong_or_made_with_another_key() {
    let provider = provider().await;
    let key = fetch(&provider, Endpoint::Jwks).await["keys"][0].clone();
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let published = UnparsedPublicKey::new(
        &ECDSA_P256_SHA256_FIXED,
        [vec![4], number("x"), number("y")].concat(),
    );
    let issued = |fault: Option<AccessTokenFault>| {
        provider.clear_faults();
        if let Some(fault) = fault {
            provider.fault(Fault::AccessToken(fault));
        }
        let token = provider.access_token("mira", ORDERS, &[]);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        (signed.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap())
    };
    let is_good =
        |(signed, signature): &(String, Vec<u8>)| published.verify(signed.as_bytes(), signature).is_ok();
    assert!(is_good(&issued(None)));
    for wrong in [AccessTokenFault::OtherKey, AccessTokenFault::BadSignature] {
        let token = issued(Some(wrong));
        assert_eq!(token.1.len(), 64, "{wrong:?}");
        assert!(!is_good(&token), "{wrong:?}");
    }
    assert!(issued(Some(AccessTokenFault::AlgNone)).1.is_empty());
    let (signed, signature) = issued(Some(AccessTokenFault::Hs256));
    let key = hmac::Key::new(hmac::HMAC_SHA256, provider.client_secret().as_bytes());
    hmac::verify(&key, signed.as_bytes(), &signature).unwrap();
    assert!(is_good(&issued(None)), "and it goes away");
}

#[tokio::test]
async fn anything_else_of_an_access_token_can_be_tampered_with() {
    let provider = provider().await;
    provider.tamper_access_token(|header, claims| {
        header.insert("typ".into(), json!("application/at+jwt"));
        claims.insert("acr".into(), json!("urn:mfa"));
    });
    let (header, claims) = decoded(&provider.access_token("mira", ORDERS, &[]));
    assert_eq!(header["typ"], "application/at+jwt");
    assert_eq!(claims["acr"], "urn:mfa");
    provider.clear_faults();
    let (header, claims) = decoded(&provider.access_token("mira", ORDERS, &[]));
    assert_eq!(header["typ"], "at+jwt");
    assert!(!claims.contains_key("acr"));
}
