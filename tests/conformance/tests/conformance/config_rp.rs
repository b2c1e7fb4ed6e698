//! Config RP: metadata, keys, and their rotation.

use monocloud_runtime::testing::{Endpoint, Fault, SigningAlg};

use crate::rp::{Rp, Setup, assert_error_page};

/// The endpoints are the metadata's, wherever they are: here, the token endpoint has a query and the issuer a path.
#[tokio::test]
async fn discovery_openid_config() {
    let rp = Setup::new()
        .provider(|provider| provider.issuer_path("/tenants/blue"))
        .start()
        .await;
    rp.provider.tamper_metadata(|metadata| {
        for endpoint in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"] {
            let url = format!("{}?tenant=blue", metadata[endpoint].as_str().unwrap());
            metadata[endpoint] = url.into();
        }
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    for endpoint in [Endpoint::Authorize, Endpoint::Token, Endpoint::Userinfo] {
        let asked = rp.provider.last_request(endpoint).unwrap();
        assert_eq!(asked.query("tenant"), Some("blue"), "{endpoint:?}");
    }
    assert!(rp.provider.url(Endpoint::Token).contains("/tenants/blue/"));
}

/// The provider's `jwks_uri` has a random part.
#[tokio::test]
async fn discovery_jwks_uri_keys() {
    let (one, other) = (Rp::start().await, Rp::start().await);
    let path = |rp: &Rp| {
        rp.provider
            .url(Endpoint::Jwks)
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_ne!(path(&one), path(&other));
    for rp in [one, other] {
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
        assert_eq!(rp.calls(Endpoint::Jwks), 1);
    }
}

#[tokio::test]
async fn discovery_issuer_mismatch() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::DiscoveryIssuerMismatch);
    let page = rp.begin(&rp.agent).await;
    assert_eq!(page.status, 502);
    assert_error_page(&page);
    assert_eq!(page.url.path(), "/api/auth/signin");
    assert_eq!(rp.calls(Endpoint::Authorize), 0);
    assert_eq!(rp.pending(), 0);
}

#[tokio::test]
async fn signing_key_rotation_just_before_signing() {
    let rp = Setup::new().alg(SigningAlg::Rs256).start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Jwks), 1);
    rp.provider.fault(Fault::RotateBeforeSigning);
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn signing_key_rotation() {
    let rp = Rp::start().await;
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.rotate_keys();
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    assert_eq!(rp.calls(Endpoint::Userinfo), 2);
}

/// An issuer without `kid` rotates too: what fails against the keys that are known is tried once more.
#[tokio::test]
async fn signing_key_rotation_without_kid() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::NoKid);
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
    rp.provider.rotate_keys();
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}

/// A slash at the end is part of the issuer's name when its metadata has one, however it is configured.
#[tokio::test]
async fn an_issuer_with_or_without_a_slash_at_its_end() {
    for path in ["", "/", "/tenant", "/tenant/"] {
        for slash in ["", "/"] {
            let rp = Setup::new()
                .provider(move |provider| provider.issuer_path(path))
                .issuer(move |issuer| format!("{}{slash}", issuer.trim_end_matches('/')))
                .start()
                .await;
            let page = rp.sign_in().await;
            rp.assert_signed_in(&page);
        }
    }
}
