//! A private key as JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::pair::{CURVES, Pair, rejected};
use crate::json;

/// The numbers of an RSA key in the order of PKCS#1 (RFC 8017 A.1.2).
const RSA_NUMBERS: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/// Whether the text is a JSON object, or was to be one with a key in it.
pub(super) fn is_meant_by(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{')
        && (text.contains("kty") || serde_json::from_str::<Map<String, Value>>(text).is_ok())
}

/// The key, and what it says about itself: its algorithm and its name.
pub(super) fn read(text: &str) -> Result<(Pair, Option<Algorithm>, Option<String>), String> {
    let jwk: Map<String, Value> = serde_json::from_str(text).map_err(|_| {
        "it is not JSON, of which a JWK is made; write it in one line, with the quotes in it".to_owned()
    })?;
    let jwk = Jwk(jwk);
    if jwk.member("keys").is_some() {
        return Err("it is a set of keys; write the one key that signs".to_owned());
    }
    let pair = jwk.pair()?;
    let alg = jwk.algorithm(&pair)?;
    jwk.check_purpose()?;
    let kid = jwk.text("kid")?.map(str::to_owned);
    Ok((pair, alg, kid))
}

/// A key of the owner's own: what it says about itself must be right.
struct Jwk(Map<String, Value>);

impl Jwk {
    fn pair(&self) -> Result<Pair, String> {
        let kty = self.text("kty")?;
        if kty == Some("oct") {
            return Err(
                "it is a key that both sides share (`kty` is oct); write a private one of RSA, EC or OKP, or the secret \
                 as text"
                    .to_owned(),
            );
        }
        if self.member("d").is_none() {
            return Err("it is a public key, since `d` is missing; write the private one".to_owned());
        }
        match kty {
            Some("RSA") => self.rsa(),
            Some("EC") => self.ec(),
            Some("OKP") => self.okp(),
            Some(_) => Err("its `kty` is not known; write a key with RSA, EC or OKP".to_owned()),
            None => Err("its `kty` is missing; write RSA, EC or OKP, as the key is".to_owned()),
        }
    }

    fn rsa(&self) -> Result<Pair, String> {
        if self.member("oth").is_some() {
            return Err(
                "it has more than two primes (`oth`), which is not supported; write another key".to_owned(),
            );
        }
        let mut sequence = integer(&[0]);
        for name in RSA_NUMBERS {
            sequence.extend(integer(&self.bytes(name)?));
        }
        RsaKeyPair::from_der(&tagged(0x30, &sequence))
            .map(Pair::Rsa)
            .map_err(|error| match error.description_() {
                "TooSmall" | "TooLarge" => rejected(&error),
                _ => inconsistent(),
            })
    }

    fn ec(&self) -> Result<Pair, String> {
        let crv = self.text("crv")?;
        let (algorithm, signing, length) = CURVES
            .into_iter()
            .zip([32, 48, 66])
            .find(|((algorithm, _), _)| algorithm.crv() == crv)
            .map(|((algorithm, signing), length)| (algorithm, signing, length))
            .ok_or("its `crv` is none that signs; write a key on P-256, P-384 or P-521")?;
        let number = |name| padded(self.bytes(name)?, length);
        // SEC 1 §2.3.3: an uncompressed point is 4, x, y.
        let point = [vec![4], number("x")?, number("y")?].concat();
        EcdsaKeyPair::from_private_key_and_public_key(signing, &number("d")?, &point)
            .map(|pair| Pair::Ecdsa(pair, algorithm))
            .map_err(|_| inconsistent())
    }

    fn okp(&self) -> Result<Pair, String> {
        if self.text("crv")? != Algorithm::EdDsa.crv() {
            return Err("its `crv` is none that signs; write a key on Ed25519".to_owned());
        }
        let (seed, public) = (self.bytes("d")?, self.bytes("x")?);
        if seed.len() != 32 {
            return Err(inconsistent());
        }
        Ed25519KeyPair::from_seed_and_public_key(&seed, &public)
            .map(Pair::Ed25519)
            .map_err(|_| inconsistent())
    }

    fn algorithm(&self, pair: &Pair) -> Result<Option<Algorithm>, String> {
        let Some(name) = self.text("alg")? else {
            return Ok(None);
        };
        let fitting = || {
            let names = Algorithm::ALL
                .into_iter()
                .filter(|algorithm| pair.fits(*algorithm))
                .map(Algorithm::name);
            names.collect::<Vec<_>>().join(", ")
        };
        match name.parse::<Algorithm>() {
            Ok(algorithm) if pair.fits(algorithm) => Ok(Some(algorithm)),
            _ => Err(format!(
                "its `alg` is none that such a key signs with; write {}, or leave it out",
                fitting()
            )),
        }
    }

    /// RFC 7517 §4.2 and §4.3.
    fn check_purpose(&self) -> Result<(), String> {
        if self.text("use")?.is_some_and(|purpose| purpose != "sig") {
            return Err(
                "its `use` is not sig, so that it is not for signatures; write one that is".to_owned(),
            );
        }
        match self.member("key_ops") {
            None => Ok(()),
            Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "sign") => {
                Ok(())
            }
            Some(_) => Err("its `key_ops` do not have sign; write a key that may sign".to_owned()),
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        json::member(&self.0, name)
    }

    fn text(&self, name: &str) -> Result<Option<&str>, String> {
        json::text(&self.0, name)
    }

    /// RFC 7518 §2 has it without padding, which some tools leave on.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        let encoded = self
            .text(name)?
            .ok_or_else(|| format!("its `{name}` is missing; export the key with all its numbers"))?;
        URL_SAFE_NO_PAD
            .decode(encoded.trim_end_matches('='))
            .map_err(|_| format!("its `{name}` is not base64url; write the key as it was made"))
    }
}

fn inconsistent() -> String {
    "its numbers do not belong together; write the key as it was made".to_owned()
}

/// RFC 7518 §6.2.1.2: as long as the curve's numbers are, which some tools cut zeros off.
fn padded(number: Vec<u8>, length: usize) -> Result<Vec<u8>, String> {
    let missing = length.checked_sub(number.len()).ok_or_else(inconsistent)?;
    Ok([vec![0; missing], number].concat())
}

/// DER's encoding of a number that is not negative (X.690 §8.3).
fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let digits = &number[start..];
    let zero: &[u8] = match digits.first() {
        Some(first) if *first < 0x80 => &[],
        _ => &[0],
    };
    tagged(2, &[zero, digits].concat())
}

/// Tag, length and content (X.690 §8.1).
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let start = length
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(length.len() - 1);
    let digits = &length[start..];
    let mut tagged = vec![tag];
    if let [short @ ..=0x7f] = digits {
        tagged.push(*short);
    } else {
        tagged.extend(u8::try_from(digits.len()).map(|count| 0x80 | count));
        tagged.extend(digits);
    }
    tagged.extend(content);
    tagged
}
