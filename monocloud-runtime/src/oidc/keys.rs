//! The issuer's keys (RFC 7517), and which of them may have signed a token.

use openidconnect::core::CoreJsonWebKey;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::SigningAlgorithm;
use crate::error::Error;
use crate::http_client::Outgoing;

/// More keys than any issuer publishes at once.
const MAX_KEYS: usize = 64;

/// A key set. Keys of unknown kinds are kept out when they are asked for.
#[derive(Debug)]
pub(crate) struct Keys(Vec<Value>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

pub(super) async fn fetch(http: &Outgoing, jwks_uri: &Url) -> Result<Keys, Error> {
    let mut document: Document = http
        .get_json("the issuer's key set", jwks_uri.as_str(), None)
        .await?;
    document.keys.truncate(MAX_KEYS);
    tracing::debug!(name: "monocloud.keys.fetched", keys = document.keys.len(), "fetched the issuer's keys");
    Ok(Keys(document.keys))
}

impl Keys {
    /// The keys that may have signed with `algorithm` under `kid`. Without a `kid`, all that fit.
    ///
    /// The library would be led astray by keys of another curve or use, and symmetric keys in a
    /// public set prove nothing: so the type, curve, use and algorithm must fit before it sees one.
    pub(super) fn candidates(&self, algorithm: &SigningAlgorithm, kid: Option<&str>) -> Vec<CoreJsonWebKey> {
        self.0
            .iter()
            .filter(|key| {
                let is = |name: &str, wanted: &str| key[name].as_str() == Some(wanted);
                let absent_or = |name: &str, wanted: &str| key[name].is_null() || is(name, wanted);
                let may_verify = key["key_ops"]
                    .as_array()
                    .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
                is("kty", algorithm.kty)
                    && algorithm.crv.is_none_or(|crv| is("crv", crv))
                    && absent_or("use", "sig")
                    && absent_or("alg", algorithm.name)
                    && may_verify
                    && kid.is_none_or(|kid| is("kid", kid))
            })
            .filter_map(|key| serde_json::from_value(key.clone()).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Keys;

    #[test]
    fn only_keys_that_fit_are_candidates() {
        let fit = json!({"kty": "EC", "crv": "P-256", "kid": "a", "x": "AQ", "y": "AQ"});
        let with = |name: &str, value: &str| {
            let mut key = fit.clone();
            key[name] = value.into();
            key
        };
        let keys = Keys(vec![
            with("crv", "P-384"),
            with("use", "enc"),
            with("alg", "ES384"),
            with("kty", "oct"),
            with("kid", "b"),
            json!({"kty": "oct", "kid": "a", "k": "AQ"}),
            json!("not an object"),
            fit,
        ]);
        let es256 = "ES256".parse().expect("supported");
        assert_eq!(keys.candidates(&es256, Some("a")).len(), 1);
        assert_eq!(keys.candidates(&es256, None).len(), 2);
        assert_eq!(
            keys.candidates(&"RS256".parse().expect("supported"), None).len(),
            0
        );
    }
}
