//! Keys of forged issuers, under each kind of algorithm.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

use crate::forge::b64;

pub(crate) const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// A private key with a name, and the algorithm that it is used with.
pub(crate) struct Signer {
    pub(crate) alg: &'static str,
    pub(crate) kid: &'static str,
    pair: Pair,
}

enum Pair {
    /// Made once for all tests, since they take long.
    Rsa(&'static RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

static RSA: [LazyLock<RsaKeyPair>; 2] = [LazyLock::new(rsa), LazyLock::new(rsa)];

fn rsa() -> RsaKeyPair {
    RsaKeyPair::generate(KeySize::Rsa2048).unwrap()
}

impl Signer {
    pub(crate) fn new(alg: &'static str, kid: &'static str) -> Self {
        let pair = match alg {
            "ES256" => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            "EdDSA" => Pair::Ed(Ed25519KeyPair::generate().unwrap()),
            _ => Pair::Rsa(&RSA[0]),
        };
        Self { alg, kid, pair }
    }

    /// Another key that says that it is the same.
    pub(crate) fn impostor(&self) -> Self {
        match &self.pair {
            Pair::Rsa(_) => Self {
                pair: Pair::Rsa(&RSA[1]),
                ..*self
            },
            _ => Self::new(self.alg, self.kid),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                // RFC 8017 A.1.1: a sequence of two integers, of which the first has 2,048 bits.
                let modulus = &pair.public_key().as_ref()[9..265];
                json!({ "kty": "RSA", "n": b64(modulus), "e": "AQAB" })
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y) })
            }
            Pair::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) }),
        };
        jwk["kid"] = self.kid.into();
        jwk["use"] = "sig".into();
        jwk
    }

    pub(crate) fn header(&self, typ: &str) -> Value {
        json!({ "alg": self.alg, "kid": self.kid, "typ": typ })
    }

    /// The parts are JSON, as it should stand in the token.
    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(payload));
        let bytes = input.as_bytes();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &'static dyn aws_lc_rs::signature::RsaEncoding = if self.alg == "PS256" {
                    &RSA_PSS_SHA256
                } else {
                    &RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), bytes, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
        };
        format!("{input}.{}", b64(signature))
    }

    /// A token of this type with these claims.
    pub(crate) fn token(&self, typ: &str, claims: &Value) -> String {
        self.sign(&self.header(typ).to_string(), &claims.to_string())
    }

    /// An access token as RFC 9068 has it.
    pub(crate) fn access_token(&self, claims: &Value) -> String {
        self.token("at+jwt", claims)
    }
}
