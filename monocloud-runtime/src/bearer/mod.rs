//! Access tokens that callers send (RFC 6750): checked here where they are JWTs, by their issuer where they are opaque,
//! and remembered where they were good.
//!
//! Nothing here knows where a token stood in a request, nor what a handler asks of it.

mod flights;
mod known;
mod syntax;

use std::sync::Arc;

use serde_json::{Map, Value};

use self::flights::Flights;
use self::known::{Digest, Known, Refused, Verdict};
use crate::config::Api;
use crate::crypto;
use crate::error::Error;
use crate::http_client::Outgoing;
use crate::identity::{Claims, Verified};
use crate::jose::KeySet;
pub(crate) use crate::oidc::Unfit;
use crate::oidc::{Issuer, JwtAccessToken, Times, TokenIssuer, VerifiedJwt, is_jwt};

/// What the issuer said is good for so many seconds.
const INTROSPECTED_FOR: i64 = 60;

/// For so many seconds after it, an opaque token is none of a stranger's.
const WORTH_ASKING_FOR: i64 = 3_600;

/// The access tokens of an API. Clones share what is remembered.
#[derive(Clone)]
pub(crate) struct Bearer {
    inner: Arc<Inner>,
}

struct Inner {
    api: Arc<Api>,
    /// The API's own first: it is asked about opaque tokens.
    issuers: Vec<TokenIssuer>,
    known: Known,
    refused: Refused,
    /// Calls about JWTs that were verified here, and about tokens that were good not long ago: strangers' tokens, however
    /// many, never take their turns.
    of_the_known: Flights,
    /// Calls about all others, which anybody can make up.
    of_strangers: Flights,
}

impl Bearer {
    pub(crate) fn new(api: &Arc<Api>, sign_in: &Issuer, http: &Outgoing) -> Self {
        Self {
            inner: Arc::new(Inner {
                api: api.clone(),
                issuers: TokenIssuer::all(api, sign_in, http),
                known: Known::default(),
                refused: Refused::default(),
                of_the_known: Flights::new(http.timeout()),
                of_strangers: Flights::new(http.timeout()),
            }),
        }
    }

    /// The settings.
    pub(crate) fn api(&self) -> &Api {
        &self.inner.api
    }

    /// The API's own issuer, as it writes itself.
    pub(crate) async fn issuer(&self) -> Result<String, Error> {
        self.inner.issuers[0].published_name().await
    }

    /// The claims of a token that was found good before and still is: without waiting.
    #[allow(dead_code, reason = "for guards")]
    pub(crate) fn remembered(&self, token: &str) -> Option<Claims> {
        self.inner.remembered(&crypto::sha256(token.as_bytes()))
    }

    /// The claims of a token, if it is good.
    pub(crate) async fn validate(&self, token: &str) -> Result<Claims, Unfit> {
        syntax::check(token).map_err(|reason| Unfit::Invalid(reason.to_owned()))?;
        let digest = crypto::sha256(token.as_bytes());
        if let Some(claims) = self.inner.remembered(&digest) {
            return Ok(claims);
        }
        if is_jwt(token) {
            self.inner.verify(token, digest).await
        } else {
            self.inner.introspect(token, digest, None).await
        }
    }
}

impl Inner {
    fn remembered(&self, digest: &Digest) -> Option<Claims> {
        let now = self.api.clock.now();
        self.known.find(digest, |verdict| {
            verdict.good.contains(&now)
                && verdict.keys.is_none_or(|(issuer, keys)| {
                    let current = self.issuers[issuer].keys_at_hand();
                    current.is_some_and(|current| current.fingerprint() == keys)
                })
        })
    }

    async fn verify(self: &Arc<Self>, token: &str, digest: Digest) -> Result<Claims, Unfit> {
        let jwt = JwtAccessToken::read(token, &self.api, &self.issuers).map_err(Unfit::Invalid)?;
        let at = jwt.issuer;
        let issuer = &self.issuers[at];
        // Whoever waited for the keys with others finds what the first of them found out. Keys that are stale serve
        // while they are renewed.
        let keys = issuer.keys().await.map_err(Unfit::Failed)?;
        if let Some(claims) = self.remembered_under(&digest, &keys) {
            return Ok(claims);
        }
        let verified = issuer.verify(jwt).await?;
        if self.api.introspect_jwt && at == 0 {
            return self.introspect(token, digest, Some(verified)).await;
        }
        let VerifiedJwt { claims, times, keys } = verified;
        let claims = self.claims(claims, times, at);
        let good = self.good(times);
        let verdict = Verdict {
            claims: claims.clone(),
            worth_asking_until: good.end,
            good,
            keys: Some((at, keys.fingerprint())),
        };
        self.known.insert(digest, verdict, self.api.clock.now());
        Ok(claims)
    }

    fn remembered_under(&self, digest: &Digest, current: &KeySet) -> Option<Claims> {
        let now = self.api.clock.now();
        self.known.find(digest, |verdict| {
            let is_of = |(_, keys)| keys == current.fingerprint();
            verdict.good.contains(&now) && verdict.keys.is_none_or(is_of)
        })
    }

    /// Asks the issuer. Of a JWT it may only say worse than what was found here: garbage never gets that far.
    async fn introspect(
        self: &Arc<Self>,
        token: &str,
        digest: Digest,
        jwt: Option<VerifiedJwt>,
    ) -> Result<Claims, Unfit> {
        if self.refused.contains(&digest) {
            return Err(Unfit::Invalid(
                "the issuer would not have it a moment ago".to_owned(),
            ));
        }
        let flights = if jwt.is_some() || self.known.was_good(&digest, self.api.clock.now()) {
            &self.of_the_known
        } else {
            &self.of_strangers
        };
        let (inner, token) = (self.clone(), token.to_owned());
        let call = async move {
            // Another call may have ended between the look and this one.
            if let Some(claims) = inner.remembered(&digest) {
                return Ok(claims);
            }
            let outcome = inner.ask(&token, digest, jwt).await;
            if matches!(outcome, Err(Unfit::Invalid(_))) {
                inner.refused.insert(digest);
                inner.known.disown(&digest);
            }
            outcome
        };
        flights.join(digest, call).await
    }

    async fn ask(&self, token: &str, digest: Digest, jwt: Option<VerifiedJwt>) -> Result<Claims, Unfit> {
        let answer = self.issuers[0].introspect(token, jwt.is_some()).await?;
        let (mut claims, mut times) = (answer.claims, answer.times);
        claims.remove("active");
        let mut keys = None;
        if let Some(jwt) = jwt {
            claims = joined(jwt.claims, claims)?;
            times = jwt.times.and(times);
            keys = Some((0, jwt.keys.fingerprint()));
        }
        let claims = self.claims(claims, times, 0);
        let now = self.api.clock.now();
        let good = self.good(times);
        // A JWT shows anew each time that it is worth asking about.
        let worth_asking_for = if keys.is_some() {
            INTROSPECTED_FOR
        } else {
            WORTH_ASKING_FOR
        };
        let verdict = Verdict {
            claims: claims.clone(),
            worth_asking_until: good.end.min(now.saturating_add(worth_asking_for)),
            good: good.start.max(now)..good.end.min(now.saturating_add(INTROSPECTED_FOR)),
            keys,
        };
        self.known.insert(digest, verdict, now);
        Ok(claims)
    }

    /// `exp` and `nbf` as they are asked at each use.
    fn good(&self, times: Times) -> std::ops::Range<i64> {
        let tolerance = self.api.clock_tolerance;
        let start = times
            .not_before
            .map_or(i64::MIN, |time| time.saturating_sub(tolerance));
        let end = times
            .expires_at
            .map_or(i64::MAX, |time| time.saturating_add(tolerance));
        start..end
    }

    fn claims(&self, claims: Map<String, Value>, times: Times, issuer: usize) -> Claims {
        let now = self.api.clock.now();
        Claims::new(Verified {
            auth_time: times.authenticated_at,
            expires_at: times.expires_at,
            // However often the token is verified anew, it is not told anew.
            told_at: times.issued_at.map_or(now, |issued_at| issued_at.min(now)),
            groups_claim: match issuer {
                0 => Some(self.api.groups.claim.clone()),
                _ => self.api.groups.claim_of_others.clone(),
            },
            match_all: self.api.groups.match_all,
            claims,
        })
    }
}

/// What the issuer says now goes before what it has signed; whose token it is must be the same.
fn joined(
    mut signed: Map<String, Value>,
    introspected: Map<String, Value>,
) -> Result<Map<String, Value>, Unfit> {
    for name in ["sub", "client_id"] {
        let both = (signed.get(name), introspected.get(name));
        if let (Some(signed), Some(now)) = both
            && signed != now
        {
            return Err(Unfit::Invalid(format!(
                "the issuer says another `{name}` than the token"
            )));
        }
    }
    signed.extend(introspected.into_iter().filter(|(_, value)| !value.is_null()));
    Ok(signed)
}
