use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Algorithm, Jws, JwsError, KeySet};

/// One key of the issuer.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    fn keys(&self) -> KeySet {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        set(json!([{ "kty": "EC", "crv": "P-256", "kid": "1", "x": b64(x), "y": b64(y) }]))
    }

    fn sign(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(payload));
        let signature = self
            .0
            .sign(&SystemRandom::new(), input.as_bytes())
            .expect("signed");
        format!("{input}.{}", b64(signature))
    }
}

fn set(keys: Value) -> KeySet {
    KeySet::read(Map::from_iter([("keys".to_owned(), keys)])).expect("a set")
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// As an ID token is read.
fn read(token: &str) -> Result<Jws<'_>, JwsError> {
    Jws::read(token, &[Algorithm::Es256], &["jwt"], true)
}

#[test]
fn what_a_key_signed_is_its_word() {
    let signer = Signer::new();
    for header in [
        r#"{"alg":"ES256","kid":"1","typ":"JWT"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"ES256","typ":"application/jwt","kid":null}"#,
        r#"{"alg":"ES256","typ":null,"crit":null,"jku":7,"x5c":{}}"#,
    ] {
        let token = signer.sign(header, r#"{"sub":"a"}"#);
        let token = read(&token).expect(header);
        assert_eq!(token.verify(&signer.keys()).expect(header)["sub"], "a");
        assert_eq!(token.verify(&Signer::new().keys()), Err(JwsError::Signature));
        assert_eq!(token.verify(&set(json!([]))), Err(JwsError::NoKey));
    }
    let token = signer.sign(r#"{"alg":"ES256","kid":"2"}"#, "{}");
    assert_eq!(
        read(&token).expect("its form is right").verify(&signer.keys()),
        Err(JwsError::NoKey)
    );
}

#[test]
fn another_header_than_was_asked_for_is_refused() {
    let signer = Signer::new();
    let refused = |header: &str| read(&signer.sign(header, "{}")).expect_err(header);
    for (header, error) in [
        (
            r#"{"alg":"ES384"}"#,
            JwsError::Algorithm {
                found: Some(Algorithm::Es384),
            },
        ),
        (r#"{"alg":"none"}"#, JwsError::Algorithm { found: None }),
        (r#"{"alg":"HS256"}"#, JwsError::Algorithm { found: None }),
        (r#"{"alg":"es256"}"#, JwsError::Algorithm { found: None }),
        (r#"{"alg":null}"#, JwsError::Algorithm { found: None }),
        ("{}", JwsError::Algorithm { found: None }),
        (r#"{"alg":"ES256","crit":["exp"]}"#, JwsError::Critical),
        (r#"{"alg":"ES256","crit":[]}"#, JwsError::Critical),
        (r#"{"alg":"ES256","crit":false}"#, JwsError::Critical),
        (r#"{"alg":"ES256","typ":"at+jwt"}"#, JwsError::Type),
        (r#"{"alg":"ES256","typ":"application/at+jwt"}"#, JwsError::Type),
        (r#"{"alg":"ES256","typ":"logout+jwt"}"#, JwsError::Type),
        (r#"{"alg":"ES256","typ":"JWT "}"#, JwsError::Type),
        (r#"{"alg":"ES256","typ":""}"#, JwsError::Type),
        (
            r#"{"alg":"ES256","typ":"application/application/jwt"}"#,
            JwsError::Type,
        ),
    ] {
        assert_eq!(refused(header), error, "{header}");
    }
    for (header, words) in [
        (
            r#"{"alg":"ES256","kid":7}"#,
            "`kid` is a number, and must be a string",
        ),
        (r#"{"alg":"ES256","typ":["JWT"]}"#, "`typ` is a list"),
        (r#"{"alg":7}"#, "`alg` is a number"),
        (r#"{"alg":"ES256","alg":"none"}"#, "`alg` is there twice"),
        (r#"["ES256"]"#, "not an object"),
        ("ES256", "not JSON"),
    ] {
        assert!(refused(header).to_string().contains(words), "{header}");
    }
}

#[test]
fn each_kind_has_the_type_that_its_caller_says() {
    let signer = Signer::new();
    let read = |header: &str, untyped| {
        let token = signer.sign(header, "{}");
        Jws::read(&token, &[Algorithm::Es256], &["at+jwt"], untyped).map(drop)
    };
    assert_eq!(read(r#"{"alg":"ES256","typ":"at+jwt"}"#, false), Ok(()));
    assert_eq!(
        read(r#"{"alg":"ES256","typ":"application/AT+JWT"}"#, false),
        Ok(())
    );
    assert_eq!(read(r#"{"alg":"ES256","typ":"JWT"}"#, false), Err(JwsError::Type));
    assert_eq!(read(r#"{"alg":"ES256"}"#, false), Err(JwsError::Type));
    assert_eq!(read(r#"{"alg":"ES256"}"#, true), Ok(()));
}

#[test]
fn what_is_no_compact_form_is_refused() {
    let signer = Signer::new();
    let good = signer.sign(r#"{"alg":"ES256"}"#, "{}");
    for token in [
        String::new(),
        "..".to_owned(),
        "a.b".to_owned(),
        format!("{good}."),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        good.replacen('.', "=.", 1),
        format!("{good}.{good}"),
        format!("{good}.x.y.z"),
    ] {
        assert!(read(&token).is_err(), "{token}");
    }
    assert!(matches!(read("a.b.c.d.e"), Err(JwsError::Encrypted)));
    for payload in ["[]", "null", "7", "\"x\"", "", r#"{"sub":"a","sub":"b"}"#] {
        assert!(
            read(&signer.sign(r#"{"alg":"ES256"}"#, payload)).is_err(),
            "{payload}"
        );
    }
}

/// RFC 7518 §3.3. Keys and signatures are made with OpenSSL.
#[test]
fn rsa_keys_have_2048_to_8192_bits() {
    let signatures: Vec<Value> = serde_json::from_str(include_str!("testdata/rsa.json")).expect("JSON");
    assert_eq!(signatures.len(), 6);
    for rsa in &signatures {
        let token = format!(
            "{}.{}.{}",
            b64(r#"{"alg":"RS256"}"#),
            b64(r#"{"sub":"1"}"#),
            rsa["signature"].as_str().expect("text")
        );
        let bits = rsa["bits"].as_u64().expect("a number");
        let modulus = rsa["n"].as_str().expect("text");
        let with_zero = b64([&[0][..], &URL_SAFE_NO_PAD.decode(modulus).expect("base64url")].concat());
        for n in [modulus, &with_zero] {
            let keys = set(json!([{ "kty": "RSA", "n": n, "e": "AQAB" }]));
            let token = Jws::read(&token, &Algorithm::ALL, &[], true).expect("its form is right");
            assert_eq!(
                token.verify(&keys).is_ok(),
                (2_048..=8_192).contains(&bits),
                "{bits}"
            );
        }
    }
}

proptest! {
    #[test]
    fn a_changed_token_is_nobodys(at in 0_usize..200, with in "[A-Za-z0-9_.=-]") {
        let signer = Signer::new();
        let good = signer.sign(r#"{"alg":"ES256","kid":"1"}"#, r#"{"sub":"a","exp":1}"#);
        let at = at % good.len();
        let changed = format!("{}{with}{}", &good[..at], &good[at + 1..]);
        prop_assume!(changed != good);
        let keys = signer.keys();
        prop_assert!(read(&changed).and_then(|token| token.verify(&keys).map(drop)).is_err());
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".*|[a-zA-Z0-9_-]*\\.[a-zA-Z0-9_-]*\\.[a-zA-Z0-9_-]*") {
        let _ = read(&text);
    }
}
