//! What is known from outside: which sessions there are, what became of each refresh token, what was served.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::invariants::{self, Copied};
use crate::issuer::Refusal;
use crate::token::Name;

/// So long what a refresh brought is known to the process.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(600);

/// Clones share.
#[derive(Clone)]
pub(crate) struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) sessions: BTreeMap<u32, Facts>,
    refresh_tokens: BTreeMap<Name, Fate>,
    /// Tokens that came with something that makes the whole answer of no use.
    pub(crate) of_no_use: BTreeSet<Name>,
    /// Every cookie that was ever served.
    pub(crate) copies: Vec<Copied>,
    /// Which invariant gave way, and how.
    broken: Vec<String>,
    trace: Vec<String>,
}

/// A session, as it looks from outside.
pub(crate) struct Facts {
    pub(crate) sub: &'static str,
    /// The newest generation that was served: the number of its refresh token, the largest number without one.
    pub(crate) given: u32,
    /// When the issuer last answered about a refresh token of it.
    pub(crate) answered_at: Option<Instant>,
    /// Why the session may end, where there is a reason that is no fault.
    pub(crate) may_end: Option<&'static str>,
    /// Whether it has ended for sure.
    pub(crate) is_over: bool,
    /// Whether whoever began a refresh of it went away or panicked.
    pub(crate) lost_its_leader: bool,
}

/// What became of a refresh token that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    UnderWay,
    /// No answer came, or none that says what became of it.
    Unclear,
    /// There were tokens for it, and it is good still.
    Good,
    /// There were tokens for it at that time.
    Rotated(Instant),
    Refused,
}

/// A refresh token on its way. Where it is dropped without an answer, nobody knows what became of it.
pub(crate) struct Sending {
    ledger: Ledger,
    name: Name,
    before: Option<Fate>,
    is_answered: bool,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::new(Inner {
                began: Instant::now(),
                state: Mutex::default(),
            }),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line of the trace, with the time.
    pub(crate) fn note(&self, line: impl Display) {
        let at = self.inner.began.elapsed().as_millis();
        self.state().trace.push(format!("{at:>8} {line}"));
    }

    /// An invariant gave way.
    pub(crate) fn broke(&self, invariant: &str, how: impl Display) {
        let line = format!("{invariant}: {how}");
        self.note(format_args!("BROKEN {line}"));
        self.state().broken.push(line);
    }

    /// All that gave way, and the trace.
    pub(crate) fn take(&self) -> (Vec<String>, Vec<String>) {
        let mut state = self.state();
        (
            std::mem::take(&mut state.broken),
            std::mem::take(&mut state.trace),
        )
    }

    /// A sign-in has brought tokens.
    pub(crate) fn began(&self, session: u32, sub: &'static str) {
        let facts = Facts {
            sub,
            given: 0,
            answered_at: None,
            may_end: None,
            is_over: false,
            lost_its_leader: false,
        };
        self.state().sessions.insert(session, facts);
    }

    /// Changes what is known of a session.
    pub(crate) fn learn(&self, session: u32, change: impl FnOnce(&mut Facts)) {
        if let Some(facts) = self.state().sessions.get_mut(&session) {
            change(facts);
        }
    }

    /// From now on there is a reason for the session to end.
    pub(crate) fn may_end(&self, session: u32, why: &'static str) {
        self.learn(session, |facts| {
            facts.may_end.get_or_insert(why);
        });
    }

    /// How many sessions there are that have not ended for sure.
    pub(crate) fn left(&self) -> usize {
        let state = self.state();
        state.sessions.values().filter(|facts| !facts.is_over).count()
    }

    /// A refresh token goes out, which it may only where nobody knows that it is used.
    pub(crate) fn sends(&self, name: Name) -> Sending {
        let before = self.state().refresh_tokens.insert(name, Fate::UnderWay);
        let how = match before {
            Some(Fate::UnderWay) => Some("it is sent while it is under way"),
            Some(Fate::Refused) => Some("it is sent though the issuer has refused it"),
            Some(Fate::Rotated(at)) if at.elapsed() < REMEMBERED => {
                Some("it is sent though there were tokens for it")
            }
            Some(Fate::Rotated(_) | Fate::Good | Fate::Unclear) | None => None,
        };
        if let Some(how) = how {
            self.broke(invariants::ONCE, format_args!("{how}: {}", name.refresh_token()));
        }
        self.sending(name, before)
    }

    /// A refresh token goes out to be revoked.
    pub(crate) fn revokes(&self, name: Name) -> Sending {
        let before = self.state().refresh_tokens.get(&name).copied();
        self.sending(name, before)
    }

    fn sending(&self, name: Name, before: Option<Fate>) -> Sending {
        Sending {
            ledger: self.clone(),
            name,
            before,
            is_answered: false,
        }
    }
}

impl Sending {
    /// The process gets tokens for it.
    pub(crate) fn rotated(self) {
        let now = Instant::now();
        self.ledger
            .learn(self.name.session, |facts| facts.answered_at = Some(now));
        self.answered(Fate::Rotated(now));
    }

    /// The process is told that it is revoked.
    pub(crate) fn revoked(self) {
        let now = Instant::now();
        self.ledger
            .learn(self.name.session, |facts| facts.answered_at = Some(now));
        self.answered(Fate::Refused);
    }

    /// The process gets tokens, and goes on with the refresh token that it has.
    pub(crate) fn kept(self) {
        let now = Instant::now();
        self.ledger
            .learn(self.name.session, |facts| facts.answered_at = Some(now));
        self.answered(Fate::Good);
    }

    /// The process gets tokens that it must not take.
    pub(crate) fn answered_in_vain(self, tokens: &Value) {
        let access = tokens["access_token"].as_str().and_then(Name::of_access_token);
        let of_no_use = &mut self.ledger.state().of_no_use;
        of_no_use.extend(access.map(|(name, _)| name));
    }

    /// The process is told that it is no good. That ends the session where it is the issuer's word, and not what a
    /// fault has led to.
    pub(crate) fn refused(self, refusal: Refusal) {
        let is_own_doing = matches!(refusal, Refusal::Reused | Refusal::Revoked);
        let is_fault = is_own_doing && self.before == Some(Fate::Unclear);
        let now = Instant::now();
        self.ledger.learn(self.name.session, |facts| {
            facts.answered_at = Some(now);
            if !is_fault {
                facts.may_end.get_or_insert("its refresh token was refused");
            }
        });
        self.answered(Fate::Refused);
    }

    fn answered(mut self, fate: Fate) {
        self.is_answered = true;
        self.ledger.state().refresh_tokens.insert(self.name, fate);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.is_answered {
            let mut state = self.ledger.state();
            state.refresh_tokens.insert(self.name, Fate::Unclear);
        }
    }
}
