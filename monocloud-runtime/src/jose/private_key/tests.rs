use serde_json::{Map, Value, json};

use super::PrivateKey;
use crate::jose::{Algorithm, Jws, KeySet, MacAlgorithm};

const KINDS: [&str; 5] = ["rsa", "p256", "p384", "p521", "ed25519"];

/// Made with Node.js: each kind of key in each of its encodings, and keys that are refused.
fn keys() -> Value {
    serde_json::from_str(include_str!("../testdata/private_keys.json")).expect("JSON")
}

fn jwk(kind: &str) -> Value {
    keys()[kind]["jwk"].clone()
}

/// A JWK with a member changed, or without it where the value is `null`.
fn with(kind: &str, name: &str, value: Value) -> String {
    let mut jwk = jwk(kind);
    match value {
        Value::Null => drop(jwk.as_object_mut().expect("an object").remove(name)),
        value => jwk[name] = value,
    }
    jwk.to_string()
}

fn encodings(kind: &str) -> Vec<String> {
    let key = &keys()[kind];
    let mut encodings = vec![key["jwk"].to_string(), format!("{:#}", key["jwk"])];
    for name in ["pkcs8", "pkcs1", "sec1"] {
        let Some(pem) = key[name].as_str() else { continue };
        encodings.extend([
            pem.to_owned(),
            pem.replace('\n', "\\n"),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\\r\\n"),
            pem.replace('\n', " "),
            format!("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{pem}"),
        ]);
    }
    encodings
}

/// Only the numbers that everybody may know.
fn public(kind: &str) -> KeySet {
    let mut jwk = jwk(kind);
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        jwk.as_object_mut().expect("an object").remove(name);
    }
    KeySet::read(Map::from_iter([("keys".to_owned(), json!([jwk]))])).expect("a set")
}

fn claims() -> Map<String, Value> {
    Map::from_iter([("sub".to_owned(), json!("a"))])
}

fn refusal(text: &str) -> String {
    assert!(PrivateKey::is_meant_by(text), "{text} would be sent as a secret");
    PrivateKey::read(text).expect_err(text)
}

#[test]
fn each_encoding_of_a_key_signs_with_each_of_its_algorithms() {
    let mut used = Vec::new();
    for kind in KINDS {
        for text in encodings(kind) {
            assert!(PrivateKey::is_meant_by(&text));
            let key = PrivateKey::read(&text).expect(kind);
            assert_eq!(format!("{key:?}"), "[redacted]");
            for algorithm in key.algorithms() {
                let token = key.sign(algorithm, &claims()).expect("signed");
                let token = Jws::read(&token, &[algorithm], &["jwt"], false).expect("its form is right");
                assert_eq!(token.verify(&public(kind)), Ok(&claims()), "{kind} {algorithm:?}");
                used.push(algorithm);
            }
        }
    }
    for algorithm in Algorithm::ALL {
        assert!(used.contains(&algorithm), "{algorithm:?}");
    }
}

#[test]
fn rs256_is_the_first_algorithm_of_rsa_and_an_alg_the_only_one() {
    let first = |text: &str| PrivateKey::read(text).expect("a key").algorithms().next();
    assert_eq!(first(&jwk("rsa").to_string()), Some(Algorithm::Rs256));
    let text = with("rsa", "alg", json!("PS384"));
    let key = PrivateKey::read(&text).expect("a key");
    assert_eq!(key.algorithms().collect::<Vec<_>>(), [Algorithm::Ps384]);
    assert!(key.sign(Algorithm::Es256, &claims()).is_err());
    let key = PrivateKey::read(&jwk("p521").to_string()).expect("a key");
    assert_eq!(key.algorithms().collect::<Vec<_>>(), [Algorithm::Es512]);
}

#[test]
fn a_kid_stands_in_the_header() {
    let key = PrivateKey::read(&with("ed25519", "kid", json!("mine"))).expect("a key");
    let token = key.sign(Algorithm::EdDsa, &claims()).expect("signed");
    let header = token.split('.').next().expect("a header");
    let header: Value = serde_json::from_slice(&b64_decode(header)).expect("JSON");
    assert_eq!(header, json!({"alg": "EdDSA", "kid": "mine", "typ": "JWT"}));
}

/// RFC 8037 A.4.
#[test]
fn a_signature_is_that_of_the_specification() {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let key = PrivateKey::read(&jwk.to_string()).expect("a key");
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = key.pair.sign(Algorithm::EdDsa, message).expect("signed");
    assert_eq!(
        signature,
        b64_decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    );
}

#[test]
fn numbers_of_a_jwk_may_have_padding_and_more_or_fewer_zeros() {
    let padded = format!("{}=", jwk("p256")["d"].as_str().expect("text"));
    assert!(PrivateKey::read(&with("p256", "d", json!(padded))).is_ok());
    // RFC 7518 §6.2.2.1 would have zeros before this one; its public half is the generator of P-256.
    let x = "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY";
    let y = "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
    let one = json!({ "kty": "EC", "crv": "P-256", "d": "AQ", "x": x, "y": y });
    assert!(PrivateKey::read(&one.to_string()).is_ok());
    let modulus = [&[0][..], &b64_decode(jwk("rsa")["n"].as_str().expect("text"))].concat();
    assert!(PrivateKey::read(&with("rsa", "n", json!(b64(&modulus)))).is_ok());
}

#[test]
fn a_jwk_may_say_that_it_signs() {
    for (name, value) in [
        ("use", json!("sig")),
        ("key_ops", json!(["sign", "verify"])),
        ("alg", json!("PS256")),
        ("kid", json!("1")),
        ("x5c", json!(["AAAA"])),
    ] {
        assert!(PrivateKey::read(&with("rsa", name, value)).is_ok(), "{name}");
    }
}

#[test]
fn a_jwk_that_does_not_fit_is_refused_with_what_to_write() {
    let d = jwk("p256")["d"].clone();
    for (text, words) in [
        (with("rsa", "d", Value::Null), "it is a public key"),
        (with("p256", "d", Value::Null), "it is a public key"),
        (
            with("ed25519", "d", json!(7)),
            "`d` is a number, and must be a string",
        ),
        (with("rsa", "qi", Value::Null), "its `qi` is missing"),
        (with("rsa", "oth", json!([])), "more than two primes"),
        (
            with("rsa", "p", jwk("rsa")["q"].clone()),
            "do not belong together",
        ),
        (with("p256", "d", json!("AQ")), "do not belong together"),
        (with("p384", "d", d), "do not belong together"),
        (with("p256", "x", Value::Null), "its `x` is missing"),
        (with("p256", "y", json!("!")), "its `y` is not base64url"),
        (
            with("p256", "x", jwk("p521")["x"].clone()),
            "do not belong together",
        ),
        (with("ed25519", "x", json!("AQ")), "do not belong together"),
        (with("ed25519", "d", json!("AQ")), "do not belong together"),
        (
            with("p256", "crv", json!("secp256k1")),
            "write a key on P-256, P-384 or P-521",
        ),
        (with("p256", "crv", json!("P-384")), "do not belong together"),
        (with("ed25519", "crv", json!("X25519")), "write a key on Ed25519"),
        (with("rsa", "kty", json!("EC")), "write a key on P-256"),
        (
            with("rsa", "kty", Value::Null).replace("\"n\"", "\"kty_\":1,\"n\""),
            "its `kty` is missing",
        ),
        (with("rsa", "kty", json!("AKP")), "its `kty` is not known"),
        (with("rsa", "kty", json!("oct")), "a key that both sides share"),
        (with("rsa", "use", json!("enc")), "its `use` is not sig"),
        (
            with("rsa", "key_ops", json!(["decrypt"])),
            "its `key_ops` do not have sign",
        ),
        (
            with("rsa", "key_ops", json!("verify")),
            "its `key_ops` do not have sign",
        ),
        (
            with("rsa", "alg", json!("ES256")),
            "write RS256, RS384, RS512, PS256, PS384, PS512, or leave it out",
        ),
        (with("rsa", "alg", json!("RSA-OAEP")), "write RS256"),
        (
            with("p384", "alg", json!("ES256")),
            "write ES384, or leave it out",
        ),
        (
            with("ed25519", "alg", json!("HS256")),
            "write EdDSA, or leave it out",
        ),
        (json!({ "keys": [jwk("rsa")] }).to_string(), "a set of keys"),
        (jwk("rsa").to_string().replace('"', ""), "with the quotes in it"),
        ("{\"kty\":\"RSA\"".to_owned(), "it is not JSON"),
        ("{}".to_owned(), "it is a public key"),
    ] {
        let error = refusal(&text);
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn keys_that_cannot_sign_are_refused_with_what_to_write() {
    let refused = &keys()["refused"];
    let pem = keys()["p256"]["pkcs8"].as_str().expect("text").to_owned();
    let two = format!("{pem}{}", keys()["rsa"]["pkcs1"].as_str().expect("text"));
    let lines: Vec<&str> = pem.trim().lines().collect();
    for (text, words) in [
        (refused["encrypted"].as_str(), "the key is encrypted"),
        (refused["encrypted_long_ago"].as_str(), "the key is encrypted"),
        (refused["public"].as_str(), "there is no private key in it"),
        (refused["secp256k1"].as_str(), "P-256, P-384 or P-521"),
        (refused["ed448"].as_str(), "no Ed25519 key"),
        (refused["rsa_1024"].as_str(), "2,048 to 8,192 bits"),
        (refused["rsa_1024_pkcs1"].as_str(), "2,048 to 8,192 bits"),
        (refused["rsa_1024_jwk"].as_str(), "2,048 to 8,192 bits"),
        (Some(two.as_str()), "more than one private key"),
        (Some(lines[0]), "the key is cut off"),
        (Some(&pem[..pem.len() - 9]), "the key is cut off"),
        (Some("-----BEGIN"), "there is no private key in it"),
        (
            Some("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"),
            "not base64",
        ),
        (
            Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
            "or it is damaged",
        ),
        (
            Some("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"),
            "or it is damaged",
        ),
        (
            Some("-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----"),
            "or it is damaged",
        ),
    ] {
        let error = refusal(text.expect("text"));
        assert!(error.contains(words), "{words}: {error}");
    }
}

/// It would be sent to the issuer as it is.
#[test]
fn a_key_in_base64_is_no_secret() {
    for kind in KINDS {
        let pem = keys()[kind]["pkcs8"].as_str().expect("text").to_owned();
        let body: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
        for text in [
            b64(pem.as_bytes()),
            b64(jwk(kind).to_string().as_bytes()),
            body.concat(),
            body.join("\n"),
        ] {
            assert!(refusal(&text).contains("encoded in base64"), "{kind}");
        }
    }
    for secret in [
        "a secret",
        "c2VjcmV0",
        "{secret}",
        "MDEyMzQ1Njc4OWFiY2RlZg==",
        "-----",
        "[]",
        "\"kty\"",
    ] {
        assert!(!PrivateKey::is_meant_by(secret), "{secret}");
    }
    for length in [16, 24, 32, 48, 64, 96, 128] {
        let secret: Vec<u8> = crate::crypto::random::<128>()[..length].to_vec();
        assert!(!PrivateKey::is_meant_by(&b64(&secret)));
    }
}

#[test]
fn no_error_has_a_byte_of_the_key() {
    let d = jwk("p256")["d"].as_str().expect("text").to_owned();
    for name in ["kty", "crv", "alg", "use", "d", "x", "y", "kid"] {
        for value in [json!(d), json!([d]), json!({ "a": d })] {
            let text = with("p256", name, value);
            let Err(error) = PrivateKey::read(&text) else {
                continue;
            };
            assert!(!error.contains(&d[..6]), "{name}: {error}");
        }
    }
    let text = jwk("p256").to_string();
    for end in 1..text.len() {
        if let Err(error) = PrivateKey::read(&text[..end]) {
            assert!(!error.contains(&d[..6]), "{error}");
        }
    }
}

#[test]
fn a_mac_is_checked_by_who_has_the_secret() {
    let secret = "s".repeat(48);
    let fitting = MacAlgorithm::for_secret(&secret);
    assert_eq!(fitting, [MacAlgorithm::Hs256, MacAlgorithm::Hs384]);
    assert_eq!(MacAlgorithm::for_secret(&secret[..31]), []);
    assert_eq!(MacAlgorithm::for_secret(&"s".repeat(64)), MacAlgorithm::ALL);
    for (mac, algorithm) in MacAlgorithm::ALL.into_iter().zip([
        aws_lc_rs::hmac::HMAC_SHA256,
        aws_lc_rs::hmac::HMAC_SHA384,
        aws_lc_rs::hmac::HMAC_SHA512,
    ]) {
        let token = mac.sign(secret.as_bytes(), &claims());
        let (signed, tag) = token.rsplit_once('.').expect("a token");
        let key = aws_lc_rs::hmac::Key::new(algorithm, secret.as_bytes());
        assert!(aws_lc_rs::hmac::verify(&key, signed.as_bytes(), &b64_decode(tag)).is_ok());
        // It is no token of an issuer.
        assert!(Jws::read(&token, &Algorithm::ALL, &["jwt"], true).is_err());
    }
}

fn b64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn b64_decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .expect("base64url")
}
