//! Each fault shows, and goes away again.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderClient, SigningAlg};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::relying_party::*;

type Claims = Map<String, Value>;
type Shows = fn(&Provider, &Claims, &Claims) -> bool;

#[tokio::test]
async fn faults_of_the_id_token_show() {
    let provider = Provider::builder().start().await.unwrap();
    let cases: [(Fault, Shows); 14] = [
        (Fault::WrongIssuer, |provider, _, claims| {
            claims["iss"] != provider.issuer()
        }),
        (Fault::MissingSub, |_, _, claims| !claims.contains_key("sub")),
        (Fault::WrongAudience, |provider, _, claims| {
            claims["aud"] != provider.client_id()
        }),
        (Fault::MissingAudience, |_, _, claims| !claims.contains_key("aud")),
        (Fault::MissingIssuedAt, |_, _, claims| !claims.contains_key("iat")),
        (Fault::FutureIssuedAt, |_, _, claims| {
            claims["iat"].as_i64() > claims["auth_time"].as_i64().map(|time| time + 3600)
        }),
        (Fault::Expired, |_, _, claims| {
            claims["exp"].as_i64() < claims["auth_time"].as_i64()
        }),
        (Fault::WrongNonce, |_, _, claims| claims["nonce"] != "the nonce"),
        (Fault::MissingNonce, |_, _, claims| !claims.contains_key("nonce")),
        (Fault::ForeignAzp, |provider, _, claims| {
            claims.get("azp").is_some_and(|azp| azp != provider.client_id())
        }),
        (Fault::NoKid, |_, header, _| !header.contains_key("kid")),
        (Fault::AlgNone, |_, header, _| header["alg"] == "none"),
        (Fault::WrongAlg, |_, header, _| header["alg"] == "ES256"),
        (Fault::UnknownCrit, |_, header, _| header.contains_key("crit")),
    ];
    for (fault, shows) in cases {
        let (header, claims) = id_token(&tokens(&provider, &[]).await);
        assert!(
            !shows(&provider, &header, &claims),
            "{fault:?} shows without being set"
        );
        provider.fault(fault.clone());
        let (header, claims) = id_token(&tokens(&provider, &[]).await);
        assert!(shows(&provider, &header, &claims), "{fault:?} does not show");
        provider.clear_faults();
    }
}

#[tokio::test]
async fn at_hash_is_another_tokens() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::WrongAtHash);
    let (_, first) = id_token(&tokens(&provider, &[]).await);
    let (_, second) = id_token(&tokens(&provider, &[]).await);
    assert_eq!(first["at_hash"], second["at_hash"]);
}

#[tokio::test]
async fn signatures_can_be_missing_wrong_or_made_with_the_secret() {
    let provider = Provider::builder().start().await.unwrap();
    let parts = |tokens: &Value| {
        let token = tokens["id_token"].as_str().unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        (signed.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap())
    };
    provider.fault(Fault::AlgNone);
    assert!(parts(&tokens(&provider, &[]).await).1.is_empty());
    provider.clear_faults();

    provider.fault(Fault::Hs256);
    let (signed, signature) = parts(&tokens(&provider, &[]).await);
    let key = hmac::Key::new(hmac::HMAC_SHA256, provider.client_secret().as_bytes());
    hmac::verify(&key, signed.as_bytes(), &signature).unwrap();
    provider.clear_faults();

    // The provider itself tells a good signature from a bad one: a hint that is not its own is refused.
    provider.fault(Fault::BadSignature);
    for accepted in [false, true] {
        let tokens = tokens(&provider, &[]).await;
        let hint = [("id_token_hint", tokens["id_token"].as_str().unwrap())];
        let page = Browser::new().authorize(&provider, &hint).await;
        assert_eq!(page.status == StatusCode::OK, accepted);
        provider.clear_faults();
    }
}

#[tokio::test]
async fn wrong_alg_differs_from_the_clients() {
    let client = ProviderClient::new("app").id_token_alg(SigningAlg::Es256);
    let provider = Provider::builder().default_client(client).start().await.unwrap();
    provider.fault(Fault::WrongAlg);
    let (header, _) = id_token(&tokens(&provider, &[]).await);
    assert_eq!(header["alg"], "RS256");
    let jwks = fetch(&provider, Endpoint::Jwks).await;
    let published = jwks["keys"].as_array().unwrap().iter();
    assert_eq!(published.filter(|key| key["kid"] == header["kid"]).count(), 1);
}

#[tokio::test]
async fn keys_can_be_many_and_nameless() {
    let provider = Provider::builder().start().await.unwrap();
    provider.fault(Fault::NoKid);
    let jwks = fetch(&provider, Endpoint::Jwks).await;
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    assert!(jwks["keys"][0].get("kid").is_none());
    provider.fault(Fault::ExtraKey);
    let jwks = fetch(&provider, Endpoint::Jwks).await;
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert!(
        jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key.get("kid").is_none())
    );
    provider.clear_faults();
    provider.fault(Fault::ExtraKey);
    let jwks = fetch(&provider, Endpoint::Jwks).await;
    assert_ne!(jwks["keys"][0]["kid"], jwks["keys"][1]["kid"]);
}

#[tokio::test]
async fn rotation_withdraws_the_old_key() {
    let provider = Provider::builder().start().await.unwrap();
    let kid = |jwks: &Value| jwks["keys"][0]["kid"].clone();
    let first = fetch(&provider, Endpoint::Jwks).await;
    assert_eq!(kid(&first), kid(&fetch(&provider, Endpoint::Jwks).await));
    provider.rotate_keys();
    let second = fetch(&provider, Endpoint::Jwks).await;
    assert_ne!(kid(&first), kid(&second));
    assert_eq!(second["keys"].as_array().unwrap().len(), 1);

    provider.fault(Fault::RotateBeforeSigning);
    let (header, _) = id_token(&tokens(&provider, &[]).await);
    assert_ne!(header["kid"], kid(&second));
    assert_eq!(header["kid"], kid(&fetch(&provider, Endpoint::Jwks).await));
}

#[tokio::test]
async fn faults_of_other_answers_show() {
    let provider = Provider::builder().start().await.unwrap();
    let good = tokens(&provider, &[]).await;
    provider.fault(Fault::UserinfoWrongSub);
    assert_eq!(userinfo(&provider, &good).await.1["sub"], "someone-else");
    provider.fault(Fault::DiscoveryIssuerMismatch);
    assert_ne!(
        fetch(&provider, Endpoint::Discovery).await["issuer"],
        provider.issuer()
    );
    provider.fault(Fault::NoIdToken);
    assert!(tokens(&provider, &[]).await.get("id_token").is_none());
    provider.fault(Fault::TokenError("invalid_grant".into()));
    let (status, body) = token(&provider, &exchange("code")).await;
    assert_eq!(
        (status, &body["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_grant"))
    );
    provider.clear_faults();

    let mut browser = Browser::new();
    browser.code(&provider, &[]).await;
    provider.fault(Fault::WrongResponseIss);
    let iss = browser.authorize(&provider, &[]).await.sent("iss").unwrap();
    assert_ne!(iss, provider.issuer());
    provider.clear_faults();
    provider.fault(Fault::MissingResponseIss);
    assert!(browser.authorize(&provider, &[]).await.sent("iss").is_none());
    provider.fault(Fault::AuthorizeError("temporarily_unavailable".into()));
    let page = browser.authorize(&provider, &[]).await;
    assert_eq!(page.sent("error").as_deref(), Some("temporarily_unavailable"));
}

#[tokio::test]
async fn anything_else_can_be_tampered_with() {
    let provider = Provider::builder().start().await.unwrap();
    provider.tamper_id_token(|header, claims| {
        header.insert("typ".into(), json!("at+jwt"));
        claims.insert("aud".into(), json!([claims["aud"], "another"]));
    });
    provider.tamper_token_response(|body| body["token_type"] = json!("bEaReR"));
    provider.tamper_userinfo(|body| body["name"] = json!("Someone"));
    provider.tamper_metadata(|body| body["end_session_endpoint"] = Value::Null);
    provider.tamper_jwks(|body| {
        let keys = body["keys"].as_array_mut().unwrap();
        keys.push(json!({ "kty": "oct", "k": "c2VjcmV0" }));
    });
    let tampered = tokens(&provider, &[]).await;
    let (header, claims) = id_token(&tampered);
    assert_eq!(
        (&header["typ"], &claims["aud"][1]),
        (&json!("at+jwt"), &json!("another"))
    );
    assert_eq!(tampered["token_type"], "bEaReR");
    assert_eq!(userinfo(&provider, &tampered).await.1["name"], "Someone");
    assert!(fetch(&provider, Endpoint::Discovery).await["end_session_endpoint"].is_null());
    assert_eq!(fetch(&provider, Endpoint::Jwks).await["keys"][1]["kty"], "oct");
    provider.clear_faults();
    assert_eq!(tokens(&provider, &[]).await["token_type"], "Bearer");
}
