//! Signing keys: made when first needed, published as JWKs, rotated. All signing is done by aws-lc-rs.

use std::collections::BTreeMap;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::encoding::{b64, random_id};
use super::jwt;
use super::signing_alg::SigningAlg;

/// How many withdrawn keys are remembered, so that an `id_token_hint` signed by one still counts.
const RETIRED_KEPT: usize = 8;

/// The keys in use and the ones that were withdrawn.
#[derive(Default)]
pub(super) struct Keys {
    current: BTreeMap<SigningAlg, SigningKey>,
    retired: Vec<SigningKey>,
}

impl Keys {
    /// The key of an algorithm. RSA keys take a moment to make, so no key is made before it is asked for.
    pub(super) fn of(&mut self, alg: SigningAlg) -> &SigningKey {
        self.current
            .entry(alg)
            .or_insert_with(|| SigningKey::generate(alg))
    }

    pub(super) fn rotate(&mut self) {
        self.retired
            .extend(std::mem::take(&mut self.current).into_values());
        let surplus = self.retired.len().saturating_sub(RETIRED_KEPT);
        self.retired.drain(..surplus);
    }

    /// The public keys that are in use, after the ones for `algs` have been made.
    pub(super) fn jwks(&mut self, algs: impl IntoIterator<Item = SigningAlg>) -> Vec<Value> {
        for alg in algs {
            self.of(alg);
        }
        self.current.values().map(SigningKey::jwk).collect()
    }

    /// The claims of a token that one of these keys signed, withdrawn ones included.
    /// Nothing but the signature is checked.
    pub(super) fn verify(&self, token: &str) -> Option<Map<String, Value>> {
        let jwt = jwt::read(token)?;
        let kid = jwt.header.get("kid")?.as_str()?;
        let key = self
            .current
            .values()
            .chain(&self.retired)
            .find(|key| key.kid == kid && jwt.header.get("alg") == Some(&json!(key.alg.as_str())))?;
        UnparsedPublicKey::new(key.alg.verification(), key.public())
            .verify(jwt.signed.as_bytes(), &jwt.signature)
            .ok()?;
        Some(jwt.claims)
    }
}

/// One key pair, bound to one algorithm.
pub(super) struct SigningKey {
    pub(super) kid: String,
    pub(super) alg: SigningAlg,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair, &'static str),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// A new key. Panics only when the system's random number generator fails.
    pub(super) fn generate(alg: SigningAlg) -> Self {
        let pair = match alg {
            SigningAlg::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            SigningAlg::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            SigningAlg::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            SigningAlg::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            SigningAlg::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            SigningAlg::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            SigningAlg::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            SigningAlg::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            SigningAlg::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
            SigningAlg::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().expect("Ed25519 keys can be made")),
        };
        Self {
            kid: random_id(8),
            alg,
            pair,
        }
    }

    /// The signature of a signing input, in the form that JWS wants (RFC 7515 5.1).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)
                    .expect("an RSA key of 2048 bits signs");
                signature
            }
            Pair::Ec(pair, _) => pair
                .sign(&random, message)
                .expect("an ECDSA key signs")
                .as_ref()
                .to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The public key as a JWK (RFC 7517).
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(..) => {
                let (modulus, exponent) = rsa_numbers(self.public());
                json!({ "kty": "RSA", "n": b64::encode(modulus), "e": b64::encode(exponent) })
            }
            Pair::Ec(_, curve) => {
                // SEC 1 2.3.3: an uncompressed point is 4, x, y.
                let (x, y) = self.public()[1..].split_at((self.public().len() - 1) / 2);
                json!({ "kty": "EC", "crv": curve, "x": b64::encode(x), "y": b64::encode(y) })
            }
            Pair::Ed25519(_) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": b64::encode(self.public()) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.alg.as_str());
        jwk
    }

    /// The private key in PEM (PKCS#8, RFC 5958).
    pub(super) fn pem(&self) -> String {
        const LINE: usize = 64;
        let encoded = match &self.pair {
            Pair::Rsa(pair, _) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map(|der| STANDARD.encode(der.as_ref()))
            }
            Pair::Ec(pair, _) => pair.to_pkcs8v1().map(|der| STANDARD.encode(der.as_ref())),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map(|der| STANDARD.encode(der.as_ref())),
        }
        .expect("a key pair that was made here has an encoding");
        let lines: Vec<_> = encoded
            .as_bytes()
            .chunks(LINE)
            .map(String::from_utf8_lossy)
            .collect();
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        )
    }

    fn public(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair, _) => pair.public_key().as_ref(),
            Pair::Ec(pair, _) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }
}

fn rsa(encoding: &'static dyn RsaEncoding) -> Pair {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("RSA keys can be made");
    Pair::Rsa(pair, encoding)
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &'static str) -> Pair {
    let pair = EcdsaKeyPair::generate(algorithm).expect("ECDSA keys can be made");
    Pair::Ec(pair, curve)
}

/// Modulus and exponent out of `SEQUENCE { INTEGER n, INTEGER e }` (RFC 8017 A.1.1).
fn rsa_numbers(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = der_value(der);
    let (modulus, rest) = der_value(sequence);
    let (exponent, _) = der_value(rest);
    (unsigned(modulus), unsigned(exponent))
}

/// The content of the first DER element, and what follows it. The input is our own key's encoding.
fn der_value(der: &[u8]) -> (&[u8], &[u8]) {
    let (start, length) = match usize::from(der[1]) {
        short @ 0..0x80 => (2, short),
        long => {
            let bytes = long - 0x80;
            let length = der[2..2 + bytes]
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            (2 + bytes, length)
        }
    };
    (&der[start..start + length], &der[start + length..])
}

/// A JWK's integers have no leading zero (RFC 7518 2), DER's have one where the top bit is set.
fn unsigned(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}
