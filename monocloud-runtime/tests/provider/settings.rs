//! What the builder can change about the provider.

use monocloud_runtime::testing::{ClientAuth, Endpoint, Provider, ProviderClient};
use reqwest::StatusCode;
use serde_json::json;
use url::Url;

use crate::relying_party::*;

/// The status of a code exchange with HTTP Basic, and with the secret in the form.
async fn exchanges(provider: &Provider, id: &str, secret: &str) -> [StatusCode; 2] {
    let mut browser = Browser::new();
    let code = browser.code(provider, &[("client_id", id)]).await;
    let basic = token_as(provider, id, secret, &exchange(&code)).await.status();
    let code = Browser::new().code(provider, &[("client_id", id)]).await;
    let mut form = exchange(&code);
    form.extend([("client_id", id), ("client_secret", secret)]);
    [
        basic,
        browser.post(&provider.url(Endpoint::Token), &form).await.status,
    ]
}

#[tokio::test]
async fn the_metadata_lists_the_authentication_methods_and_the_first_is_the_default() {
    use ClientAuth::{SecretBasic, SecretPost};
    let (good, bad) = (StatusCode::OK, StatusCode::UNAUTHORIZED);
    let cases = [
        (vec![SecretPost], json!(["client_secret_post"]), [bad, good]),
        (vec![SecretBasic], json!(["client_secret_basic"]), [good, bad]),
        (
            vec![SecretPost, SecretBasic],
            json!(["client_secret_post", "client_secret_basic"]),
            [bad, good],
        ),
    ];
    for (methods, listed, statuses) in cases {
        let registered = ProviderClient::new("basic")
            .auth_method(SecretBasic)
            .secret_value("secret");
        let builder = Provider::builder().token_auth_methods(methods).client(registered);
        let provider = builder.start().await.unwrap();
        let metadata = fetch(&provider, Endpoint::Discovery).await;
        assert_eq!(metadata["token_endpoint_auth_methods_supported"], listed);
        let (id, secret) = (provider.client_id(), provider.client_secret());
        assert_eq!(exchanges(&provider, id, secret).await, statuses);
        // What is registered counts, whatever the metadata says.
        assert_eq!(exchanges(&provider, "basic", "secret").await, [good, bad]);
    }
    let silent = Provider::builder().token_auth_methods([]).start().await.unwrap();
    let metadata = fetch(&silent, Endpoint::Discovery).await;
    assert!(metadata.get("token_endpoint_auth_methods_supported").is_none());
    let (id, secret) = (silent.client_id(), silent.client_secret());
    assert_eq!(exchanges(&silent, id, secret).await, [good, bad]);
}

#[tokio::test]
async fn an_endpoint_can_be_left_out() {
    let usual = Provider::builder().start().await.unwrap();
    let all = fetch(&usual, Endpoint::Discovery).await;
    for (endpoint, member) in [
        (Endpoint::EndSession, "end_session_endpoint"),
        (Endpoint::Userinfo, "userinfo_endpoint"),
    ] {
        assert_eq!(all[member], usual.url(endpoint));
        let provider = Provider::builder()
            .without_endpoint(endpoint)
            .start()
            .await
            .unwrap();
        let metadata = fetch(&provider, Endpoint::Discovery).await;
        assert!(metadata.get(member).is_none());
        assert_eq!(
            metadata.as_object().unwrap().len(),
            all.as_object().unwrap().len() - 1
        );
        let page = Browser::new().get(&provider.url(endpoint)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        tokens(&provider, &[]).await;
    }
}

#[tokio::test]
async fn a_sign_in_can_be_started_from_the_issuers_side() {
    let provider = Provider::builder().issuer_path("/tenant/").start().await.unwrap();
    let uri = "http://localhost:3000/api/auth/initiate?shop=1";
    let target = "http://localhost:3000/orders?page=2&sort=a b";
    let cases = [
        (None, None),
        (Some("mira@example.com"), None),
        (None, Some(target)),
        (Some("mira & co"), Some(target)),
    ];
    for (hint, link) in cases {
        let url = Url::parse(&provider.initiate_login_url(uri, hint, link)).unwrap();
        assert_eq!(url.path(), "/api/auth/initiate");
        let mut expected = vec![("shop", "1"), ("iss", provider.issuer())];
        expected.extend(hint.map(|hint| ("login_hint", hint)));
        expected.extend(link.map(|link| ("target_link_uri", link)));
        let sent: Vec<_> = url.query_pairs().collect();
        let sent: Vec<_> = sent.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(sent, expected);
    }
}
