//! What is known of the refreshes of each session.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Shared;
use tokio::time::Instant;

use crate::crypto::{Fingerprint, fingerprint};
use crate::error::Error;
use crate::http_client::BoxFuture;
use crate::session::model::Session;
use crate::session::tokens::{Aim, Generation};

/// A request that was sent with the cookie of before comes within this time, and so does the next one of a browser
/// that went away while its session was refreshed.
pub(in crate::session) const REMEMBERED: Duration = Duration::from_secs(600);

/// Where nobody knows what became of a refresh token, or it is no good any more, that matters as long as the session
/// may live.
pub(in crate::session) const UNCLEAR_REMEMBERED: Duration = Duration::from_hours(24);

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
    /// The newest generation that a request carried, whose tokens nobody looked at.
    pub(super) seen: u32,
    pub(super) under_way: Option<UnderWay>,
    /// Whether a refresh token was sent of which nobody knows what became.
    pub(super) is_unclear: bool,
    /// The generation whose refresh token the issuer does not take.
    pub(super) refused: Option<(u32, Error)>,
    pub(super) until: Instant,
    recent: Vec<Recent>,
}

/// A refresh under way, of this generation's refresh token.
pub(super) struct UnderWay {
    aim: Aim,
    base: u32,
    /// Where two processes renewed a session, there are two of one generation.
    refresh_token: Option<Fingerprint>,
    pub(super) flight: Flight,
}

impl UnderWay {
    pub(super) fn new(session: &Session, aim: Aim, flight: Flight) -> Self {
        Self {
            aim,
            base: session.record().generation(),
            refresh_token: refresh_token(session),
            flight,
        }
    }

    /// Whether it brings what is asked for, to a session with these tokens.
    pub(super) fn is_for(&self, session: &Session, aim: &Aim) -> bool {
        self.aim == *aim
            && self.base == session.record().generation()
            && self.refresh_token == refresh_token(session)
    }
}

fn refresh_token(session: &Session) -> Option<Fingerprint> {
    let token = session.tokens().refresh_token.as_ref()?;
    Some(fingerprint(token.as_bytes()))
}

/// How a refresh went.
pub(super) struct Recent {
    pub(super) aim: Aim,
    pub(super) at: Instant,
    /// By the clock that tokens expire by, which may be another one.
    pub(super) at_millis: i64,
    pub(super) outcome: Result<(), Error>,
}

impl Slot {
    fn new(until: Instant) -> Self {
        Self {
            newest: None,
            seen: 0,
            under_way: None,
            is_unclear: false,
            refused: None,
            until,
            recent: Vec::new(),
        }
    }

    /// Newer tokens than those of the session. Where the session's are newer, they are known from now on.
    pub(super) fn newer_than(&mut self, session: &Session) -> Option<Generation> {
        let newest = self.newest.as_ref();
        let newer = newest.filter(|newest| newest.number > session.record().generation());
        if newer.is_some() {
            return newer.cloned();
        }
        self.know(session);
        None
    }

    /// Whether tokens of a later generation are known.
    pub(super) fn knows_newer_than(&self, number: u32) -> bool {
        self.newest.as_ref().is_some_and(|newest| newest.number > number)
    }

    /// Whether somebody came with a later generation.
    pub(super) fn has_seen_newer_than(&self, number: u32) -> bool {
        self.seen > number || self.knows_newer_than(number)
    }

    /// Knows the session's tokens, which are none older than those that are known. What was unclear of older ones
    /// is of no interest any more.
    pub(super) fn know(&mut self, session: &Session) {
        let number = session.record().generation();
        let known = self.newest.as_ref().map_or(0, |newest| newest.number);
        if number > known {
            self.is_unclear = false;
            self.newest = Some(Generation {
                number,
                renewed: Arc::new(session.tokens().clone().into()),
            });
        }
    }

    /// Knows tokens that came, unless later ones are known.
    pub(super) fn learn(&mut self, brought: &Generation) {
        if !self.knows_newer_than(brought.number.saturating_sub(1)) {
            self.is_unclear = false;
            self.newest = Some(brought.clone());
        }
    }

    fn remembered(&self) -> Duration {
        let is_without = |newest: &Generation| newest.renewed.tokens.refresh_token.is_none();
        if self.is_unclear || self.newest.as_ref().is_some_and(is_without) {
            UNCLEAR_REMEMBERED
        } else {
            REMEMBERED
        }
    }

    /// Why the session's refresh token is not sent again.
    pub(super) fn refused(&self, session: &Session) -> Option<Error> {
        let (generation, error) = self.refused.as_ref()?;
        (*generation == session.record().generation()).then(|| error.clone())
    }

    pub(super) fn recent(&self, aim: &Aim, now: Instant, now_millis: i64) -> Option<Result<(), Error>> {
        let is_recent = |recent: &&Recent| {
            let elapsed = u128::try_from(now_millis.saturating_sub(recent.at_millis));
            now < recent.at + MOMENT && elapsed.is_ok_and(|elapsed| elapsed < MOMENT.as_millis())
        };
        self.recent
            .iter()
            .filter(is_recent)
            .find(|recent| recent.aim == *aim)
            .map(|recent| recent.outcome.clone())
    }

    pub(super) fn remember(&mut self, recent: Recent) {
        self.recent.retain(|known| known.aim != recent.aim);
        if self.recent.len() == MAX_RECENT {
            self.recent.remove(0);
        }
        self.recent.push(recent);
    }
}

impl Slots {
    /// The slot, which is remembered from now on.
    pub(super) fn touch(&mut self, key: Fingerprint, now: Instant) -> &mut Slot {
        let slot = self.by_session.entry(key).or_insert_with(|| Slot::new(now));
        self.by_time.remove(&(slot.until, key));
        slot.until = now + slot.remembered();
        self.by_time.insert((slot.until, key));
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
                self.touch(key, now);
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use tokio::time::Instant;

    use super::{Aim, CAPACITY, Failed, Slots, UNCLEAR_REMEMBERED, UnderWay};
    use crate::crypto::{Fingerprint, fingerprint};
    use crate::error::Error;

    fn key(number: usize) -> Fingerprint {
        fingerprint(&number.to_be_bytes())
    }

    #[test]
    fn the_oldest_give_way_but_those_under_way() {
        let (mut slots, now) = (Slots::default(), Instant::now());
        let failed = Failed {
            error: Error::NoSession,
            ends_session: false,
        };
        let flight = async { Err(failed) }.boxed().shared();
        slots.touch(key(0), now).under_way = Some(UnderWay {
            aim: Aim::Default,
            base: 0,
            refresh_token: None,
            flight,
        });
        for number in 1..=CAPACITY + 10 {
            slots.touch(key(number), now + Duration::from_millis(number as u64));
            slots.bound();
            assert!(slots.by_session.len() <= CAPACITY);
            assert_eq!(slots.by_session.len(), slots.by_time.len());
        }
        assert!(slots.by_session.contains_key(&key(0)));
        assert!(!slots.by_session.contains_key(&key(11)));
        assert!(slots.by_session.contains_key(&key(12)));
    }

    #[test]
    fn what_is_over_is_forgotten_and_what_is_unclear_later() {
        let (mut slots, now) = (Slots::default(), Instant::now());
        slots.touch(key(0), now);
        slots.touch(key(1), now).is_unclear = true;
        slots.touch(key(1), now);
        slots.tidy(now + Duration::from_secs(599));
        assert!(
            slots.by_session.contains_key(&key(0)),
            "whoever has the old cookie comes within minutes"
        );
        slots.tidy(now + Duration::from_secs(600));
        assert!(!slots.by_session.contains_key(&key(0)) && slots.by_session.contains_key(&key(1)));
        slots.tidy(now + UNCLEAR_REMEMBERED);
        assert!(slots.by_session.is_empty() && slots.by_time.is_empty());
    }
}
