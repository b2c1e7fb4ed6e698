//! What must hold of every answer, whatever happened before. Each has a name, with which its messages begin.

use std::fmt;

use monocloud_runtime::Session;
use monocloud_runtime::testing::{access_token, id_token, refresh_token};

use crate::generations::Sent;
use crate::ledger::{Facts, Ledger};
use crate::plan::RESOURCES;
use crate::process::Life;
use crate::token::{Name, subject};

pub(crate) const ONCE: &str = "a refresh token is sent at most once per rotation";
pub(crate) const SIGNED_OUT: &str = "after sign-out no copy of the cookie is admitted";
pub(crate) const OLDER: &str = "no write of an older generation lands";
pub(crate) const FAULTS: &str = "faults alone sign nobody out";
pub(crate) const IDENTITIES: &str = "identities never mix";
pub(crate) const ENDS: &str = "every tab ends";
pub(crate) const LEADER: &str = "waiters outlive a dead leader";
pub(crate) const MEMORY: &str = "memory stays bounded";
pub(crate) const NEVER_500: &str = "never 500";
pub(crate) const DENIED: &str = "no denial is lost to another, and nothing denied is created";
pub(crate) const JTI: &str = "a logout token acts once, and wholly";
pub(crate) const LEFT: &str = "nobody who is well leaves an exchange behind";
pub(crate) const AGREE: &str = "processes agree on who is signed in";
pub(crate) const STARTS: &str = "who signs in is signed in";

/// The session in a jar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) session: u32,
    /// The number of its refresh token, the largest without one.
    pub(crate) generation: u32,
    /// The number of its default access token, if it has one.
    pub(crate) access: Option<u32>,
}

impl Held {
    /// Also whose it is. `None` where it is not of the simulation's issuer, or its parts are of different people.
    pub(crate) fn of(session: &Session) -> Option<(Self, String)> {
        let number = |name: &str| name.strip_prefix('s')?.parse().ok();
        let refresh = refresh_token(session).map(Name::of_refresh_token);
        let access = access_token(session).and_then(Name::of_access_token);
        let held = Self {
            session: number(session.sid()?)?,
            generation: refresh.map_or(Some(u32::MAX), |name| Some(name?.number))?,
            access: access.as_ref().map(|(name, _)| name.number),
        };
        let of_session = |name: &Name| name.session == held.session;
        let sub = session.user().sub();
        let is_whole = refresh.flatten().as_ref().is_none_or(of_session)
            && access.as_ref().is_none_or(|(name, _)| of_session(name))
            && id_token(session).is_none_or(|token| subject(token).as_deref() == Some(sub));
        is_whole.then(|| (held, sub.to_owned()))
    }
}

impl Held {
    fn access_token(self) -> Option<Name> {
        self.access.map(|number| Name {
            session: self.session,
            number,
        })
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.generation {
            u32::MAX => write!(f, "s{} without refresh token", self.session),
            generation => write!(f, "s{}#{generation}", self.session),
        }
    }
}

/// A `Cookie` header with a session, of whom.
#[derive(Clone)]
pub(crate) struct Copied {
    pub(crate) held: Held,
    pub(crate) header: String,
}

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A handler, which says what it sees.
    Handler,
    UserInfo,
    /// What begins a sign-in.
    SignIn,
    Callback,
    SignOut,
    /// A handler that signs the account out in every browser.
    Everywhere,
}

/// A request, and how things were when it was sent.
pub(crate) struct Asked {
    pub(crate) what: String,
    pub(crate) kind: Kind,
    pub(crate) held: Option<Held>,
    begins: Option<&'static str>,
    was_over: bool,
    given: u32,
    sent: Option<Sent>,
    /// Where it came to.
    life: Life,
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Served {
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    /// Session and subject.
    pub(crate) sees: Option<(u32, String)>,
    /// Just the subject, where that is all.
    pub(crate) sub: Option<String>,
    pub(crate) got: Option<String>,
    pub(crate) resource: Option<usize>,
    pub(crate) written: Written,
    /// The latest that the clock ever was.
    pub(crate) at: i64,
}

impl Served {
    /// The access token that was given.
    fn access(&self) -> Option<Name> {
        Name::of_access_token(self.got.as_deref()?).map(|(name, _)| name)
    }
}

/// What it does with the session cookie.
#[derive(Debug, Default)]
pub(crate) enum Written {
    #[default]
    Nothing,
    Deleted,
    /// Also whose it is, and as a `Cookie` header.
    Session(Held, String, String),
    /// A session that does not open, as one that has ended.
    Dead,
    /// A session whose parts are of nobody, or of different people.
    Nobodys,
}

impl Written {
    pub(crate) fn session(&self) -> Option<u32> {
        match self {
            Self::Session(held, ..) => Some(held.session),
            _ => None,
        }
    }
}

impl Asked {
    pub(crate) fn new(
        ledger: &Ledger,
        what: String,
        kind: Kind,
        held: Option<Held>,
        begins: Option<&'static str>,
        life: &Life,
    ) -> Self {
        let state = ledger.state();
        let facts = held.and_then(|held| state.sessions.get(&held.session));
        Self {
            was_over: facts.is_some_and(|facts| facts.is_over_for(life)),
            life: life.clone(),
            given: facts.map_or(0, |facts| facts.newest(ledger, life)),
            sent: held.zip(facts).map(|(held, facts)| Sent::new(held, facts)),
            what,
            kind,
            held,
            begins,
        }
    }
}

impl Asked {
    fn is_turned_away(&self, served: &Served) -> bool {
        self.kind == Kind::Handler && self.held.is_some() && served.status == 503 && served.sees.is_none()
    }
}

impl Ledger {
    /// Compares an answer with what must hold.
    pub(crate) fn check(&self, asked: &Asked, served: &Served) {
        let mut broken = Vec::new();
        {
            let mut state = self.state();
            let of_no_use = [served.access(), asked.held.and_then(Held::access_token)];
            let has_taken = of_no_use
                .iter()
                .flatten()
                .any(|name| state.of_no_use.contains(name));
            let mut fail = |invariant, how: &str| broken.push((invariant, how.to_owned()));
            if self.has_log() && asked.is_turned_away(served) {
                state
                    .saw
                    .insert("who is signed in is turned away, for lack of news");
            }
            if served.status == 500 {
                fail(NEVER_500, "the answer is 500");
            }
            if has_taken {
                fail(IDENTITIES, "tokens are used whose ID token is not acceptable");
            }
            if let Some((held, sent)) = asked.held.zip(asked.sent)
                && let Some(facts) = state.sessions.get_mut(&held.session)
            {
                facts.is_set(held, sent, &served.written);
            }
            if let Some(how) = written(&state.sessions, asked, served, self) {
                fail(how.0, how.1);
            }
            if let Some(held) = asked.held
                && let Some(facts) = state.sessions.get(&held.session)
            {
                of_holder(asked, served, held, facts, &mut fail);
            } else if served.sees.is_some() || served.sub.is_some() || served.got.is_some() {
                fail(IDENTITIES, "somebody is seen, and nobody was signed in");
            }
            if let Written::Session(held, ..) = &served.written
                && let Some(facts) = state.sessions.get_mut(&held.session)
            {
                let is_same = |had: Held| (had.session, had.generation) == (held.session, held.generation);
                if !asked.held.is_some_and(is_same) {
                    facts.brings(*held, &asked.life);
                }
                facts.is_given(*held);
                facts.kept_at.get_or_insert(served.at);
            }
        }
        for (invariant, how) in broken {
            self.broke(invariant, format_args!("{how}: {} {served:?}", asked.what));
        }
    }
}

/// Of the session that an answer sets.
fn written(
    sessions: &std::collections::BTreeMap<u32, Facts>,
    asked: &Asked,
    served: &Served,
    ledger: &Ledger,
) -> Option<(&'static str, &'static str)> {
    let (held, sub) = match &served.written {
        Written::Session(held, sub, _) => (held, sub),
        // Another process may have ended it on the way.
        Written::Dead if ledger.is_shared() && may_be_over(sessions, asked) => return None,
        Written::Dead => return Some((SIGNED_OUT, "a session is set that does not open")),
        Written::Nobodys => return Some((IDENTITIES, "a session is set that is of different people")),
        Written::Nothing | Written::Deleted => return None,
    };
    let Some(facts) = sessions.get(&held.session) else {
        return Some((IDENTITIES, "a session is set that never began"));
    };
    let was_sent = asked.held.is_some_and(|asked| asked.session == held.session);
    if sub != facts.sub || !was_sent && asked.begins != Some(facts.sub) {
        return Some((
            IDENTITIES,
            "a session is set that was not sent, or is somebody else's",
        ));
    }
    if was_sent && asked.was_over || facts.is_over || facts.over_at.contains(&asked.life.number()) {
        return Some((SIGNED_OUT, "a session is set that has ended"));
    }
    (held.generation < facts.newest(ledger, &asked.life) && facts.is_remembered())
        .then_some((OLDER, "an older generation is set than was served"))
}

fn may_be_over(sessions: &std::collections::BTreeMap<u32, Facts>, asked: &Asked) -> bool {
    let facts = asked.held.and_then(|held| sessions.get(&held.session));
    asked.kind == Kind::Callback || facts.is_some_and(|facts| facts.may_end.is_some())
}

/// Of what whoever carries a session is told.
fn of_holder(
    asked: &Asked,
    served: &Served,
    held: Held,
    facts: &Facts,
    fail: &mut impl FnMut(&'static str, &str),
) {
    let sub = served.sees.as_ref().map(|(_, sub)| sub).or(served.sub.as_ref());
    if sub.is_some_and(|sub| sub != facts.sub)
        || served.sees.as_ref().is_some_and(|seen| seen.0 != held.session)
    {
        fail(IDENTITIES, "somebody else is seen");
    }
    let is_admitted = sub.is_some() || served.got.is_some();
    if asked.was_over && is_admitted {
        fail(SIGNED_OUT, "the session is seen");
    }
    if let Some(got) = &served.got {
        of_token(got, served, held, fail);
    }
    if !matches!(asked.kind, Kind::Handler | Kind::UserInfo) {
        return;
    }
    if facts.may_end.is_none() && !facts.is_over {
        let is_unclear = asked.kind == Kind::UserInfo && matches!(served.status, 502 | 503)
            || served.status == 503 && asked.life.is_troubled();
        if served.error.as_deref() == Some("no_session") || !(is_admitted || is_unclear) {
            fail(FAULTS, "the session is not seen");
        }
        if matches!(served.written, Written::Deleted) {
            fail(FAULTS, "the session is deleted");
        }
        let is_behind = held.generation < asked.given && facts.is_remembered();
        let is_healed = matches!(&served.written, Written::Session(new, ..) if new.generation >= asked.given);
        if is_behind && is_admitted && !is_healed {
            fail(
                OLDER,
                "what was sent was older than what was served, and stays so",
            );
        }
    }
}

/// Of the access token that a handler got.
fn of_token(got: &str, served: &Served, held: Held, fail: &mut impl FnMut(&'static str, &str)) {
    let wanted = served.resource.map_or("", |number| RESOURCES[number]);
    let Some((name, resource)) = Name::of_access_token(got) else {
        return fail(IDENTITIES, "the token is none of the issuer's");
    };
    if name.session != held.session {
        fail(IDENTITIES, "the token is of another session");
    }
    if resource.trim_end_matches('/') != wanted {
        fail(IDENTITIES, "the token is for another resource");
    }
    if wanted.is_empty() && held.access.is_some_and(|access| name.number < access) {
        fail(OLDER, "the token is older than the one that was sent");
    }
}
