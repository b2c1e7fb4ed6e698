//! Signatures: the configured algorithm and no other, verified with keys that fit and no others.

use monocloud_runtime::testing::{Endpoint, Fault, SigningAlg};
use serde_json::json;

use crate::forge::{replace_id_token, unb64, with_hmac};
use crate::rp::{CLIENT_SECRET, Rp, Setup};

macro_rules! each_algorithm {
    ($($name:ident: $alg:ident,)*) => {$(
        #[tokio::test]
        async fn $name() {
            let rp = Setup::new().alg(SigningAlg::$alg).start().await;
            let page = rp.sign_in().await;
            rp.assert_signed_in(&page);
            // One bit of the signature, with the same key and algorithm.
            rp.provider.fault(Fault::BadSignature);
            rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
            let page = rp.sign_in().await;
            rp.assert_refused(&page, 400);
            assert_eq!(rp.calls(Endpoint::Userinfo), 1);
        }
    )*};
}

each_algorithm! {
    rs256_signs_in: Rs256,
    rs384_signs_in: Rs384,
    rs512_signs_in: Rs512,
    ps256_signs_in: Ps256,
    ps384_signs_in: Ps384,
    ps512_signs_in: Ps512,
    es256_signs_in: Es256,
    es384_signs_in: Es384,
    es512_signs_in: Es512,
    eddsa_signs_in: EdDsa,
}

/// Signed as the client is registered, but the app expects another algorithm: also one of the same key type.
#[tokio::test]
async fn another_algorithm_than_the_configured_one_is_refused() {
    for (registered, configured) in [
        (SigningAlg::Rs256, "PS256"),
        (SigningAlg::Rs256, "RS512"),
        (SigningAlg::Es256, "ES384"),
        (SigningAlg::Es256, "RS256"),
        (SigningAlg::EdDsa, "ES256"),
    ] {
        let rp = Setup::new()
            .alg(registered)
            .settings(move |settings| settings.id_token_signing_alg(configured))
            .start()
            .await;
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// The header is a claim of whoever sends the token. Here it says what is configured, and the key is another's.
#[tokio::test]
async fn a_header_that_lies_about_the_algorithm_is_refused() {
    for (alg, claimed) in [(SigningAlg::Rs256, "RS512"), (SigningAlg::Es256, "RS256")] {
        let rp = Setup::new()
            .alg(alg)
            .settings(move |settings| settings.id_token_signing_alg(claimed))
            .start()
            .await;
        rp.provider.tamper_id_token(move |header, _| {
            header.insert("alg".into(), claimed.into());
        });
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

#[tokio::test]
async fn a_published_key_of_another_algorithm_is_refused() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::WrongAlg);
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}

#[tokio::test]
async fn hmac_with_the_client_secret_is_refused() {
    let rp = Setup::new().alg(SigningAlg::Rs256).start().await;
    replace_id_token(&rp.provider, |id_token| {
        with_hmac(id_token, None, CLIENT_SECRET.as_bytes())
    });
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}

/// The public key is known to everyone, in every form that it could be taken for a secret.
#[tokio::test]
async fn hmac_with_the_public_key_is_refused() {
    for form in ["jwk", "modulus", "base64url"] {
        let rp = Setup::new().alg(SigningAlg::Rs256).start().await;
        let jwks = rp.agent.visit(&rp.provider.url(Endpoint::Jwks)).await.json();
        let key = jwks["keys"][0].clone();
        let secret = match form {
            "jwk" => key.to_string().into_bytes(),
            "modulus" => unb64(key["n"].as_str().unwrap()),
            _ => key["n"].as_str().unwrap().into(),
        };
        let kid = key["kid"].as_str().unwrap().to_owned();
        replace_id_token(&rp.provider, move |id_token| {
            with_hmac(id_token, Some(&kid), &secret)
        });
        let page = rp.sign_in().await;
        rp.assert_id_token_refused(&page);
    }
}

/// A symmetric key in a public set proves nothing.
#[tokio::test]
async fn hmac_with_a_published_symmetric_key_is_refused() {
    let rp = Rp::start().await;
    rp.provider.tamper_jwks(|jwks| {
        let key = json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": "c2hhcmVk" });
        jwks["keys"].as_array_mut().unwrap().push(key);
    });
    replace_id_token(&rp.provider, |id_token| {
        with_hmac(id_token, Some("shared"), b"shared")
    });
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}

#[tokio::test]
async fn no_signature_is_refused_however_none_is_spelled() {
    for none in ["none", "None", "NONE", "nOnE", ""] {
        for keep_signature in [false, true] {
            let rp = Rp::start().await;
            rp.provider.tamper_id_token(move |header, _| {
                header.insert("alg".into(), none.into());
            });
            replace_id_token(&rp.provider, move |id_token| {
                if keep_signature {
                    return id_token.to_owned();
                }
                let unsigned = id_token.rsplit_once('.').unwrap().0;
                format!("{unsigned}.")
            });
            let page = rp.sign_in().await;
            rp.assert_id_token_refused(&page);
        }
    }
}

/// A token that says whose key it was signed with names the thief's (RFC 7515 10.7): such headers are not followed.
#[tokio::test]
async fn a_key_in_the_header_is_not_believed() {
    let rp = Rp::start().await;
    let forge = crate::forge::Forge::new();
    let jwk = forge.jwk();
    replace_id_token(&rp.provider, move |id_token| {
        let mut header = crate::forge::Forge::header();
        header.insert("jwk".into(), jwk.clone());
        let payload = serde_json::Value::Object(crate::forge::payload(id_token)).to_string();
        forge.sign(&serde_json::Value::Object(header).to_string(), &payload)
    });
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}
