//! The issuer's keys, and what they have signed.

use std::sync::Arc;

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
pub(super) async fn verify(
    keys: &Cached<KeySet>,
    token: Jws<'_>,
    refused: impl Fn(&JwsError) -> Error,
) -> Result<Map<String, Value>, Error> {
    let (claims, _) = signed(keys, token).await?.map_err(|error| refused(&error))?;
    Ok(claims)
}

/// The claims of a token that the issuer has signed, and the keys that say so. The outer error is that there are no
/// keys.
///
/// An unknown `kid` and a signature that does not fit both mean that the keys may be new: issuers
/// in development begin anew with the old name. So they are renewed once, as rarely as the cache
/// allows.
pub(super) async fn signed(
    keys: &Cached<KeySet>,
    token: Jws<'_>,
) -> Result<Result<(Map<String, Value>, Arc<KeySet>), JwsError>, Error> {
    let known = keys.get().await?;
    let (token, error) = match token.verified(&known) {
        Ok(claims) => return Ok(Ok((claims, known))),
        Err(refused) => *refused,
    };
    if !error.is_about_keys() {
        return Ok(Err(error));
    }
    let renewed = keys.renew().await?;
    Ok(match token.verified(&renewed) {
        Ok(claims) => Ok((claims, renewed)),
        Err(refused) => Err(refused.1),
    })
}
