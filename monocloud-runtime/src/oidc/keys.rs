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

/// Why a token's claims are not the issuer's word.
#[derive(Debug)]
pub(super) enum Unverified {
    /// There are no keys.
    NoKeys(Error),
    /// The keys refuse it.
    Refused(JwsError),
    /// The keys at hand refuse it, and whether newer ones do could not be found out.
    NotRenewed(JwsError, Error),
}

/// Who asks for keys that are newer than those at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnBehalfOf {
    /// The issuer itself, or those who present tokens with each of their requests.
    Callers,
    /// Whoever it may be that sends a request once.
    Anybody,
}

/// The claims of a token that came from the issuer itself, so that it is the issuer's failure where newer keys cannot be
/// had. `refused` makes an error of a token that is refused.
pub(super) async fn verify(
    keys: &Cached<KeySet>,
    token: Jws<'_>,
    refused: impl Fn(&JwsError) -> Error,
) -> Result<Map<String, Value>, Error> {
    match signed(keys, token, OnBehalfOf::Callers).await {
        Ok((claims, _)) => Ok(claims),
        Err(Unverified::Refused(error)) => Err(refused(&error)),
        Err(Unverified::NoKeys(error) | Unverified::NotRenewed(_, error)) => Err(error),
    }
}

/// The claims of a token that the issuer has signed, and the keys that say so.
///
/// An unknown `kid` and a signature that does not fit both mean that the keys may be new: issuers
/// in development begin anew with the old name. So they are renewed once, as rarely as the cache
/// allows those who ask.
pub(super) async fn signed(
    keys: &Cached<KeySet>,
    token: Jws<'_>,
    asking: OnBehalfOf,
) -> Result<(Map<String, Value>, Arc<KeySet>), Unverified> {
    let known = keys.get().await.map_err(Unverified::NoKeys)?;
    let (token, error) = match token.verified(&known) {
        Ok(claims) => return Ok((claims, known)),
        Err(refused) => *refused,
    };
    if !error.is_about_keys() {
        return Err(Unverified::Refused(error));
    }
    match others(keys, &known, asking).await {
        Ok(None) => Err(Unverified::Refused(error)),
        Ok(Some(renewed)) => match token.verified(&renewed) {
            Ok(claims) => Ok((claims, renewed)),
            Err(refused) => Err(Unverified::Refused(refused.1)),
        },
        Err(failed) => Err(Unverified::NotRenewed(error, failed)),
    }
}

/// The issuer's keys where they are no longer these, which would only refuse once more what they have refused.
async fn others(
    keys: &Cached<KeySet>,
    known: &KeySet,
    asking: OnBehalfOf,
) -> Result<Option<Arc<KeySet>>, Error> {
    let renewed = match asking {
        OnBehalfOf::Callers => keys.renew().await?,
        OnBehalfOf::Anybody => keys.renew_for_anybody().await?,
    };
    Ok((renewed.fingerprint() != known.fingerprint()).then_some(renewed))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{OnBehalfOf, others};
    use crate::clock::Clock;
    use crate::jose::KeySet;
    use crate::oidc::cache::Cached;

    #[tokio::test]
    async fn a_token_is_held_against_other_keys_alone() {
        let clock = Clock::fixed(0);
        let (published, calls) = (Arc::new(Mutex::new("first")), Arc::new(AtomicUsize::new(0)));
        let (kid, count) = (published.clone(), calls.clone());
        let keys = Cached::new(Duration::from_secs(300), clock.clone(), move || {
            count.fetch_add(1, Ordering::SeqCst);
            let Value::Object(set) = json!({ "keys": [{ "kty": "EC", "kid": *kid.lock().expect("whole") }] })
            else {
                unreachable!("an object");
            };
            Box::pin(async move { Ok(KeySet::read(set).expect("a key set")) })
        });
        let known = keys.get().await.expect("fetched");
        // The same set, whether it was fetched again or is the one at hand.
        for _ in 0..2 {
            assert!(
                others(&keys, &known, OnBehalfOf::Callers)
                    .await
                    .expect("renewed")
                    .is_none()
            );
            assert_eq!(calls.load(Ordering::SeqCst), 2);
        }
        *published.lock().expect("whole") = "second";
        clock.advance(10);
        let renewed = others(&keys, &known, OnBehalfOf::Callers)
            .await
            .expect("renewed")
            .expect("others");
        assert!(
            others(&keys, &renewed, OnBehalfOf::Callers)
                .await
                .expect("at hand")
                .is_none()
        );
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }
}
