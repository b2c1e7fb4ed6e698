//! The caller of a request that has an access token: found good or not once, for whoever asks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::authorization::Authorization;
use crate::bearer::{Bearer, Unfit};
use crate::client::MonoCloud;
use crate::error::Error;
use crate::http_client::BoxFuture;
use crate::identity::Claims;

/// What is known of a request's access token.
pub(super) struct AccessToken {
    sent: Authorization,
    verdict: OnceLock<Presented>,
    /// Somebody decided by its being there alone.
    passed_over: AtomicBool,
}

/// What became of it.
pub(crate) enum Presented {
    Good(Claims),
    /// It is none of ours, or is over (RFC 6750 §3.1, `invalid_token`).
    Bad,
    /// There are several headers (RFC 6750 §3.1, `invalid_request`).
    Malformed,
    /// It could not be found out.
    Failed(Error),
}

impl AccessToken {
    /// Of a request with these headers; none, where access tokens are not taken.
    pub(super) fn take(client: &MonoCloud, headers: &mut http::HeaderMap) -> Self {
        Self {
            sent: match client.bearer() {
                Some(_) => Authorization::take(headers),
                None => Authorization::None,
            },
            verdict: OnceLock::new(),
            passed_over: AtomicBool::new(false),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        !matches!(self.sent, Authorization::None)
    }

    /// What was found out; before anybody waited for it, that it is no good.
    pub(super) fn presented(&self) -> &Presented {
        self.verdict.get().unwrap_or(&Presented::Bad)
    }

    pub(super) fn was_asked(&self) -> bool {
        self.verdict.get().is_some() || self.passed_over.load(Ordering::Relaxed)
    }

    /// Whether nobody has to know what it is worth, where no token counts: several headers are a mistake all the same.
    pub(super) fn pass_over(&self) -> bool {
        let is_one = matches!(self.sent, Authorization::Bearer(_));
        self.passed_over.fetch_or(is_one, Ordering::Relaxed);
        is_one
    }

    /// What has to be waited for before it is known; nothing, where it is known at once.
    pub(super) fn pending<'a>(&'a self, client: &'a MonoCloud) -> Option<BoxFuture<'a, ()>> {
        let bearer = client.bearer()?;
        if self.verdict.get().is_some() {
            return None;
        }
        let at_once = match &self.sent {
            Authorization::None => return None,
            Authorization::Several => Presented::Malformed,
            Authorization::Bearer(_) => match bearer.remembered(self.sent.token()) {
                Some(claims) => Presented::Good(claims),
                None => return Some(Box::pin(self.validate(bearer))),
            },
        };
        let _ = self.verdict.set(at_once);
        None
    }

    async fn validate(&self, bearer: &Bearer) {
        let verdict = match bearer.validate(self.sent.token()).await {
            Ok(claims) => Presented::Good(claims),
            Err(Unfit::Invalid(reason)) => {
                tracing::debug!(name: "monocloud.bearer.refused", reason, "refused an access token");
                Presented::Bad
            }
            Err(Unfit::Failed(error)) => Presented::Failed(error),
        };
        let _ = self.verdict.set(verdict);
    }
}
