//! What the ID token and userinfo say, whatever a test wants them to say.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{Endpoint, Fault, Provider, ProviderClient, ProviderUser, SigningAlg};
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::relying_party::*;

const ALL_SCOPES: [(&str, &str); 1] = [("scope", "openid profile email phone address")];

fn odd_values() -> [Value; 12] {
    [
        Value::Null,
        json!(false),
        json!(0),
        json!(-1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("1766487547"),
        json!("ünïcode \u{0} \" <b>"),
        json!([]),
        json!([null, [1], { "a": [] }]),
        json!({}),
        json!({ "a": { "b": { "c": [{}] } } }),
    ]
}

#[tokio::test]
async fn a_claim_of_the_user_may_have_any_value() {
    let names = [
        "name",
        "email",
        "address",
        "updated_at",
        "groups",
        "tier",
        "_claim_names",
    ];
    for value in odd_values() {
        let user = ProviderUser::new("mira");
        let user = names
            .into_iter()
            .fold(user, |user, name| user.claim(name, value.clone()));
        let builder = Provider::builder().user(user).claims_in_id_token(true);
        let provider = builder.start().await.unwrap();
        let tokens = tokens(&provider, &ALL_SCOPES).await;
        let (_, in_token) = id_token(&tokens);
        let (_, in_userinfo) = userinfo(&provider, &tokens).await;
        for name in names {
            assert_eq!(in_token.get(name), Some(&value), "{name}");
            assert_eq!(in_userinfo.get(name), Some(&value), "{name}");
        }
    }
}

#[tokio::test]
async fn aggregated_and_distributed_claims_pass_through() {
    let names = json!({ "address": "src1", "phone_number": "src1", "credit_score": "src2" });
    let sources = json!({
        "src1": { "JWT": "eyJhbGciOiJub25lIn0.e30." },
        "src2": { "endpoint": "https://creditagency.example.com/claims", "access_token": "t" },
    });
    let user = ProviderUser::new("mira")
        .claim("_claim_names", names.clone())
        .claim("_claim_sources", sources.clone());
    let provider = Provider::builder().user(user).start().await.unwrap();
    let (_, told) = userinfo(&provider, &tokens(&provider, &[]).await).await;
    assert_eq!(
        (&told["_claim_names"], &told["_claim_sources"]),
        (&names, &sources)
    );
}

#[tokio::test]
async fn groups_may_be_a_map_and_are_left_out_with_the_switch() {
    let groups = json!({ "admin": { "since": 2020 }, "editor": {} });
    let user = ProviderUser::new("mira").claim("groups", groups.clone());
    let builder = || Provider::builder().user(user.clone());
    let provider = builder().start().await.unwrap();
    let (_, told) = userinfo(&provider, &tokens(&provider, &[]).await).await;
    assert_eq!(told["groups"], groups);
    let silent = builder().groups_claim(false).start().await.unwrap();
    let (_, told) = userinfo(&silent, &tokens(&silent, &[]).await).await;
    assert!(told.get("groups").is_none());
}

#[tokio::test]
async fn an_id_token_claim_stands_in_the_id_token_alone_and_wins() {
    // Some are the user's, some the provider's own; the scopes release none of them.
    let names = [
        "address",
        "updated_at",
        "name",
        "amr",
        "acr",
        "auth_time",
        "sid",
        "at_hash",
        "x",
    ];
    for value in odd_values() {
        let user = ProviderUser::new("mira").name("Mira Adler");
        let user = names
            .into_iter()
            .fold(user, |user, name| user.id_token_claim(name, value.clone()));
        assert_eq!(user.to_claims()["name"], "Mira Adler");
        let provider = Provider::builder().user(user).start().await.unwrap();
        let tokens = tokens(&provider, &[("scope", "openid profile"), ("acr_values", "a")]).await;
        let (_, claims) = id_token(&tokens);
        for name in names {
            assert_eq!(claims.get(name), Some(&value), "{name}");
        }
        assert_eq!(claims["sub"], "mira");
        let (_, told) = userinfo(&provider, &tokens).await;
        assert_eq!(told, json!({ "sub": "mira", "name": "Mira Adler" }));
    }
}

#[tokio::test]
async fn a_userinfo_claim_stands_in_userinfo_alone_and_wins() {
    let user = ProviderUser::new("mira")
        .name("Mira Adler")
        .userinfo_claim("name", Value::Null)
        .userinfo_claim("address", json!(["not", "an", "object"]));
    let builder = Provider::builder().user(user).claims_in_id_token(true);
    let provider = builder.start().await.unwrap();
    let tokens = tokens(&provider, &[]).await;
    let (_, claims) = id_token(&tokens);
    assert_eq!(claims["name"], "Mira Adler");
    assert!(!claims.contains_key("address"));
    let (_, told) = userinfo(&provider, &tokens).await;
    let expected = json!({ "sub": "mira", "name": null, "address": ["not", "an", "object"] });
    assert_eq!(told, expected);

    provider.fault(Fault::UserinfoWrongSub);
    assert_eq!(userinfo(&provider, &tokens).await.1["sub"], "someone-else");
}

#[tokio::test]
async fn userinfo_is_a_signed_jwt_for_clients_that_want_it() {
    let client = |alg| ProviderClient::new("app").userinfo_alg(alg);
    for (alg, curve) in [(SigningAlg::Es256, "P-256"), (SigningAlg::EdDsa, "Ed25519")] {
        let builder = Provider::builder().default_client(client(alg));
        let provider = builder.start().await.unwrap();
        let metadata = fetch(&provider, Endpoint::Discovery).await;
        let supported = metadata["userinfo_signing_alg_values_supported"].as_array();
        assert!(supported.unwrap().contains(&json!(alg.as_str())));
        let tokens = tokens(&provider, &[]).await;
        assert_eq!(id_token(&tokens).0["alg"], "RS256");
        let token = userinfo_jwt(&provider, &tokens).await;
        let (header, claims) = decoded(&token);
        assert_eq!(header["alg"], alg.as_str());
        assert_eq!(claims["iss"], provider.issuer());
        assert_eq!(claims["aud"], "app");
        assert_eq!(
            (&claims["sub"], &claims["name"]),
            (&json!("mira"), &json!("Mira Adler"))
        );

        let jwks = fetch(&provider, Endpoint::Jwks).await;
        let key = jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == header["kid"]);
        assert_eq!(key.unwrap()["crv"], curve);
        assert!(is_signed_by(&token, key.unwrap()));
        provider.fault(Fault::UserinfoBadSignature);
        assert!(!is_signed_by(
            &userinfo_jwt(&provider, &tokens).await,
            key.unwrap()
        ));
        provider.clear_faults();

        provider.tamper_userinfo(|claims| claims["aud"] = json!("another"));
        let (_, claims) = decoded(&userinfo_jwt(&provider, &tokens).await);
        assert_eq!(claims["aud"], "another");
        provider.fault(Fault::NoKid);
        let (header, _) = decoded(&userinfo_jwt(&provider, &tokens).await);
        assert!(!header.contains_key("kid"));
    }
}

async fn userinfo_jwt(provider: &Provider, tokens: &Value) -> String {
    let token = tokens["access_token"].as_str().unwrap();
    let response = http()
        .get(provider.url(Endpoint::Userinfo))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/jwt");
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.text().await.unwrap()
}

fn is_signed_by(token: &str, jwk: &Value) -> bool {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let verified = if jwk["kty"] == "OKP" {
        UnparsedPublicKey::new(&ED25519, number("x")).verify(signed.as_bytes(), &signature)
    } else {
        let point = [vec![4], number("x"), number("y")].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &signature)
    };
    verified.is_ok()
}
