//! What is known of the refreshes of each session.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Shared;
use tokio::time::Instant;

use crate::crypto::Fingerprint;
use crate::error::Error;
use crate::http_client::BoxFuture;
use crate::session::model::Session;
use crate::session::tokens::{Generation, Target};

/// A request that was sent with the cookie of before comes within this time, and so does the next one of a browser
/// that went away while its session was refreshed.
pub(super) const REMEMBERED: Duration = Duration::from_secs(600);

/// Where nobody knows what became of a refresh token, that matters as long as the session may live.
pub(super) const UNCLEAR_REMEMBERED: Duration = Duration::from_hours(24);

/// About 80 MB with tokens of 4 KB.
const CAPACITY: usize = 20_000;

/// What was brought a moment ago is not asked for again, and what failed is not tried again.
const MOMENT: Duration = Duration::from_secs(1);

/// As many as a session has access tokens.
const MAX_RECENT: usize = 8;

/// Why a refresh brought nothing, and what that means for the session.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) ends_session: bool,
}

/// A refresh under way.
pub(crate) type Flight = Shared<BoxFuture<'static, Result<Generation, Failed>>>;

/// What is known of a session that has ended.
#[derive(Default)]
pub(crate) struct Left {
    /// The newest tokens, though its cookie may have older ones.
    pub(crate) newest: Option<Generation>,
    /// What still brings tokens, for nobody.
    pub(crate) under_way: Option<Flight>,
}

#[derive(Default)]
pub(super) struct Slots {
    pub(super) by_session: HashMap<Fingerprint, Slot>,
    by_time: BTreeSet<(Instant, Fingerprint)>,
}

pub(super) struct Slot {
    /// The newest tokens that are known.
    pub(super) newest: Option<Generation>,
    pub(super) under_way: Option<(Option<Target>, Flight)>,
    /// Whether a refresh token was sent of which nobody knows what became.
    pub(super) is_unclear: bool,
    pub(super) until: Instant,
    recent: Vec<Recent>,
}

/// How a refresh went.
pub(super) struct Recent {
    pub(super) target: Option<Target>,
    pub(super) at: Instant,
    /// By the clock that tokens expire by, which may be another one.
    pub(super) at_millis: i64,
    pub(super) outcome: Result<(), Error>,
}

impl Slot {
    pub(super) fn new(until: Instant) -> Self {
        Self {
            newest: None,
            under_way: None,
            is_unclear: false,
            until,
            recent: Vec::new(),
        }
    }

    /// Newer tokens than those of the session. Where the session's are newer, they are known from now on.
    pub(super) fn newer_than(&mut self, session: &Session) -> Option<Generation> {
        let number = session.record().generation();
        match &self.newest {
            Some(newest) if newest.number > number => return Some(newest.clone()),
            Some(newest) if newest.number == number => {}
            None if number == 0 => {}
            _ => {
                self.is_unclear = false;
                self.newest = Some(Generation {
                    number,
                    tokens: Arc::new(session.tokens().clone()),
                });
            }
        }
        None
    }

    pub(super) fn recent(
        &self,
        target: Option<&Target>,
        now: Instant,
        now_millis: i64,
    ) -> Option<Result<(), Error>> {
        let is_recent = |recent: &&Recent| {
            let elapsed = u128::try_from(now_millis.saturating_sub(recent.at_millis));
            now < recent.at + MOMENT && elapsed.is_ok_and(|elapsed| elapsed < MOMENT.as_millis())
        };
        self.recent
            .iter()
            .filter(is_recent)
            .find(|recent| recent.target.as_ref() == target)
            .map(|recent| recent.outcome.clone())
    }

    pub(super) fn remember(&mut self, recent: Recent) {
        self.recent.retain(|known| known.target != recent.target);
        if self.recent.len() == MAX_RECENT {
            self.recent.remove(0);
        }
        self.recent.push(recent);
    }
}

impl Slots {
    /// The slot, which is remembered from now on.
    pub(super) fn touch(&mut self, key: Fingerprint, now: Instant, remembered: Duration) -> &mut Slot {
        let until = now + remembered;
        let slot = self.by_session.entry(key).or_insert_with(|| Slot::new(until));
        self.by_time.remove(&(slot.until, key));
        self.by_time.insert((until, key));
        slot.until = until;
        slot
    }

    pub(super) fn tidy(&mut self, now: Instant) {
        while let Some((until, key)) = self.by_time.first().copied()
            && until <= now
        {
            // Who is still at it stays as long again.
            if self
                .by_session
                .get(&key)
                .is_some_and(|slot| slot.under_way.is_some())
            {
                self.touch(key, now, REMEMBERED);
            } else {
                self.remove(&key);
            }
        }
    }

    /// The oldest give way, but those that are being refreshed.
    pub(super) fn bound(&mut self) {
        while self.by_session.len() > CAPACITY {
            let idle = |(_, key): &&(Instant, Fingerprint)| {
                self.by_session
                    .get(key)
                    .is_none_or(|slot| slot.under_way.is_none())
            };
            let Some((_, oldest)) = self.by_time.iter().find(idle).copied() else {
                return;
            };
            self.remove(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &Fingerprint) -> Option<Slot> {
        let slot = self.by_session.remove(key)?;
        self.by_time.remove(&(slot.until, *key));
        Some(slot)
    }
}
