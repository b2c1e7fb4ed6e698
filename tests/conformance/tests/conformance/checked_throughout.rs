//! What the suite looks at in every module, looked at in whole sign-ins of each response mode and client
//! authentication method.

use monocloud_runtime::settings::{ClientAuthMethod, ResponseMode};
use monocloud_runtime::testing::{ClientAuth, Endpoint, RecordedRequest};

use crate::rp::{Rp, Setup};

async fn signed_in(mode: ResponseMode, method: ClientAuthMethod) -> Rp {
    let registered = match method {
        ClientAuthMethod::ClientSecretPost => ClientAuth::SecretPost,
        _ => ClientAuth::SecretBasic,
    };
    let rp = Setup::new()
        .mode(mode)
        .client(move |client| client.auth_method(registered))
        .settings(move |settings| settings.client_auth_method(method))
        .start()
        .await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp
}

async fn every_kind() -> Vec<Rp> {
    let mut all = Vec::new();
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        for method in [
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::ClientSecretPost,
        ] {
            all.push(signed_in(mode, method).await);
        }
    }
    all
}

fn last(rp: &Rp, endpoint: Endpoint) -> RecordedRequest {
    rp.provider.last_request(endpoint).unwrap()
}

#[tokio::test]
async fn openid_is_in_the_scope() {
    for rp in every_kind().await {
        let asked = last(&rp, Endpoint::Authorize);
        assert!(
            asked
                .query("scope")
                .unwrap()
                .split(' ')
                .any(|scope| scope == "openid")
        );
    }
}

#[tokio::test]
async fn the_redirect_uri_is_the_registered_one_at_both_endpoints() {
    for rp in every_kind().await {
        let registered = rp.app.at("/api/auth/callback");
        assert_eq!(
            last(&rp, Endpoint::Authorize).query("redirect_uri"),
            Some(registered.as_str())
        );
        assert_eq!(
            last(&rp, Endpoint::Token).form("redirect_uri"),
            Some(registered.as_str())
        );
    }
}

#[tokio::test]
async fn a_verifier_goes_with_every_challenge() {
    let mut verifiers = Vec::new();
    for rp in every_kind().await {
        let asked = last(&rp, Endpoint::Authorize);
        assert_eq!(asked.query("code_challenge_method"), Some("S256"));
        let verifier = last(&rp, Endpoint::Token)
            .form("code_verifier")
            .unwrap()
            .to_owned();
        // RFC 7636 4.1. That it fits the challenge, the provider has checked.
        assert!((43..=128).contains(&verifier.len()));
        assert_ne!(asked.query("code_challenge"), Some(verifier.as_str()));
        verifiers.push(verifier);
    }
    verifiers.sort_unstable();
    verifiers.dedup();
    assert_eq!(verifiers.len(), 4);
}

#[tokio::test]
async fn state_and_nonce_are_new_every_time_and_hard_to_guess() {
    let rp = Rp::start().await;
    let mut values = Vec::new();
    for _ in 0..5 {
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        let asked = last(&rp, Endpoint::Authorize);
        for name in ["state", "nonce", "code_challenge"] {
            let value = asked.query(name).unwrap().to_owned();
            // 128 bits are 22 characters of base64url.
            assert!(value.len() >= 22, "{name}");
            values.push(value);
        }
    }
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), 15);
}

/// A client may be registered for one method only; the other one must not be tried, not even after a refusal.
#[tokio::test]
async fn only_the_registered_client_authentication_method_is_used() {
    for (registered, used) in [
        (ClientAuth::SecretPost, ClientAuthMethod::ClientSecretBasic),
        (ClientAuth::SecretBasic, ClientAuthMethod::ClientSecretPost),
    ] {
        let rp = Setup::new()
            .client(move |client| client.auth_method(registered))
            .settings(move |settings| settings.client_auth_method(used))
            .start()
            .await;
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        assert_eq!(rp.calls(Endpoint::Token), 1);
        let asked = last(&rp, Endpoint::Token);
        let basic = used == ClientAuthMethod::ClientSecretBasic;
        assert_eq!(asked.header("authorization").is_some(), basic);
        assert_eq!(asked.form("client_secret").is_none(), basic);
    }
}

#[tokio::test]
async fn no_token_code_or_secret_is_in_a_query_of_a_call_to_the_issuer() {
    for rp in every_kind().await {
        let refetch = rp.app.at("/api/auth/userinfo?refetch");
        rp.agent.fetch(http::Method::GET, &refetch).await;
        for endpoint in [
            Endpoint::Discovery,
            Endpoint::Jwks,
            Endpoint::Token,
            Endpoint::Userinfo,
        ] {
            assert!(last(&rp, endpoint).query_pairs().is_empty(), "{endpoint:?}");
        }
        assert_eq!(rp.calls(Endpoint::Userinfo), 2);
    }
}
