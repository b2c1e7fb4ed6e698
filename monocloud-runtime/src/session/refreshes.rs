//! The refreshes of this process: one at a time for a session, however many requests come for it.
//!
//! What one brought is known here for a while, and is given to whoever still carries the session as it was before:
//! a refresh token that was used is not sent again, and older tokens never take the place of newer ones. The
//! refresh runs in a task of its own, so that who waits may go away. What is remembered is bounded, belongs to one
//! session, and goes when that ends.

mod slot;

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;

pub(crate) use self::slot::{Failed, Flight, Left};
pub(super) use self::slot::{REMEMBERED, UNCLEAR_REMEMBERED};
use self::slot::{Recent, Slot, Slots, UnderWay};
use super::denials::{Denials, Ending};
use super::model::Session;
use super::record::Record;
use super::tokens::{Aim, Generation, Renewed, TokenSet};
use crate::clock::Clock;
use crate::crypto::{Fingerprint, fingerprint};
use crate::error::Error;
use crate::event::{Event, Events, SessionEnd};

/// Why a refresh brought nothing.
pub(crate) enum Failure {
    /// The refresh token is as good as it was.
    Away(Error),
    /// The refresh token was sent, and what became of it is not known.
    Unclear(Error),
    /// The issuer does not take the refresh token.
    Refused(Error),
    /// The refresh token is of no use any more, and the session goes on with these tokens, among which there is none.
    Spent(Error, Box<Renewed>),
    /// The issuer does not take the newest refresh token of all processes, and the session is over for them.
    Ended(Error),
}

/// What whoever came is given.
pub(crate) enum Arrival {
    /// Tokens that are newer than those of the session.
    Newer(Generation),
    /// The refresh that brings what is asked for, which was begun just now.
    Began(Flight),
    /// The same where it was under way.
    Joined(Flight),
    /// One that brings something else; after it, come again.
    Busy(Flight),
    /// It was done a moment ago.
    Recent(Result<(), Error>),
}

/// Clones share what is remembered.
#[derive(Clone)]
pub(crate) struct Refreshes {
    inner: Arc<Inner>,
}

struct Inner {
    /// Where sessions end whose refresh token is refused.
    denials: Arc<Denials>,
    longest_session: Duration,
    /// Whether other processes refresh the same sessions, and nothing is shared with them.
    several_instances: bool,
    clock: Clock,
    events: Events,
    any: AtomicBool,
    slots: Mutex<Slots>,
}

impl Refreshes {
    pub(crate) fn new(
        denials: Arc<Denials>,
        longest_session: Duration,
        several_instances: bool,
        clock: Clock,
        events: Events,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                denials,
                longest_session,
                several_instances,
                clock,
                events,
                any: AtomicBool::new(false),
                slots: Mutex::default(),
            }),
        }
    }

    /// Tokens of the session that are newer than its own, if there are any.
    pub(crate) fn newer(&self, record: &Record) -> Option<Generation> {
        if !self.inner.any.load(Ordering::Acquire) {
            return None;
        }
        let mut slots = self.inner.slots();
        let slot = slots.by_session.get_mut(&key_of(record))?;
        slot.seen = slot.seen.max(record.generation());
        let newest = slot.newest.as_ref()?;
        (newest.number > record.generation()).then(|| newest.clone())
    }

    /// Joins the refresh under way, or begins one with the work that `begin` gives. `has_token` says whether the session
    /// has a token of that aim.
    pub(crate) fn arrive<F>(
        &self,
        session: &Session,
        aim: &Aim,
        has_token: bool,
        begin: impl FnOnce() -> Result<F, Error>,
    ) -> Result<Arrival, Error>
    where
        F: Future<Output = Result<Renewed, Failure>> + Send + 'static,
    {
        let now = Instant::now();
        let key = key_of(session.record());
        let mut slots = self.inner.slots();
        slots.tidy(now);
        if let Some(slot) = slots.by_session.get_mut(&key) {
            if let Some(newer) = slot.newer_than(session) {
                return Ok(Arrival::Newer(newer));
            }
            if let Some(under_way) = &slot.under_way {
                let flight = under_way.flight.clone();
                return Ok(if under_way.is_for(session, aim) {
                    Arrival::Joined(flight)
                } else {
                    Arrival::Busy(flight)
                });
            }
            if let Some(error) = slot.refused(session) {
                return Ok(Arrival::Recent(Err(error)));
            }
            match slot.recent(aim, now, self.inner.clock.now_millis()) {
                Some(Ok(())) if !has_token => {}
                Some(outcome) => return Ok(Arrival::Recent(outcome)),
                None => {}
            }
        }
        // It may have ended since the request looked.
        if self.inner.denials.denies(session.record()) {
            return Err(Error::NoSession);
        }
        let flight = self.begin(key, session, aim.clone(), begin()?);
        let slot = slots.touch(key, now);
        slot.know(session);
        slot.under_way = Some(UnderWay::new(session, aim.clone(), flight.clone()));
        slots.bound();
        self.inner.any.store(true, Ordering::Release);
        Ok(Arrival::Began(flight))
    }

    /// Whether the refresh token may be refused for what is known here: it was sent, and nobody knows what became of it, or
    /// there is a later one.
    pub(crate) fn may_be_used(&self, record: &Record) -> bool {
        let slots = self.inner.slots();
        let slot = slots.by_session.get(&key_of(record));
        slot.is_some_and(|slot| slot.is_unclear || slot.has_seen_newer_than(record.generation()))
    }

    /// How many sessions there are whose refreshes are remembered.
    #[cfg(feature = "testing")]
    pub(crate) fn len(&self) -> usize {
        self.inner.slots().by_session.len()
    }

    /// Forgets a session that is among those that ended: no refresh is begun for it any more.
    pub(crate) fn end(&self, session: &Fingerprint) -> Left {
        let slot = self.inner.slots().remove(session);
        slot.map_or_else(Left::default, |slot| Left {
            newest: slot.newest,
            under_way: slot.under_way.map(|under_way| under_way.flight),
        })
    }

    fn begin(
        &self,
        key: Fingerprint,
        session: &Session,
        aim: Aim,
        work: impl Future<Output = Result<Renewed, Failure>> + Send + 'static,
    ) -> Flight {
        let leader = Leader {
            inner: self.inner.clone(),
            key,
            ending: Ending::of(session.record()),
            sub: session.user().sub().to_owned(),
            base: session.record().generation(),
            without: session.tokens().without_refresh_token(),
            aim,
            is_done: false,
        };
        let task = async move {
            let outcome = work.await;
            leader.done(outcome)
        };
        let task = tokio::spawn(task.instrument(tracing::Span::current()));
        async move { task.await.unwrap_or_else(|_| Err(broke_off())) }
            .boxed()
            .shared()
    }
}

/// Who sees a refresh through. Where its task breaks off, others can begin anew.
struct Leader {
    inner: Arc<Inner>,
    key: Fingerprint,
    ending: Ending,
    sub: String,
    aim: Aim,
    /// The generation whose refresh token is sent, and what is left of it where that is no good any more.
    base: u32,
    without: TokenSet,
    is_done: bool,
}

impl Leader {
    fn done(mut self, outcome: Result<Renewed, Failure>) -> Result<Generation, Failed> {
        self.is_done = true;
        let now = Instant::now();
        let mut slots = self.inner.slots();
        // The session ended meanwhile: what came is for nobody.
        let Some(slot) = slots.by_session.get_mut(&self.key) else {
            return outcome
                .map(|renewed| Generation::after(self.base, None, renewed))
                .map_err(|failure| match failure {
                    Failure::Away(error)
                    | Failure::Unclear(error)
                    | Failure::Refused(error)
                    | Failure::Spent(error, _)
                    | Failure::Ended(error) => Failed {
                        error,
                        ends_session: false,
                    },
                });
        };
        slot.under_way = None;
        let next = |renewed, slot: &Slot| Generation::after(self.base, slot.newest.as_ref(), renewed);
        let is_overtaken = slot.has_seen_newer_than(self.base);
        let was_unclear = slot.is_unclear;
        let outcome = outcome.map_err(|failure| match failure {
            // An answer that never came may have been the one that used it up: no reason to end anything.
            Failure::Refused(error) if was_unclear && !is_overtaken => {
                Failure::Spent(error, Box::new(self.without.clone().into()))
            }
            failure => failure,
        });
        let result = match outcome {
            Ok(renewed) => {
                let generation = next(renewed, slot);
                slot.learn(&generation);
                Ok(generation)
            }
            // Another process was faster: it is the older token that was refused.
            Err(Failure::Refused(error)) if is_overtaken => {
                tracing::warn!(name: "monocloud.refresh.reuse", error = %error, "reuse: an older refresh token of a session was refused");
                Err(Error::NoSession)
            }
            Err(Failure::Spent(error, without)) => {
                let generation = next(*without, slot);
                slot.learn(&generation);
                Err(error)
            }
            // Another one may have renewed it, and the browser get the new one from there.
            Err(Failure::Refused(error)) if self.inner.several_instances => {
                slot.refused = Some((self.base, error.clone()));
                Err(error)
            }
            Err(Failure::Refused(error) | Failure::Ended(error)) => {
                let (longest, now) = (self.inner.longest_session, self.inner.clock.now_millis());
                // Who waits for the tokens waits for nobody else.
                let _ = self.inner.denials.end(self.ending, longest, now);
                slots.remove(&self.key);
                drop(slots);
                let (sub, why) = (self.sub.as_str(), SessionEnd::RefreshRefused);
                self.inner.events.emit(&Event::SessionEnded { sub, why });
                return Err(Failed {
                    error,
                    ends_session: true,
                });
            }
            Err(Failure::Unclear(error)) => {
                slot.is_unclear |= !is_overtaken;
                Err(error)
            }
            Err(Failure::Away(error)) => Err(error),
        };
        // Of an older refresh token it says nothing to those who have the newest.
        if !is_overtaken {
            slot.remember(Recent {
                aim: self.aim.clone(),
                at: now,
                at_millis: self.inner.clock.now_millis(),
                outcome: result.as_ref().map(drop).map_err(Error::clone),
            });
        }
        slots.touch(self.key, now);
        result.map_err(|error| Failed {
            error,
            ends_session: false,
        })
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        let mut slots = self.inner.slots();
        if let Some(slot) = slots.by_session.get_mut(&self.key) {
            slot.under_way = None;
            slot.is_unclear |= !slot.has_seen_newer_than(self.base);
            slots.touch(self.key, Instant::now());
        }
    }
}

impl Inner {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_of(record: &Record) -> Fingerprint {
    fingerprint(record.id().as_bytes())
}

fn broke_off() -> Failed {
    Failed {
        error: Error::unreachable("the issuer", "the refresh broke off"),
        ends_session: false,
    }
}

#[cfg(test)]
mod tests;
