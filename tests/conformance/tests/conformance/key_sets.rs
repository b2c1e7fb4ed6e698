//! Key sets with more in them than the one key that signs, and with less.

use monocloud_runtime::testing::{Endpoint, Fault, SigningAlg};
use serde_json::{Value, json};

use crate::forge::{Forge, KID, replace_id_token};
use crate::rp::{Rp, Setup};

/// A P-256 point that is on the curve but nobody's here, and what else a set may hold.
fn other_entries() -> Vec<Value> {
    let signing = Forge::new().jwk();
    let with = |name: &str, value: Value| {
        let mut key = signing.clone();
        key[name] = value;
        key
    };
    vec![
        json!({ "kty": "oct", "k": "c2VjcmV0" }),
        json!({ "kty": "oct", "kid": KID, "k": "c2VjcmV0" }),
        with("use", json!("enc")),
        with("alg", json!("ES384")),
        with("alg", json!("ECDH-ES")),
        with("key_ops", json!(["sign"])),
        with("crv", json!("P-521")),
        with("crv", json!("secp256k1")),
        with("kty", json!("RSA")),
        with("kty", json!("future")),
        with("x", json!("not base64!")),
        with("x", json!("AQ")),
        with("y", json!(null)),
        with("kid", json!(7)),
        json!({ "kty": "OKP", "crv": "X25519", "x": "AQ" }),
        json!({ "kty": 1 }),
        json!({}),
        json!(null),
        json!("key"),
        json!([1, 2]),
    ]
}

/// What does not fit, or cannot be read, is passed over, with and without a `kid` to go by.
#[tokio::test]
async fn garbage_foreign_and_symmetric_keys_disturb_nothing() {
    for kid in [true, false] {
        let rp = Rp::start().await;
        if !kid {
            rp.provider.fault(Fault::NoKid);
        }
        rp.provider.tamper_jwks(|jwks| {
            let keys = jwks["keys"].as_array_mut().unwrap();
            let entries = other_entries();
            keys.splice(0..0, entries.clone());
            keys.extend(entries);
        });
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
    }
}

/// The same key and a good signature, but the key says that it is for something else.
#[tokio::test]
async fn a_key_that_is_not_for_these_signatures_verifies_none() {
    for (name, value) in [
        ("use", json!("enc")),
        ("alg", json!("ES384")),
        ("key_ops", json!(["encrypt"])),
        ("kty", json!("OKP")),
        ("crv", json!("P-384")),
    ] {
        let rp = Rp::start().await;
        rp.provider.tamper_jwks(move |jwks| {
            for key in jwks["keys"].as_array_mut().unwrap() {
                key[name] = value.clone();
            }
        });
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 400);
        assert_eq!(rp.calls(Endpoint::Userinfo), 0, "{name}");
    }
}

/// A key of the issuer verifies, but not under the name of another one.
#[tokio::test]
async fn a_known_key_under_another_kid_is_refused() {
    let rp = Rp::start().await;
    rp.provider.tamper_id_token(|header, _| {
        header.insert("kid".into(), "another".into());
    });
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}

#[tokio::test]
async fn several_keys_without_kid_are_all_tried() {
    for alg in [SigningAlg::Es256, SigningAlg::EdDsa, SigningAlg::Rs256] {
        let rp = Setup::new().alg(alg).start().await;
        rp.provider.fault(Fault::NoKid);
        for _ in 0..3 {
            rp.provider.fault(Fault::ExtraKey);
        }
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
    }
}

/// And none of them is a blank cheque.
#[tokio::test]
async fn several_keys_without_kid_do_not_verify_what_none_of_them_signed() {
    let rp = Rp::start().await;
    rp.provider.fault(Fault::NoKid);
    rp.provider.fault(Fault::ExtraKey);
    let stranger = Forge::new();
    replace_id_token(&rp.provider, move |id_token| {
        let claims = Value::Object(crate::forge::payload(id_token)).to_string();
        stranger.sign("{\"alg\":\"ES256\"}", &claims)
    });
    let page = rp.sign_in().await;
    rp.assert_id_token_refused(&page);
}

#[tokio::test]
async fn a_set_that_is_no_set_is_a_malformed_answer() {
    for set in [json!({}), json!({ "keys": "none" }), json!([]), json!(null)] {
        let rp = Rp::start().await;
        rp.provider.tamper_jwks(move |jwks| *jwks = set.clone());
        let page = rp.sign_in().await;
        rp.assert_refused(&page, 502);
        assert_eq!(rp.calls(Endpoint::Userinfo), 0);
    }
}

/// A key is taken by its content, so an unknown member is none of our business.
#[tokio::test]
async fn unknown_members_of_a_key_are_passed_over() {
    let rp = Rp::start().await;
    let forge = Forge::new();
    let mut jwk = forge.jwk();
    jwk["x5c"] = json!(["AAAA"]);
    jwk["x5t"] = json!("AAAA");
    jwk["iat"] = json!(1);
    jwk["key_ops"] = json!(["verify"]);
    rp.provider
        .tamper_jwks(move |jwks| jwks["keys"] = json!([jwk.clone()]));
    replace_id_token(&rp.provider, move |id_token| {
        let claims = Value::Object(crate::forge::payload(id_token)).to_string();
        forge.sign(&Value::Object(Forge::header()).to_string(), &claims)
    });
    let page = rp.sign_in().await;
    rp.assert_signed_in(&page);
}
