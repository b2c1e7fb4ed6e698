//! Tokens whose names say where they belong, and what the issuer signs.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const KID: &str = "simulated";

/// As long as what some issuers give.
const LARGE: usize = 1_700;

static KEY: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"));

/// Of which sign-in a token comes, and of which rotation since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) session: u32,
    pub(crate) number: u32,
}

impl Name {
    pub(crate) fn refresh_token(self) -> String {
        format!("rt.{}.{}", self.session, self.number)
    }

    pub(crate) fn access_token(self, resource: &str, is_large: bool) -> String {
        let resource = URL_SAFE_NO_PAD.encode(resource);
        let mut text = format!("at.{}.{}.{resource}.", self.session, self.number);
        if is_large {
            let _ = write!(text, "{:x<LARGE$}", "");
        }
        text
    }

    pub(crate) fn of_refresh_token(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix("rt.")?).map(|(name, _)| name)
    }

    /// Also the resource.
    pub(crate) fn of_access_token(text: &str) -> Option<(Self, String)> {
        let (name, rest) = Self::parse(text.strip_prefix("at.")?)?;
        let resource = URL_SAFE_NO_PAD.decode(rest?.split('.').next()?).ok()?;
        Some((name, String::from_utf8(resource).ok()?))
    }

    fn parse(text: &str) -> Option<(Self, Option<&str>)> {
        let mut parts = text.splitn(3, '.');
        let session = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        Some((Self { session, number }, parts.next()))
    }
}

/// The issuer's keys.
pub(crate) fn jwks() -> Value {
    // SEC 1 2.3.3: an uncompressed point is 4, x, y.
    let (x, y) = KEY.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    json!({"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KID, "x": x, "y": y}]})
}

/// Signed by the issuer.
pub(crate) fn signed(claims: &Value) -> String {
    let header = json!({"alg": "ES256", "kid": KID, "typ": "JWT"});
    let [header, payload] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{payload}");
    let signature = KEY
        .sign(&SystemRandom::new(), input.as_bytes())
        .expect("a signature");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Whom an ID token is about.
pub(crate) fn subject(id_token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}
