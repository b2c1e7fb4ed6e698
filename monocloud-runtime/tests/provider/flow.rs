//! What works: sign-in in all its forms, tokens, userinfo.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::{ClientAuth, Endpoint, Provider, ProviderClient, ProviderUser, SigningAlg};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, Nonce};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::relying_party::*;

#[tokio::test]
async fn a_person_signs_in_and_their_claims_are_told() {
    let provider = Provider::builder().start().await.unwrap();
    let metadata = fetch(&provider, Endpoint::Discovery).await;
    assert_eq!(metadata["issuer"], provider.issuer());
    assert_eq!(metadata["jwks_uri"], provider.url(Endpoint::Jwks));

    let mut browser = Browser::new();
    let login = browser.authorize(&provider, &[]).await;
    assert_eq!(login.status, StatusCode::OK);
    let back = browser.answer(&provider, &login, &[("user", "mira")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(back.location().as_str().starts_with(CALLBACK));
    assert_eq!(back.sent("state").as_deref(), Some("the state"));
    assert_eq!(back.sent("iss").as_deref(), Some(provider.issuer()));

    let (status, tokens) = token(&provider, &exchange(&back.sent("code").unwrap())).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert!(tokens.get("refresh_token").is_none());
    let (header, claims) = id_token(&tokens);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(claims["sub"], "mira");
    assert_eq!(claims["nonce"], "the nonce");
    assert_eq!(claims["aud"], provider.client_id());
    assert!(claims["sid"].is_string() && claims["auth_time"].is_number());
    assert!(!claims.contains_key("name"));
    let hash = digest(&SHA256, tokens["access_token"].as_str().unwrap().as_bytes());
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));

    let (status, user) = userinfo(&provider, &tokens).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(user["sub"], "mira");
    assert_eq!(user["name"], "Mira Adler");
    assert_eq!(user["email"], "mira@example.com");
    assert_eq!(user["groups"], json!(["admin", "editor"]));
    assert!(user.get("phone_number").is_none() && user.get("address").is_none());

    for endpoint in [
        Endpoint::Discovery,
        Endpoint::Authorize,
        Endpoint::Token,
        Endpoint::Userinfo,
    ] {
        assert_eq!(provider.calls(endpoint), 1, "{endpoint:?}");
    }
    let asked = provider.last_request(Endpoint::Token).unwrap();
    assert_eq!(asked.form("code_verifier"), Some(VERIFIER));
    assert!(asked.header("authorization").unwrap().starts_with("Basic "));
    assert!(!format!("{asked:?}").contains(VERIFIER));
}

#[tokio::test]
async fn every_algorithm_verifies_with_the_published_key() {
    for alg in SigningAlg::ALL {
        let client = ProviderClient::new("app").id_token_alg(alg);
        let provider = Provider::builder().default_client(client).start().await.unwrap();
        let tokens = tokens(&provider, &[]).await;
        let jwks = fetch(&provider, Endpoint::Jwks).await;
        assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
        assert_eq!(jwks["keys"][0]["alg"], alg.as_str());
        let id_token = tokens["id_token"].as_str().unwrap();
        if alg == SigningAlg::Es512 {
            verify_es512(id_token, &jwks["keys"][0]);
        } else {
            verify(&provider, id_token, &jwks, alg);
        }
    }
}

fn verify(provider: &Provider, id_token: &str, jwks: &Value, alg: SigningAlg) {
    let allowed: CoreJwsSigningAlgorithm = serde_json::from_value(json!(alg.as_str())).unwrap();
    let keys: CoreJsonWebKeySet = serde_json::from_value(jwks.clone()).unwrap();
    let verifier = CoreIdTokenVerifier::new_confidential_client(
        ClientId::new(provider.client_id().into()),
        ClientSecret::new(provider.client_secret().into()),
        IssuerUrl::new(provider.issuer().into()).unwrap(),
        keys,
    )
    .set_allowed_algs([allowed]);
    let token: CoreIdToken = id_token.parse().unwrap();
    let claims = token.claims(&verifier, &Nonce::new("the nonce".into()));
    assert!(claims.is_ok(), "{alg}: {claims:?}");
}

fn verify_es512(id_token: &str, jwk: &Value) {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], number("x"), number("y")].concat();
    let (signed, signature) = id_token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point)
        .verify(signed.as_bytes(), &signature)
        .unwrap();
}

#[tokio::test]
async fn scopes_decide_which_standard_claims_are_told() {
    let provider = Provider::builder().start().await.unwrap();
    let all = [("scope", "openid profile email phone address")];
    let (_, user) = userinfo(&provider, &tokens(&provider, &all).await).await;
    assert_eq!(user["phone_number_verified"], true);
    assert_eq!(user["address"]["country"], "Portugal");
    let (_, user) = userinfo(&provider, &tokens(&provider, &[("scope", "openid")]).await).await;
    assert_eq!(user, json!({ "sub": "mira", "groups": ["admin", "editor"] }));
}

#[tokio::test]
async fn groups_are_objects_too_and_can_be_left_out() {
    let user = ProviderUser::new("mira")
        .groups([("537e7c3d", "finance")])
        .claim("tier", "gold");
    assert_eq!(
        Value::Object(user.to_claims()),
        json!({
            "sub": "mira",
            "groups": [{ "id": "537e7c3d", "name": "finance" }],
            "tier": "gold",
        })
    );
    let builder = || Provider::builder().user(user.clone()).claims_in_id_token(true);
    let provider = builder().start().await.unwrap();
    let (_, claims) = id_token(&tokens(&provider, &[]).await);
    assert_eq!(claims["groups"], json!([{ "id": "537e7c3d", "name": "finance" }]));
    assert_eq!(claims["tier"], "gold");
    let provider = builder().groups_claim(false).start().await.unwrap();
    assert!(!id_token(&tokens(&provider, &[]).await).1.contains_key("groups"));
}

#[tokio::test]
async fn a_second_sign_in_is_silent_until_something_asks_for_the_page() {
    let now = Arc::new(AtomicI64::new(1_900_000_000));
    let clock = Arc::clone(&now);
    let provider = Provider::builder()
        .clock(Arc::new(move || clock.load(Ordering::Relaxed)))
        .start()
        .await
        .unwrap();
    let mut browser = Browser::new();
    let silent = browser.authorize(&provider, &[("prompt", "none")]).await;
    assert_eq!(silent.sent("error").as_deref(), Some("login_required"));

    browser.code(&provider, &[]).await;
    for same in [vec![], vec![("prompt", "none")], vec![("max_age", "600")]] {
        let page = browser.authorize(&provider, &same).await;
        assert!(page.sent("code").is_some(), "{same:?}");
    }
    now.fetch_add(601, Ordering::Relaxed);
    let asking = [
        ("prompt", "login"),
        ("prompt", "select_account"),
        ("prompt", "create"),
        ("max_age", "600"),
    ];
    for asking in asking {
        let page = browser.authorize(&provider, &[asking]).await;
        assert_eq!(page.status, StatusCode::OK, "{asking:?}");
    }
    let silent = [("prompt", "none"), ("max_age", "600")];
    let page = browser.authorize(&provider, &silent).await;
    assert_eq!(page.sent("error").as_deref(), Some("login_required"));
    let at_once = browser.authorize(&provider, &[("max_age", "0")]).await;
    assert_eq!(at_once.status, StatusCode::OK);
}

#[tokio::test]
async fn two_tabs_are_answered_in_any_order() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    let first = browser.authorize(&provider, &[("state", "one")]).await;
    let second = browser.authorize(&provider, &[("state", "two")]).await;
    let second = browser.answer(&provider, &second, &[("user", "tomas")]).await;
    let first = browser.answer(&provider, &first, &[("user", "lin")]).await;
    assert_eq!(second.sent("state").as_deref(), Some("two"));
    assert_eq!(first.sent("state").as_deref(), Some("one"));
    let (_, tokens) = token(&provider, &exchange(&first.sent("code").unwrap())).await;
    assert_eq!(id_token(&tokens).1["sub"], "lin");
}

#[tokio::test]
async fn post_authenticates_the_client_that_is_registered_for_it() {
    let client = ProviderClient::new("app & co")
        .secret_value("p+ss %&=:word")
        .auth_method(ClientAuth::SecretPost);
    let provider = Provider::builder().default_client(client).start().await.unwrap();
    let code = Browser::new().code(&provider, &[]).await;
    let mut form = exchange(&code);
    form.extend([("client_id", "app & co"), ("client_secret", "p+ss %&=:word")]);
    let page = Browser::new().post(&provider.url(Endpoint::Token), &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(page.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn basic_credentials_are_form_encoded() {
    let client = ProviderClient::new("app & co").secret_value("p+ss %&=:word");
    let provider = Provider::builder().default_client(client).start().await.unwrap();
    tokens(&provider, &[]).await;
}

#[tokio::test]
async fn refresh_tokens_rotate() {
    let lifetime = Duration::from_mins(2);
    let provider = Provider::builder()
        .access_token_lifetime(lifetime)
        .start()
        .await
        .unwrap();
    let first = tokens(&provider, &[("scope", "openid email offline_access")]).await;
    assert_eq!(first["expires_in"], 120);
    let refresh = first["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, second) = token(&provider, &form).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    let ((_, before), (_, after)) = (id_token(&first), id_token(&second));
    for claim in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert!(!after.contains_key("nonce"));
    assert_eq!(userinfo(&provider, &second).await.0, StatusCode::OK);

    let next = second["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", next),
        ("scope", "openid"),
    ];
    let (_, third) = token(&provider, &form).await;
    assert_eq!(third["scope"], "openid");
    assert!(userinfo(&provider, &third).await.1.get("email").is_none());
}

#[tokio::test]
async fn acr_is_echoed_and_the_session_is_kept_over_sign_ins() {
    let provider = Provider::builder().start().await.unwrap();
    let mut browser = Browser::new();
    let code = browser
        .code(&provider, &[("acr_values", "urn:mfa urn:pwd")])
        .await;
    let (_, first) = token(&provider, &exchange(&code)).await;
    assert_eq!(id_token(&first).1["acr"], "urn:mfa");
    let code = browser.authorize(&provider, &[]).await.sent("code").unwrap();
    let (_, second) = token(&provider, &exchange(&code)).await;
    assert_eq!(id_token(&second).1["sid"], id_token(&first).1["sid"]);
    assert!(!id_token(&second).1.contains_key("acr"));
}

#[tokio::test]
async fn the_issuer_can_have_a_path_and_a_trailing_slash() {
    for path in ["", "/", "/tenant", "/tenant/", "a/b"] {
        let provider = Provider::builder().issuer_path(path).start().await.unwrap();
        assert!(provider.issuer().ends_with(path), "{}", provider.issuer());
        let metadata = fetch(&provider, Endpoint::Discovery).await;
        assert_eq!(metadata["issuer"], provider.issuer());
        let (_, claims) = id_token(&tokens(&provider, &[]).await);
        assert_eq!(claims["iss"], provider.issuer());
    }
    let refused = Provider::builder().issuer_path("/a?b").start().await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn nine_kilobytes_of_claims_pass_through() {
    let groups = (0..300).map(|number| format!("group-number-{number:04}-of-many"));
    let user = ProviderUser::new("mira").groups(groups);
    let provider = Provider::builder()
        .user(user)
        .claims_in_id_token(true)
        .start()
        .await
        .unwrap();
    let tokens = tokens(&provider, &[]).await;
    assert!(tokens["id_token"].as_str().unwrap().len() > 9 * 1024);
    assert_eq!(
        userinfo(&provider, &tokens).await.1["groups"]
            .as_array()
            .unwrap()
            .len(),
        300
    );
}

#[tokio::test]
async fn tokens_are_for_resources_that_the_sign_in_named() {
    let provider = Provider::builder().start().await.unwrap();
    let code = Browser::new()
        .code(
            &provider,
            &[
                ("resource", "https://a.example.com"),
                ("scope", "openid offline_access"),
            ],
        )
        .await;
    let mut form = exchange(&code);
    form.push(("resource", "https://a.example.com"));
    let (status, answer) = token(&provider, &form).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let refresh_token = answer["refresh_token"].as_str().unwrap();
    for (resource, error) in [
        ("https://b.example.com", Some("invalid_target")),
        ("https://a.example.com", None),
    ] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("resource", resource),
        ];
        let (_, answer) = token(&provider, &form).await;
        assert_eq!(answer["error"].as_str(), error, "{answer}");
    }
    let page = Browser::new()
        .authorize(&provider, &[("resource", "no-uri")])
        .await;
    assert_eq!(page.sent("error").as_deref(), Some("invalid_target"));
}
