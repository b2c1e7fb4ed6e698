//! What is known from outside: which sessions there are, what became of each refresh token, what was served.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::ends::Shares;
use crate::generations::Generations;
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
    shares: Shares,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) sessions: BTreeMap<u32, Facts>,
    refresh_tokens: BTreeMap<Name, Fate>,
    /// When processes last lost what they told each other.
    pub(crate) lost_at: Option<Instant>,
    /// Tokens that came with something that makes the whole answer of no use.
    pub(crate) of_no_use: BTreeSet<Name>,
    /// Every cookie that was ever served.
    pub(crate) copies: Vec<Copied>,
    /// Which invariant gave way, and how.
    broken: Vec<String>,
    trace: Vec<String>,
    /// What happened at all.
    pub(crate) saw: BTreeSet<&'static str>,
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
    /// Whether it may end by what is said of its `sid` or `sub`, under which no process finds what it remembers of it.
    pub(crate) may_end_by_name: bool,
    /// Whether it has ended for sure.
    pub(crate) is_over: bool,
    pub(crate) leader: Leader,
    /// `iat` of its ID token.
    pub(crate) issued_at: i64,
    /// Whether a browser has it, or had: since when, by the latest that the clock ever was.
    pub(crate) kept_at: Option<i64>,
    /// The processes that may not know it any more, whatever others do.
    pub(crate) over_at: BTreeSet<u32>,
    /// Whether there was a reason for it to end when the log was lost: processes may have told each other, whatever they
    /// answered, and whoever knows does not know that it has to be told again.
    pub(crate) was_ending: bool,
    /// Since when every process can hear that it is over.
    pub(crate) told_at: Option<Instant>,
    pub(crate) generations: Generations,
}

/// What became of those who began refreshes of a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leader {
    Well,
    /// One of them went away.
    Gone,
    /// The wire has panicked with one of them.
    Panicked,
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
    /// The application has revoked it.
    Revoked,
}

/// A refresh token on its way. Where it is dropped without an answer, nobody knows what became of it.
pub(crate) struct Sending {
    ledger: Ledger,
    name: Name,
    before: Option<Fate>,
    is_answered: bool,
}

impl Ledger {
    pub(crate) fn new(shares: Shares) -> Self {
        Self {
            inner: Arc::new(Inner {
                began: Instant::now(),
                shares,
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

    /// The same where that is said of its `sid` or `sub`.
    pub(crate) fn is_named(&self, session: u32, why: &'static str) {
        self.learn(session, |facts| facts.is_named(why));
    }

    pub(crate) fn may_end_by_name(&self, session: u32) -> bool {
        let state = self.state();
        let facts = state.sessions.get(&session);
        facts.is_some_and(|facts| facts.may_end_by_name)
    }

    /// Something happened that plans are for.
    pub(crate) fn saw(&self, what: &'static str) {
        self.state().saw.insert(what);
    }

    /// All that gave way, the trace, and what happened at all.
    pub(crate) fn take(&self) -> (Vec<String>, Vec<String>, BTreeSet<&'static str>) {
        let mut state = self.state();
        (
            std::mem::take(&mut state.broken),
            std::mem::take(&mut state.trace),
            std::mem::take(&mut state.saw),
        )
    }

    /// Whether there is a store that processes share.
    pub(crate) fn is_shared(&self) -> bool {
        self.inner.shares != Shares::Nothing
    }

    /// Whether sessions are in cookies, and there is a log beside them.
    pub(crate) fn has_log(&self) -> bool {
        self.inner.shares == Shares::Log
    }

    /// A sign-in has brought tokens.
    pub(crate) fn began(&self, session: u32, sub: &'static str, issued_at: i64) {
        let facts = Facts {
            sub,
            given: 0,
            answered_at: None,
            may_end: None,
            may_end_by_name: false,
            is_over: false,
            leader: Leader::Well,
            issued_at,
            kept_at: None,
            over_at: BTreeSet::new(),
            was_ending: false,
            told_at: None,
            generations: Generations::default(),
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

    /// The wire panics with a refresh of the session.
    pub(crate) fn panics(&self, session: u32) {
        self.learn(session, |facts| {
            facts.leader = Leader::Panicked;
        });
    }

    pub(crate) fn has_panicked(&self, session: u32) -> bool {
        let state = self.state();
        state
            .sessions
            .get(&session)
            .is_some_and(|facts| facts.leader == Leader::Panicked)
    }

    /// The sessions of an account.
    pub(crate) fn all_of(&self, sub: &str) -> Vec<u32> {
        self.those(|facts| facts.sub == sub)
    }

    /// The sessions of an account that browsers had by then.
    pub(crate) fn kept_of(&self, sub: &str, by: i64) -> Vec<u32> {
        self.those(|facts| facts.sub == sub && facts.kept_at.is_some_and(|at| at <= by))
    }

    fn those(&self, are: impl Fn(&Facts) -> bool) -> Vec<u32> {
        let state = self.state();
        let those = state.sessions.iter().filter(|(_, facts)| are(facts));
        those.map(|(session, _)| *session).collect()
    }

    /// How many sessions there are that a process may remember.
    pub(crate) fn left(&self) -> usize {
        self.those(|facts| !facts.is_over || facts.may_end_by_name).len()
    }

    /// A refresh token goes out, which it may only where nobody knows that it is used.
    pub(crate) fn sends(&self, name: Name) -> Sending {
        let before = self.state().refresh_tokens.insert(name, Fate::UnderWay);
        let is = |what: fn(&Facts) -> bool| self.state().sessions.get(&name.session).is_some_and(what);
        let how = match before {
            Some(Fate::UnderWay) => Some("it is sent while it is under way"),
            // A sign-out elsewhere revokes it while it is on its way.
            Some(Fate::Revoked) if self.is_shared() && is(|facts| facts.may_end.is_some()) => None,
            Some(Fate::Refused | Fate::Revoked) => Some("it is sent though the issuer has refused it"),
            Some(Fate::Rotated(at))
                if self.inner.shares == Shares::Sessions
                    || at.elapsed() < REMEMBERED && !is(Facts::has_forked) =>
            {
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
        self.answered(Fate::Revoked);
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
