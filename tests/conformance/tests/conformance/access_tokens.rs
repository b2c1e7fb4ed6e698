//! JWT access tokens (RFC 9068 §4): what one must be under each kind of algorithm, and all that it must not be.

use monocloud_runtime::tokens::AccessTokenError;
use serde_json::{Value, json};

use crate::api::{ALGORITHMS, AUDIENCE, Api, ISSUER, KEYS, METADATA, NOW, Signer, claims, with};
use crate::forge::b64;

#[tokio::test]
async fn a_good_token_lets_in_with_all_of_its_claims() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        let claims = api.validate(&api.signer.access_token(&claims())).await.unwrap();
        assert_eq!(
            (claims.sub(), claims.client_id(), claims.issuer()),
            ("mira", Some("shop"), Some(ISSUER)),
            "{alg}"
        );
        assert_eq!(claims.expires_at(), Some(NOW + 3_600));
        assert_eq!(claims.to_claims(), *self::claims().as_object().unwrap(), "{alg}");
        assert_eq!(claims.user().unwrap().sub(), "mira");
    }
}

/// What is allowed, however seldom it is seen.
#[tokio::test]
async fn what_security_does_not_need_refuses_nobody() {
    let api = Api::new("ES256");
    for (name, value) in [
        ("aud", json!(["other", AUDIENCE])),
        ("client_id", Value::Null),
        ("sub", Value::Null),
        ("jti", Value::Null),
        ("iat", Value::Null),
        ("scope", json!(["orders:read"])),
        ("nbf", json!(NOW + 60)),
        ("iat", json!(NOW + 60)),
        ("exp", json!(NOW - 59)),
        ("exp", json!(1_900_000_000.5)),
        ("auth_time", json!("yesterday")),
        ("acr", json!(7)),
        ("groups", json!({ "odd": null })),
        ("nonce", json!("of the application's own")),
        ("token_use", json!("access")),
        ("typ", json!("Bearer")),
        ("email", json!({})),
    ] {
        let token = api.signer.access_token(&with(name, value.clone()));
        assert!(api.is_good(&token).await, "{name}: {value}");
    }
    for header in [
        json!({ "alg": "ES256", "typ": "at+jwt" }),
        json!({ "alg": "ES256", "kid": "first", "typ": "application/at+jwt" }),
        json!({ "alg": "ES256", "kid": "first", "typ": "AT+JWT", "jku": 7 }),
    ] {
        let token = api.signer.sign(&header.to_string(), &claims().to_string());
        assert!(api.is_good(&token).await, "{header}");
    }
}

#[tokio::test]
async fn a_claim_that_decides_and_is_wrong_is_refused() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        for (name, value) in [
            ("iss", Value::Null),
            ("iss", json!("https://other.example.com")),
            ("iss", json!("HTTPS://issuer.example.com")),
            ("iss", json!([ISSUER])),
            ("iss", json!(7)),
            ("aud", Value::Null),
            ("aud", json!("https://other.example.com")),
            ("aud", json!(format!("{AUDIENCE}/"))),
            ("aud", json!("https://API.example.com")),
            ("aud", json!([])),
            ("aud", json!([7, AUDIENCE])),
            ("aud", json!([[AUDIENCE]])),
            ("aud", json!({ "a": AUDIENCE })),
            ("exp", Value::Null),
            ("exp", json!(NOW - 60)),
            ("exp", json!(0)),
            ("exp", json!((NOW + 3_600).to_string())),
            ("nbf", json!(NOW + 61)),
            ("nbf", json!("now")),
            ("iat", json!(NOW + 61)),
            ("iat", json!(true)),
            ("sub", json!(7)),
            ("sub", json!(["mira"])),
            ("client_id", json!({})),
            (
                "cnf",
                json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
            ),
            (
                "cnf",
                json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }),
            ),
            ("cnf", json!({})),
            ("cnf", json!("x")),
            ("token_use", json!("id")),
            ("token_use", json!("refresh")),
            ("typ", json!("Refresh")),
            ("typ", json!("ID")),
        ] {
            let what = format!("{alg} {name}: {value}");
            let token = api.signer.access_token(&with(name, value));
            api.refuses(&what, &token).await;
        }
        // Nobody's keys were asked for, since no signature makes such a token good.
        assert_eq!((api.calls(METADATA), api.calls(KEYS)), (0, 0), "{alg}");
        assert!(api.is_good(&api.signer.access_token(&claims())).await, "{alg}");
    }
}

/// The claim decides by being there once (RFC 7519 §4).
#[tokio::test]
async fn a_claim_that_decides_and_is_there_twice_is_refused() {
    let api = Api::new("ES256");
    let header = api.signer.header("at+jwt").to_string();
    let good = claims().to_string();
    for (name, twice) in [
        ("iss", format!("\"{ISSUER}\"")),
        ("aud", format!("\"{AUDIENCE}\"")),
        ("exp", "1".to_owned()),
        ("nbf", format!("0,\"nbf\":{}", NOW + 100)),
        ("sub", "\"root\"".to_owned()),
        ("client_id", "\"root\"".to_owned()),
        ("scope", "\"admin\"".to_owned()),
        ("cnf", "{\"jkt\":\"a\"},\"cnf\":{\"jkt\":\"b\"}".to_owned()),
    ] {
        for payload in [
            good.replacen('{', &format!("{{\"{name}\":{twice},"), 1),
            format!("{},\"{name}\":{twice}}}", good.strip_suffix('}').unwrap()),
        ] {
            let reason = api.refuses(name, &api.signer.sign(&header, &payload)).await;
            assert!(reason.contains("twice"), "{name}: {reason}");
        }
    }
}

#[tokio::test]
async fn a_header_that_is_wrong_is_refused() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        let header = |name: &str, value: Value| {
            let mut header = api.signer.header("at+jwt");
            header[name] = value;
            header.to_string()
        };
        let other = match alg {
            "RS256" => "PS256",
            "PS256" => "RS256",
            "ES256" => "ES384",
            _ => "ES256",
        };
        let headers = [
            header("typ", Value::Null),
            header("typ", json!("JWT")),
            header("typ", json!("logout+jwt")),
            header("typ", json!("secevent+jwt")),
            header("typ", json!("dpop+jwt")),
            header("typ", json!("at+jwt ")),
            header("typ", json!("jwt+at")),
            header("typ", json!(["at+jwt"])),
            header("alg", json!("none")),
            header("alg", json!("HS256")),
            header("alg", json!(alg.to_lowercase())),
            header("alg", json!(other)),
            header("alg", Value::Null),
            header("kid", json!("unknown")),
            header("kid", json!("")),
            header("kid", json!(7)),
            header("crit", json!(["exp"])),
            header("crit", json!([])),
        ];
        for header in headers {
            let token = api.signer.sign(&header, &claims().to_string());
            api.refuses(&format!("{alg} {header}"), &token).await;
        }
        assert!(api.is_good(&api.signer.access_token(&claims())).await, "{alg}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_issuers_signs_nothing() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        let impostor = api.signer.impostor();
        api.refuses(alg, &impostor.access_token(&claims())).await;
        // A key in the header is the word of whoever sends it (RFC 7515 §10.7).
        let mut header = impostor.header("at+jwt");
        header["jwk"] = impostor.jwk();
        header["jku"] = "https://evil.example.com/jwks".into();
        let token = impostor.sign(&header.to_string(), &claims().to_string());
        api.refuses(alg, &token).await;
        // Nor does a key that is published for something else.
        let encrypting = Signer::new(alg, "encrypting");
        api.issuers.change(ISSUER, KEYS, |jwks| {
            let mut key = encrypting.jwk();
            key["use"] = "enc".into();
            jwks["keys"].as_array_mut().unwrap().push(key);
        });
        api.clock.advance(10);
        api.refuses(alg, &encrypting.access_token(&claims())).await;
    }
}

#[tokio::test]
async fn every_bit_of_the_signature_counts_and_every_byte_of_what_is_signed() {
    for alg in ALGORITHMS {
        let api = Api::new(alg);
        let token = api.signer.access_token(&claims());
        assert!(api.is_good(&token).await);
        let signature = token.rfind('.').unwrap();
        for at in (0..token.len()).filter(|at| *at > signature || at % 7 == 0) {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            api.refuses(&format!("{alg} {at}"), &changed).await;
        }
        for rest in ["=", "==", "."] {
            assert!(!api.is_good(&format!("{token}{rest}")).await, "{alg} {rest}");
        }
        api.refuses(alg, &token[..=signature]).await;
    }
}

/// RFC 8725 §2.1: the public key is known to everybody.
#[tokio::test]
async fn hmac_is_refused_whatever_the_secret() {
    let api = Api::new("RS256");
    let jwk = api.signer.jwk();
    let good = api.signer.access_token(&claims());
    for secret in [
        jwk.to_string(),
        jwk["n"].as_str().unwrap().to_owned(),
        crate::api::CLIENT_SECRET.to_owned(),
    ] {
        let token = crate::forge::with_hmac(&good, Some("first"), secret.as_bytes());
        api.refuses("HS256", &token).await;
    }
    let (header, payload) = (b64(r#"{"alg":"none","typ":"at+jwt"}"#), b64(claims().to_string()));
    api.refuses("none", &format!("{header}.{payload}.")).await;
}

/// Also where the issuer would be asked about what is opaque: a JWT of another kind is never taken for that.
#[tokio::test]
async fn an_encrypted_token_is_refused_with_the_reason() {
    let api = Api::new("ES256");
    let header = b64(r#"{"alg":"RSA-OAEP","enc":"A256GCM","typ":"at+jwt"}"#);
    let reason = api.refuses("JWE", &format!("{header}.a.b.c.d")).await;
    assert!(reason.contains("encrypted"), "{reason}");
    assert_eq!(api.calls(crate::api::INTROSPECTION), 0);
}

#[tokio::test]
async fn what_no_issuer_gives_out_is_refused_without_a_call() {
    let api = Api::new("ES256");
    for token in [
        "",
        " ",
        "a b",
        "\"quoted\"",
        "ä",
        "a\r\nX-Evil: 1",
        "a,b",
        "=",
        &"x".repeat(16 * 1024 + 1),
    ] {
        api.refuses(token, token).await;
    }
    assert_eq!(
        (api.calls(METADATA), api.calls(crate::api::INTROSPECTION)),
        (0, 0)
    );
}

#[tokio::test]
async fn without_an_audience_no_token_is_taken() {
    let api = Api::with("ES256", |settings| settings.api_audience(""));
    let error = api
        .validate(&api.signer.access_token(&claims()))
        .await
        .unwrap_err();
    assert!(matches!(error, AccessTokenError::NotConfigured));
    assert_eq!((error.status().as_u16(), error.challenge()), (500, None));
    assert_eq!(api.calls(METADATA), 0);
}

#[tokio::test]
async fn hmac_under_the_right_type_proves_nothing() {
    use aws_lc_rs::hmac;
    let api = Api::new("RS256");
    let jwk = api.signer.jwk();
    api.issuers.change(ISSUER, KEYS, |jwks| {
        let shared = json!({ "kty": "oct", "kid": "shared", "k": b64("shared") });
        jwks["keys"].as_array_mut().unwrap().push(shared);
    });
    let secrets = [
        ("shared", "shared".to_owned()),
        ("first", jwk.to_string()),
        ("first", jwk["n"].as_str().unwrap().to_owned()),
        ("first", crate::api::CLIENT_SECRET.to_owned()),
    ];
    for (alg, algorithm) in [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ] {
        for (kid, secret) in &secrets {
            let header = json!({ "alg": alg, "kid": kid, "typ": "at+jwt" }).to_string();
            let input = format!("{}.{}", b64(header), b64(claims().to_string()));
            let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), input.as_bytes());
            let reason = api.refuses(alg, &format!("{input}.{}", b64(tag))).await;
            assert!(reason.contains("proves nothing"), "{alg} {kid}: {reason}");
        }
    }
}
