//! Public keys (RFC 7517), and which of them may have signed a token.

use std::sync::OnceLock;

use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Scheme};
use crate::crypto::{self, Fingerprint};
use crate::json;

/// A token without `kid` is tried against this many keys that fit it.
const MAX_TRIED: usize = 64;

/// The keys of an issuer. Those that are of no use here do no harm.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Jwk>,
    fingerprint: Fingerprint,
}

impl KeySet {
    /// Reads a key set (RFC 7517 §5). Only that there is a list of keys is a must.
    pub(crate) fn read(mut document: Map<String, Value>) -> Result<Self, String> {
        match document.remove("keys") {
            None | Some(Value::Null) => Err(json::missing("keys")),
            Some(keys @ Value::Array(_)) => Ok(Self::of(keys)),
            Some(other) => Err(json::mistyped("keys", &other, "a list")),
        }
    }

    fn of(keys: Value) -> Self {
        let fingerprint = crypto::fingerprint(keys.to_string().as_bytes());
        let keys = match keys {
            Value::Array(keys) => keys.into_iter().filter_map(Jwk::of).collect(),
            _ => Vec::new(),
        };
        Self { keys, fingerprint }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What the set is known again by: another one has another, whatever is different.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The keys that may have signed with `algorithm` under `kid`. Without a `kid`, all that fit.
    pub(super) fn candidates(&self, algorithm: Algorithm, kid: Option<&str>) -> impl Iterator<Item = &Jwk> {
        self.keys
            .iter()
            .filter(move |key| key.fits(algorithm, kid))
            .take(MAX_TRIED)
    }
}

/// One public key.
#[derive(Debug)]
pub(super) struct Jwk {
    members: Map<String, Value>,
    /// What signatures are checked with, once one was: for each algorithm, in the order of [`Algorithm::ALL`].
    parsed: [OnceLock<Option<ParsedPublicKey>>; Algorithm::ALL.len()],
}

impl Jwk {
    fn of(key: Value) -> Option<Self> {
        match key {
            Value::Object(members) => Some(Self {
                members,
                parsed: Default::default(),
            }),
            _ => None,
        }
    }

    /// Whether it may have signed with this algorithm, under this `kid`. A key that says that it is
    /// for something else is believed (RFC 7517 §4.2 to §4.5).
    fn fits(&self, algorithm: Algorithm, kid: Option<&str>) -> bool {
        let member = |name: &str| json::member(&self.members, name);
        let is = |name: &str, wanted: &str| member(name).is_some_and(|value| value == wanted);
        let absent_or = |name: &str, wanted: &str| member(name).is_none_or(|value| value == wanted);
        let may_verify = match member("key_ops") {
            None => true,
            Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
            Some(other) => other == "verify",
        };
        is("kty", algorithm.kty())
            && algorithm.crv().is_none_or(|crv| is("crv", crv))
            && absent_or("use", "sig")
            && absent_or("alg", algorithm.name())
            && may_verify
            && kid.is_none_or(|kid| is("kid", kid))
    }

    /// Whether it has signed this. What is no key of this algorithm has signed nothing.
    pub(super) fn has_signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let key = self.parsed[algorithm as usize].get_or_init(|| self.parse(algorithm));
        key.as_ref()
            .is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    fn parse(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match algorithm.scheme() {
            Scheme::Rsa(parameters) => {
                // Some issuers write the sign's zero of other encodings in front.
                let number = |name| {
                    Some(
                        self.bytes(name)?
                            .into_iter()
                            .skip_while(|byte| *byte == 0)
                            .collect(),
                    )
                };
                let (n, e): (Vec<u8>, Vec<u8>) = (number("n")?, number("e")?);
                RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .ok()
            }
            Scheme::Ecdsa(parameters) => {
                let (x, y) = (self.bytes("x")?, self.bytes("y")?);
                if x.len() != y.len() {
                    return None;
                }
                // SEC 1 §2.3.3: an uncompressed point is 4, x, y.
                ParsedPublicKey::new(parameters, [vec![4], x, y].concat()).ok()
            }
            Scheme::Ed25519 => ParsedPublicKey::new(&ED25519, self.bytes("x")?).ok(),
        }
    }

    /// RFC 7518 §2 has it without padding, which some issuers leave on.
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let encoded = self.members.get(name)?.as_str()?.trim_end_matches('=');
        URL_SAFE_NO_PAD.decode(encoded).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Algorithm, KeySet};

    fn set(document: &Value) -> Result<KeySet, String> {
        KeySet::read(document.as_object().expect("an object").clone())
    }

    fn fitting(keys: &[Value], algorithm: Algorithm, kid: Option<&str>) -> usize {
        let keys = set(&json!({ "keys": keys })).expect("a set");
        keys.candidates(algorithm, kid).count()
    }

    #[test]
    fn only_keys_that_fit_are_candidates() {
        let fit = json!({"kty": "EC", "crv": "P-256", "kid": "a", "x": "AQ", "y": "AQ"});
        let with = |name: &str, value: Value| {
            let mut key = fit.clone();
            key[name] = value;
            key
        };
        let keys = [
            with("crv", json!("P-384")),
            with("use", json!("enc")),
            with("use", json!(7)),
            with("alg", json!("ES384")),
            with("alg", json!(["ES256"])),
            with("key_ops", json!(["sign"])),
            with("key_ops", json!([])),
            with("key_ops", json!(true)),
            with("kty", json!("oct")),
            with("kty", Value::Null),
            with("kid", json!("b")),
            json!({"kty": "oct", "kid": "a", "k": "AQ"}),
            json!("not an object"),
            json!(null),
            fit.clone(),
        ];
        assert_eq!(fitting(&keys, Algorithm::Es256, Some("a")), 1);
        assert_eq!(fitting(&keys, Algorithm::Es256, None), 2);
        assert_eq!(fitting(&keys, Algorithm::Rs256, None), 0);
        // A `null` says nothing, and so does what this library has never heard of.
        for name in ["use", "alg", "key_ops", "x5c", "exp"] {
            assert_eq!(
                fitting(&[with(name, Value::Null)], Algorithm::Es256, Some("a")),
                1,
                "{name}"
            );
        }
        assert_eq!(
            fitting(
                &[with("key_ops", json!(["sign", "verify"]))],
                Algorithm::Es256,
                None
            ),
            1
        );
        assert_eq!(fitting(&[with("x5c", json!(7))], Algorithm::Es256, None), 1);
    }

    #[test]
    fn what_is_parsed_for_an_algorithm_is_kept_in_its_place() {
        for (at, algorithm) in Algorithm::ALL.into_iter().enumerate() {
            assert_eq!(algorithm as usize, at);
        }
    }

    #[test]
    fn keys_are_chosen_before_their_number_is_bounded() {
        let key = |kid: usize, kty: &str| json!({"kty": kty, "kid": kid.to_string(), "n": "AQ", "e": "AQAB"});
        let mut keys: Vec<Value> = (0..500).map(|kid| key(kid, "RSA")).collect();
        assert_eq!(fitting(&keys, Algorithm::Rs256, Some("499")), 1);
        assert_eq!(fitting(&keys, Algorithm::Rs256, None), super::MAX_TRIED);
        for key in &mut keys[..499] {
            key["use"] = json!("enc");
        }
        assert_eq!(fitting(&keys, Algorithm::Rs256, None), 1);
    }

    #[test]
    fn a_set_without_keys_says_so() {
        let read = |document: Value| set(&document).map(|keys| keys.len());
        assert_eq!(read(json!({})), Err("`keys` is missing".to_owned()));
        assert_eq!(read(json!({"keys": null})), Err("`keys` is missing".to_owned()));
        assert_eq!(
            read(json!({"keys": "x"})),
            Err("`keys` is a string, and must be a list".to_owned())
        );
        assert_eq!(read(json!({"keys": []})), Ok(0));
        assert_eq!(read(json!({"keys": [null, 7, {}, {"kty": null}]})), Ok(2));
        assert!(KeySet::read(Map::new()).is_err());
    }
}
