//! The issuer's keys, and what they have signed.

use serde_json::{Map, Value};
use url::Url;

use super::cache::Cached;
use super::endpoint;
use crate::error::Error;
use crate::event::Event;
use crate::http_client::Outgoing;
use crate::jose::{Jws, JwsError, KeySet};

const ENDPOINT: &str = "the issuer's key set";
const ADVICE: &str = "the issuer's metadata leads there (`jwks_uri`)";

pub(super) async fn fetch(http: &Outgoing, jwks_uri: &Url) -> Result<KeySet, Error> {
    let document = endpoint::document(http, ENDPOINT, jwks_uri.as_str(), "keys", ADVICE).await?;
    let keys = KeySet::read(document).map_err(|reason| Error::malformed(ENDPOINT, reason))?;
    http.events.emit(&Event::KeysRenewed { keys: keys.len() });
    Ok(keys)
}

/// The claims of a token that the issuer has signed. `refused` makes an error of anything else.
///
/// An unknown `kid` and a signature that does not fit both mean that the keys may be new: issuers
/// in development begin anew with the old name. So they are renewed once, as rarely as the cache
/// allows.
pub(super) async fn verify(
    keys: &Cached<KeySet>,
    token: &Jws<'_>,
    refused: impl Fn(&JwsError) -> Error,
) -> Result<Map<String, Value>, Error> {
    let known = keys.get().await?;
    let verdict = match token.verify(&known) {
        Err(error) if error.is_about_keys() => {
            let renewed = keys.renew().await?;
            token.verify(&renewed).cloned()
        }
        verdict => verdict.cloned(),
    };
    verdict.map_err(|error| refused(&error))
}
