//! Back-channel logout: who is told, and what logout tokens say.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::routing::post;
use axum::{Form, Router};
use monocloud_runtime::testing::{Endpoint, Fault, LogoutTokenFault, Provider, ProviderClient};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::relying_party::*;

type Claims = Map<String, Value>;
type Forms = Arc<Mutex<Vec<Vec<(String, String)>>>>;
type Shows = fn(&Provider, &Claims, &Claims) -> bool;

/// A relying party that takes down what it is told.
async fn listener() -> (String, Forms) {
    let forms = Forms::default();
    let take = async |State(forms): State<Forms>, Form(form): Form<Vec<(String, String)>>| {
        forms.lock().unwrap().push(form);
        [("cache-control", "no-store")].into_response()
    };
    let app = Router::new()
        .route("/logout", post(take))
        .with_state(forms.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/logout", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (uri, forms)
}

async fn provider_with(uri: &str) -> Provider {
    let client = ProviderClient::new("shop").back_channel_logout_uri(uri);
    Provider::builder()
        .default_client(client)
        .client(ProviderClient::new("elsewhere").back_channel_logout_uri(uri))
        .start()
        .await
        .unwrap()
}

/// Signs in, and returns the browser with the ID token and its claims.
async fn signed_in(provider: &Provider) -> (Browser, String, Claims) {
    let mut browser = Browser::new();
    let code = browser.code(provider, &[]).await;
    let (_, tokens) = token(provider, &exchange(&code)).await;
    let (_, claims) = id_token(&tokens);
    (browser, tokens["id_token"].as_str().unwrap().to_owned(), claims)
}

/// The claims of the logout tokens that came, each in a form with a further field.
fn told(forms: &Forms) -> Vec<Claims> {
    let forms = std::mem::take(&mut *forms.lock().unwrap());
    let claims = forms.iter().map(|form| {
        let [(name, token), (_, _)] = &form[..] else {
            panic!("two fields: {form:?}");
        };
        assert_eq!(name, "logout_token");
        decoded(token).1
    });
    claims.collect()
}

#[tokio::test]
async fn a_sign_out_is_told_to_the_clients_that_the_session_led_to() {
    let (uri, forms) = listener().await;
    let provider = provider_with(&uri).await;
    let (mut browser, hint, claims) = signed_in(&provider).await;
    let query = encode(&[("id_token_hint", &hint)]);
    let url = format!("{}?{query}", provider.url(Endpoint::EndSession));
    assert_eq!(browser.get(&url).await.status, StatusCode::OK);
    let [logout] = &told(&forms)[..] else {
        panic!("one client has a session");
    };
    for name in ["iss", "sub", "aud", "sid"] {
        assert_eq!(logout[name], claims[name], "{name}");
    }
    assert_eq!(
        logout["events"],
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
    );
    assert!(logout["jti"].is_string() && logout["iat"].is_i64() && logout["exp"].is_i64());
    assert!(!logout.contains_key("nonce"));
    let answers = provider.logout_answers();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].client_id(), "shop");
    assert_eq!(answers[0].status(), Some(StatusCode::OK));
    assert_eq!(answers[0].header("cache-control"), Some("no-store"));
    // It is over, so that nobody is told again.
    browser.get(&url).await;
    assert!(told(&forms).is_empty());
}

#[tokio::test]
async fn a_logout_that_begins_at_the_provider_ends_all_sessions_of_the_user() {
    let (uri, forms) = listener().await;
    let provider = provider_with(&uri).await;
    let (mut browser, _, first) = signed_in(&provider).await;
    let (_, _, second) = signed_in(&provider).await;
    assert!(provider.end_sessions_of("nobody").await.is_empty());
    let answers = provider.end_sessions_of(first["sub"].as_str().unwrap()).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status() == Some(StatusCode::OK))
    );
    let mut sids: Vec<_> = told(&forms).iter().map(|claims| claims["sid"].clone()).collect();
    let mut expected = vec![first["sid"].clone(), second["sid"].clone()];
    for sids in [&mut sids, &mut expected] {
        sids.sort_by_key(ToString::to_string);
    }
    assert_eq!(sids, expected);
    let page = browser.authorize(&provider, &[("prompt", "none")]).await;
    assert_eq!(page.sent("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_client_that_does_not_answer_keeps_nobody_from_signing_out() {
    let provider = provider_with("http://127.0.0.1:9/logout").await;
    let (_, _, claims) = signed_in(&provider).await;
    let answers = provider.end_sessions_of(claims["sub"].as_str().unwrap()).await;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].status(), None);
}

#[tokio::test]
async fn faults_of_logout_tokens_show() {
    use LogoutTokenFault as Of;
    let provider = Provider::builder().start().await.unwrap();
    let cases: [(Of, Shows); 13] = [
        (Of::WrongIssuer, |provider, _, claims| {
            claims["iss"] != provider.issuer()
        }),
        (Of::WrongAudience, |provider, _, claims| {
            claims["aud"] != provider.client_id()
        }),
        (Of::MissingEvents, |_, _, claims| !claims.contains_key("events")),
        (Of::WrongEvent, |_, _, claims| {
            claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_null()
        }),
        (Of::WithNonce, |_, _, claims| claims.contains_key("nonce")),
        (Of::MissingSubject, |_, _, claims| {
            !claims.contains_key("sub") && !claims.contains_key("sid")
        }),
        (Of::MissingJti, |_, _, claims| !claims.contains_key("jti")),
        (Of::MissingIssuedAt, |_, _, claims| !claims.contains_key("iat")),
        (Of::Expired, |_, _, claims| {
            claims["exp"].as_i64() < claims["iat"].as_i64()
        }),
        (Of::WrongType, |_, header, _| header["typ"] != "logout+jwt"),
        (Of::AlgNone, |_, header, _| header["alg"] == "none"),
        (Of::Hs256, |_, header, _| header["alg"] == "HS256"),
        (Of::WrongAlg, |_, header, _| header["alg"] == "ES256"),
    ];
    let parts = |provider: &Provider| {
        let token = provider.logout_token(Some("mira"), Some("a session"));
        decoded(&token)
    };
    for (fault, shows) in cases {
        let (header, claims) = parts(&provider);
        assert!(
            !shows(&provider, &header, &claims),
            "{fault:?} shows without being set"
        );
        provider.fault(Fault::LogoutToken(fault));
        let (header, claims) = parts(&provider);
        assert!(shows(&provider, &header, &claims), "{fault:?} does not show");
        provider.clear_faults();
    }
}

#[tokio::test]
async fn a_logout_token_can_be_tampered_with_before_it_is_signed() {
    let provider = Provider::builder().start().await.unwrap();
    provider.tamper_logout_token(|header, claims| {
        header.insert("typ".into(), "JWT".into());
        claims.insert("further".into(), true.into());
    });
    let token = provider.logout_token(None, Some("a session"));
    let (header, claims) = decoded(&token);
    assert_eq!(
        (&header["typ"], &claims["further"]),
        (&json!("JWT"), &json!(true))
    );
    assert!(!claims.contains_key("sub"));
}

#[tokio::test]
async fn a_page_embeds_what_clients_have_registered() {
    let client = ProviderClient::new("shop").front_channel_logout_uri("http://localhost:3000/over?a=b");
    let provider = Provider::builder().default_client(client).start().await.unwrap();
    let (mut browser, hint, claims) = signed_in(&provider).await;
    let home = "http://localhost:3000/";
    let query = encode(&[("id_token_hint", &hint), ("post_logout_redirect_uri", home)]);
    let url = format!("{}?{query}", provider.url(Endpoint::EndSession));
    let page = browser.get(&url).await;
    assert_eq!(page.status, StatusCode::OK);
    let frame = encode(&[
        ("iss", provider.issuer()),
        ("sid", claims["sid"].as_str().unwrap()),
    ]);
    let body = page.body.replace("&#38;", "&").replace("&amp;", "&");
    assert!(
        body.contains(&format!("http://localhost:3000/over?a=b&{frame}")),
        "{body}"
    );
    assert!(body.contains(&format!("href=\"{home}\"")), "{body}");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-src"), "{policy}");
    // Nobody is left to be told.
    assert_eq!(browser.get(&url).await.location().as_str(), home);
}
