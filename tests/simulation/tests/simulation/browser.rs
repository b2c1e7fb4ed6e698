//! A browser: a cookie jar that tabs share, and requests through the router.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request};
use serde_json::Value;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::app::{ERROR, GOT, ORIGIN, SEES};
use crate::invariants::{self, Asked, Copied, Held, Kind, Served, Written};
use crate::ledger::Leader;
use crate::plan::Step;
use crate::process::{Life, Process, Site};
use crate::wire::PATIENCE;
use crate::world::World;

/// A request may wait for others, and each of them for the issuer.
pub(crate) const LIMIT: Duration = Duration::from_secs(PATIENCE.as_secs() * 20);

#[derive(Clone, Default)]
pub(crate) struct Jar {
    cookies: BTreeMap<String, String>,
    pub(crate) held: Option<Held>,
}

impl Jar {
    pub(crate) fn of(copy: &Copied) -> Self {
        let pairs = copy.header.split("; ").filter_map(|pair| pair.split_once('='));
        Self {
            cookies: pairs.map(|(name, value)| (name.into(), value.into())).collect(),
            held: Some(copy.held),
        }
    }

    /// The value of the `Cookie` header.
    fn header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn take(&mut self, headers: &HeaderMap, written: &Written) {
        for (name, value) in set_cookies(headers) {
            match value {
                Some(value) => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
                None => drop(self.cookies.remove(name)),
            }
        }
        match written {
            Written::Nothing => {}
            Written::Session(held, ..) => self.held = Some(*held),
            Written::Deleted | Written::Dead | Written::Nobodys => self.held = None,
        }
    }
}

/// Clones are its tabs.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) site: Arc<Site>,
    pub(crate) world: Arc<World>,
    pub(crate) name: String,
    pub(crate) jar: Arc<Mutex<Jar>>,
}

/// A request to be sent.
pub(crate) struct Ask<'a> {
    pub(crate) kind: Kind,
    pub(crate) path: &'a str,
    pub(crate) resource: Option<usize>,
    /// Sessions that are over once it has succeeded.
    pub(crate) ends: Vec<u32>,
    /// Whose session it may begin.
    pub(crate) begins: Option<&'static str>,
    pub(crate) hangs_up: Option<u32>,
    pub(crate) travels: u32,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(kind: Kind, path: &'a str) -> Self {
        Self {
            kind,
            path,
            resource: None,
            ends: Vec::new(),
            begins: None,
            hangs_up: None,
            travels: 0,
        }
    }

    pub(crate) fn of(self, step: &Step) -> Self {
        Self {
            hangs_up: step.hangs_up,
            travels: step.travels,
            ..self
        }
    }
}

/// What a tab gets to see.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
}

impl Browser {
    pub(crate) fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends it to any process, compares the answer with what must hold, and keeps its cookies once it has arrived.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> Option<Answer> {
        self.send_to(&self.site.any(), ask).await
    }

    /// The same at this process.
    pub(crate) async fn send_to(&self, process: &Process, ask: Ask<'_>) -> Option<Answer> {
        let (cookies, held) = {
            let jar = self.jar();
            (jar.header(), jar.held)
        };
        let held = self.as_it_is(&cookies, held);
        let ledger = &self.world.ledger;
        let path = ask.path.split(['?']).next().unwrap_or_default();
        let (life, sent) = (&process.life, Instant::now());
        let what = format!("{} p{} {path}", self.name, life.number());
        ledger.note(format_args!("{what} sent with {}", shown(held)));
        let asked = Asked::new(ledger, what, ask.kind, held, ask.begins, life);
        let response = life.outlived(process.app.clone().oneshot(request(&ask, &cookies)));
        let limit = ask
            .hangs_up
            .map_or(LIMIT, |millis| Duration::from_millis(millis.into()));
        let Ok(response) = tokio::time::timeout(limit, response).await else {
            self.gone(&asked, ask.hangs_up.is_some());
            return None;
        };
        let Some(response) = response else {
            self.gone(&asked, true);
            return None;
        };
        let (parts, body) = response.expect("a router answers").into_parts();
        let written = self.written(&parts.headers);
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let served = Served {
            at: self.world.latest(),
            ..served(&ask, parts.status.as_u16(), &parts.headers, &body, written)
        };
        ledger.note(format_args!("{} {}", asked.what, told(&served)));
        ledger.check(&asked, &served);
        if let Written::Session(held, _, header) = &served.written {
            let (held, header) = (*held, header.clone());
            ledger.state().copies.push(Copied { held, header });
        }
        self.learn_ends(&ask, &served, life, sent);
        let location = parts.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let answer = Answer {
            status: served.status,
            location: location.map(str::to_owned),
        };
        tokio::time::sleep(Duration::from_millis(ask.travels.into())).await;
        self.jar().take(&parts.headers, &served.written);
        Some(answer)
    }

    /// What the jar's session is now, where that is not in the jar.
    fn as_it_is(&self, cookies: &str, held: Option<Held>) -> Option<Held> {
        if self.site.watch.is_none() {
            return held;
        }
        let session = self.site.open(cookies);
        session
            .and_then(|session| Held::of(&session))
            .map_or(held, |(held, _)| Some(held))
    }

    /// What is over, at this process or everywhere.
    fn learn_ends(&self, ask: &Ask<'_>, served: &Served, life: &Life, sent: Instant) {
        let begun = served.written.session();
        let is_everywhere = match ask.kind {
            Kind::SignOut if served.status == 303 => true,
            // The store did not say so: who has said it knows, and asks it until it does.
            Kind::SignOut if served.status == 503 && matches!(served.written, Written::Deleted) => false,
            // Nobody waits until others are told.
            Kind::Callback if begun.is_some() => {
                !self.world.ledger.has_log() && !life.is_troubled_since(sent)
            }
            Kind::Everywhere if served.status == 200 && served.sees.is_some() => true,
            _ => return,
        };
        if ask.kind == Kind::SignOut && served.status == 503 {
            self.world.ledger.saw("an end is not told at once");
        }
        let (sure, now) = (self.world.ledger.sure_since(sent), Instant::now());
        for session in ask.ends.iter().filter(|session| Some(**session) != begun) {
            self.world.ledger.learn(*session, |facts| {
                if is_everywhere {
                    facts.ends(sure, now);
                }
                facts.over_at.insert(life.number());
            });
        }
    }

    /// The client has hung up, or waited for too long.
    fn gone(&self, asked: &Asked, hung_up: bool) {
        let ledger = &self.world.ledger;
        let session = asked.held.map(|held| held.session);
        if hung_up {
            ledger.note(format_args!("{} is gone", asked.what));
            if let Some(session) = session {
                ledger.learn(session, |facts| facts.leader = facts.leader.max(Leader::Gone));
            }
            return;
        }
        let lost = session.and_then(|session| Some(ledger.state().sessions.get(&session)?.leader));
        let invariant = if lost.is_some_and(|leader| leader != Leader::Well) {
            invariants::LEADER
        } else {
            invariants::ENDS
        };
        ledger.broke(
            invariant,
            format_args!("{} has no answer after {LIMIT:?}", asked.what),
        );
    }

    fn written(&self, headers: &HeaderMap) -> Written {
        let session: Vec<_> = set_cookies(headers)
            .filter(|(name, _)| *name == "session" || name.starts_with("session."))
            .collect();
        if session.is_empty() {
            return Written::Nothing;
        }
        let kept = session
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
        let header = kept.collect::<Vec<_>>().join("; ");
        if header.is_empty() {
            return Written::Deleted;
        }
        let Some(session) = self.site.open(&header) else {
            return Written::Dead;
        };
        Held::of(&session).map_or(Written::Nobodys, |(held, sub)| {
            Written::Session(held, sub, header)
        })
    }
}

/// Names and values; without a value it is deleted.
fn set_cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, Option<&str>)> {
    headers.get_all(SET_COOKIE).iter().filter_map(|header| {
        let header = header.to_str().ok()?;
        let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
        let (name, value) = pair.split_once('=')?;
        Some((name, (!attributes.contains("Max-Age=0")).then_some(value)))
    })
}

fn request(ask: &Ask<'_>, cookies: &str) -> Request<Body> {
    let request = Request::get(ask.path).header(COOKIE, cookies);
    let request = match ask.kind {
        Kind::Handler | Kind::UserInfo | Kind::Everywhere => request
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty"),
        Kind::SignIn | Kind::SignOut | Kind::Callback => request
            .header("sec-fetch-site", "none")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document"),
    };
    request.body(Body::empty()).expect("a request")
}

fn served(ask: &Ask<'_>, status: u16, headers: &HeaderMap, body: &[u8], written: Written) -> Served {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let sees = text(SEES).and_then(|sees| {
        let (session, sub) = sees.split_once(' ')?;
        Some((session.strip_prefix('s')?.parse().ok()?, sub.to_owned()))
    });
    let claims: Option<Value> = (ask.kind == Kind::UserInfo && status == 200)
        .then(|| serde_json::from_slice(body).ok())
        .flatten();
    Served {
        status,
        error: text(ERROR),
        sees,
        sub: claims.and_then(|claims| Some(claims["sub"].as_str()?.to_owned())),
        got: text(GOT),
        resource: ask.resource,
        written,
        at: 0,
    }
}

fn shown(held: Option<Held>) -> String {
    held.map_or_else(|| "no session".to_owned(), |held| held.to_string())
}

fn told(served: &Served) -> String {
    let Served { status, .. } = served;
    let error = served.error.as_deref().unwrap_or_default();
    let sees = served
        .sees
        .as_ref()
        .map(|(session, sub)| format!(" sees s{session} of {sub}"));
    let got = served
        .got
        .as_deref()
        .map(|got| format!(" got {}", got.trim_end_matches('x')));
    let set = match &served.written {
        Written::Nothing => String::new(),
        Written::Deleted => " deletes".to_owned(),
        Written::Session(held, ..) => format!(" sets {held}"),
        Written::Dead | Written::Nobodys => format!(" sets {:?}", served.written),
    };
    let (sees, got) = (sees.unwrap_or_default(), got.unwrap_or_default());
    format!("{status} {error}{sees}{got}{set}")
}
