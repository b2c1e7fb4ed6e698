//! What fits into the cookies of one browser, and what gives way.

use http::HeaderValue;

use crate::client::MonoCloud;
use crate::cookie::{Chunked, Cookies};
use crate::error::Error;
use crate::session::Session;
use crate::sign_in::pending;

/// How many bytes our cookies may take in a request's `Cookie` header.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    /// Above this something gives way.
    trim_above: usize,
    /// Above this nothing is written.
    refuse_above: usize,
    /// How many access tokens stay beside the default one.
    keep: usize,
}

/// A session that fits.
pub(super) struct Fitted {
    /// As it is written.
    pub(super) session: Session,
    pub(super) sealed: Chunked,
    /// The deletions of what gave way.
    pub(super) evicted: Vec<HeaderValue>,
}

impl Budget {
    pub(super) fn of(client: &MonoCloud) -> Self {
        let settings = client.settings();
        Self {
            trim_above: settings.cookie_budget.trim_above,
            refuse_above: settings.cookie_budget.refuse_above,
            keep: 0,
        }
    }

    /// As many of the newest access tokens beside the default one stay, whatever becomes of the rest.
    pub(super) fn keeping(self, keep: usize) -> Self {
        Self { keep, ..self }
    }

    /// The oldest sign-ins under way give way first, then the raw ID token, and before anything is refused the oldest
    /// access tokens but the default one.
    pub(super) fn fit(
        self,
        client: &MonoCloud,
        cookies: &Cookies,
        mut session: Session,
        seal: impl Fn(&Session) -> Option<Chunked>,
    ) -> Result<Fitted, Error> {
        let mut pending = pending(client, cookies);
        let mut evicted = Vec::new();
        loop {
            let sealed = seal(&session);
            let bytes = sealed.as_ref().map_or_else(
                || session.record().to_bytes().len() + session.contents_bytes().len(),
                Chunked::header_bytes,
            );
            while bytes + pending.iter().map(|pending| pending.bytes).sum::<usize>() > self.trim_above
                && let Some(oldest) = pending.pop()
            {
                evicted.push(oldest.delete(client));
            }
            if bytes > self.trim_above && session.drop_id_token() {
                tracing::debug!(name: "monocloud.session.id_token_left_out", bytes, budget = self.trim_above, "left the raw ID token out of a large session");
                continue;
            }
            if bytes > self.refuse_above && session.drop_oldest_access_token(self.keep) {
                tracing::debug!(name: "monocloud.session.access_token_left_out", bytes, budget = self.refuse_above, "left the oldest access token out of a large session");
                continue;
            }
            let Some(sealed) = sealed.filter(|_| bytes <= self.refuse_above) else {
                return Err(Error::SessionTooLarge {
                    bytes,
                    limit: self.refuse_above,
                });
            };
            if bytes > self.trim_above {
                tracing::warn!(
                    name: "monocloud.session.large",
                    bytes,
                    budget = self.trim_above,
                    "the session's cookies are large: a proxy may need a larger `proxy_buffer_size` and larger header buffers, or keep sessions in a store"
                );
            }
            return Ok(Fitted {
                session,
                sealed,
                evicted,
            });
        }
    }
}
