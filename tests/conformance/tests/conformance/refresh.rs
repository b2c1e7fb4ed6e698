//! The rows for refresh. The names are the suite's, without `oidcc-client-test`.

use monocloud_runtime::testing::{Endpoint, Fault, Provider, SigningAlg};
use reqwest::Method;
use serde_json::json;
use support::Page;

use crate::rp::{Rp, Setup};

/// Signed in, with a refresh token.
async fn start() -> Rp {
    let rp = Setup::new()
        .alg(SigningAlg::Rs256)
        .settings(|settings| settings.scopes("openid profile offline_access"))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!((rp.calls(Endpoint::Token), rp.calls(Endpoint::Userinfo)), (1, 1));
    rp
}

/// Refreshes, and asks userinfo with what came.
async fn refresh(rp: &Rp) -> Page {
    rp.agent
        .fetch(Method::POST, &rp.app.at("/api/tokens?refetch="))
        .await
}

async fn tokens(rp: &Rp) -> Page {
    rp.agent.fetch(Method::GET, &rp.app.at("/api/tokens")).await
}

#[tokio::test]
async fn refresh_token() {
    let rp = start().await;
    let first = tokens(&rp).await.json();
    let second = refresh(&rp).await;
    assert_eq!(second.status, 200, "{second:?}");
    let second = second.json();
    assert_ne!(second["access_token"], first["access_token"]);
    assert_ne!(second["id_token"], first["id_token"]);
    let asked = rp.provider.last_request(Endpoint::Token).unwrap();
    assert_eq!(asked.form("grant_type"), Some("refresh_token"));
    let asked = rp.provider.last_request(Endpoint::Userinfo).unwrap();
    let bearer = format!("Bearer {}", second["access_token"].as_str().unwrap());
    assert_eq!(asked.header("authorization"), Some(bearer.as_str()));
    assert_eq!((rp.calls(Endpoint::Token), rp.calls(Endpoint::Userinfo)), (2, 2));
    assert_eq!(tokens(&rp).await.json(), second, "and they are kept");
}

/// None of the tokens is taken: userinfo is not asked, and what was there stays.
async fn refuses(fault: impl FnOnce(&Provider)) {
    let rp = start().await;
    let first = tokens(&rp).await.json();
    fault(&rp.provider);
    let refused = refresh(&rp).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()),
        (502, json!({ "error": "malformed_answer" }))
    );
    assert_eq!((rp.calls(Endpoint::Token), rp.calls(Endpoint::Userinfo)), (2, 1));
    assert_eq!(tokens(&rp).await.json(), first);
    let page = rp.agent.visit(&rp.app.at("/dashboard")).await;
    rp.assert_signed_in(&page);
}

#[tokio::test]
async fn refresh_token_invalid_issuer() {
    refuses(|provider| provider.fault(Fault::WrongIssuer)).await;
}

#[tokio::test]
async fn refresh_token_invalid_sub() {
    refuses(|provider| {
        provider.tamper_id_token(|_, claims| {
            claims.insert("sub".to_owned(), json!("someone-else"));
        });
    })
    .await;
}
