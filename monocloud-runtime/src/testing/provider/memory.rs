//! The provider's memory: who is registered, who is signed in, and what was handed out.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::authorization_request::AuthorizationRequest;
use super::clients::ProviderClient;
use super::encoding::{random_id, same_secret};
use super::faults::Faults;
use super::keys::Keys;
use super::log::Log;
use super::params::Params;
use super::participants::{LogoutAnswer, Participants};
use super::users::ProviderUser;

/// An authorization code is exchanged at once or never.
const CODE_LIFETIME: i64 = 60;
/// How long a login page can be left open.
const INTERACTION_LIFETIME: i64 = 30 * 60;
/// How long the browser stays signed in at the provider.
const SESSION_LIFETIME: i64 = 8 * 60 * 60;
/// What a `request_uri` begins with (RFC 9126 2.2).
pub(super) const PUSHED_URN: &str = "urn:ietf:params:oauth:request_uri:";
/// A pushed request is for a browser that is on its way already.
pub(super) const PUSHED_LIFETIME: i64 = 60;
const REFRESH_TOKEN_LIFETIME: i64 = 30 * 24 * 60 * 60;

/// Everything that outlives a request, and `stop` and `restart` too.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) clients: Vec<ProviderClient>,
    pub(super) users: Vec<ProviderUser>,
    pub(super) keys: Keys,
    pub(super) faults: Faults,
    pub(super) log: Log,
    pub(super) interactions: HashMap<String, Interaction>,
    pub(super) sessions: HashMap<String, SignedIn>,
    pub(super) participants: Participants,
    /// What clients answered that were told of a logout.
    pub(super) logout_answers: Vec<LogoutAnswer>,
    /// Requests that were pushed, by their `request_uri`.
    pub(super) pushed: HashMap<String, Pushed>,
    /// Client assertions that were used, by client and `jti`, with the time of their end.
    pub(super) assertions: HashMap<(String, String), i64>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) grants: HashMap<String, Grant>,
    pub(super) access_tokens: HashMap<String, AccessToken>,
    pub(super) refresh_tokens: HashMap<String, RefreshToken>,
}

/// A page of ours that waits for an answer of the browser that it was given to.
#[derive(Clone)]
pub(super) struct Interaction {
    pub(super) browser: String,
    pub(super) asks: Asks,
    expires: i64,
}

#[derive(Clone)]
pub(super) enum Asks {
    ToSignIn(Box<AuthorizationRequest>),
    ToSignOut { then: Option<String> },
}

/// An authorization request that waits for its browser.
pub(super) struct Pushed {
    client_id: String,
    params: Params,
    expires: i64,
}

/// Someone who is signed in at the provider with one browser.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) auth_time: i64,
    /// The authentication context that the sign-in reached.
    pub(super) acr: Option<String>,
    expires: i64,
}

pub(super) struct Code {
    pub(super) request: AuthorizationRequest,
    pub(super) session: SignedIn,
    pub(super) expires: i64,
    /// The grant that it was exchanged for.
    pub(super) used_for: Option<String>,
}

/// What a user gave a client: the family of all tokens that come of one code.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    /// The resources that the sign-in named, its `audience` among them: tokens are for no others (RFC 8707 2.2).
    pub(super) resources: Vec<String>,
    /// The `audience` of the sign-in, which tokens are for whose request names none.
    pub(super) audience: Option<String>,
    /// The `acr` to tell, which is told to those who asked for it.
    pub(super) acr: Option<String>,
    pub(super) session: SignedIn,
}

pub(super) struct AccessToken {
    /// The grant that it ends with.
    pub(super) grant: Option<String>,
    pub(super) client_id: String,
    /// On whose behalf the client acts, unless it is its own.
    pub(super) user: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) audience: Vec<String>,
    /// What it says, be it readable or not.
    pub(super) claims: Map<String, Value>,
    pub(super) expires: i64,
}

pub(super) struct RefreshToken {
    pub(super) grant: String,
    pub(super) used: bool,
    pub(super) expires: i64,
}

impl Memory {
    pub(super) fn client(&self, id: &str) -> Option<&ProviderClient> {
        self.clients.iter().find(|client| client.id() == id)
    }

    pub(super) fn user(&self, sub: &str) -> Option<&ProviderUser> {
        self.users.iter().find(|user| user.sub() == sub)
    }

    /// The user whom a `login_hint` means.
    pub(super) fn hinted_user(&self, hint: &str) -> Option<&ProviderUser> {
        self.users.iter().find(|user| user.answers_to(hint))
    }

    /// Adds a user, or replaces the one with the same `sub`.
    pub(super) fn put_user(&mut self, user: ProviderUser) {
        match self.users.iter_mut().find(|known| known.sub() == user.sub()) {
            Some(known) => *known = user,
            None => self.users.push(user),
        }
    }

    /// Remembers a page that is about to be shown, and returns its identifier.
    pub(super) fn ask(&mut self, browser: &str, asks: Asks, now: i64) -> String {
        self.forget_expired(now);
        let id = random_id(32);
        self.interactions.insert(
            id.clone(),
            Interaction {
                browser: browser.into(),
                asks,
                expires: now + INTERACTION_LIFETIME,
            },
        );
        id
    }

    /// The page with this identifier, when it was given to this browser and has not been answered.
    pub(super) fn asked(&self, id: &str, browser: &str, now: i64) -> Option<Interaction> {
        let found = self.interactions.get(id)?;
        let theirs = same_secret(&found.browser, browser);
        (theirs && found.expires > now).then(|| found.clone())
    }

    /// Begins a session of a user, and returns the cookie's value with it.
    pub(super) fn sign_in(&mut self, sub: &str, acr: Option<String>, now: i64) -> (String, SignedIn) {
        let (id, session) = (
            random_id(32),
            SignedIn {
                sub: sub.into(),
                sid: random_id(16),
                auth_time: now,
                acr,
                expires: now + SESSION_LIFETIME,
            },
        );
        self.sessions.insert(id.clone(), session.clone());
        (id, session)
    }

    pub(super) fn session(&self, cookie: Option<&str>, now: i64) -> Option<&SignedIn> {
        let session = self.sessions.get(cookie?)?;
        (session.expires > now && self.user(&session.sub).is_some()).then_some(session)
    }

    /// Remembers that the client of a grant is to be told when the session is over.
    pub(super) fn note_participant(&mut self, grant: &Grant) {
        let SignedIn {
            sid, sub, expires, ..
        } = &grant.session;
        self.participants.note(sid, sub, *expires, &grant.client_id);
    }

    /// Remembers a pushed request, and returns its `request_uri` (RFC 9126 2.2).
    pub(super) fn push(&mut self, client_id: &str, params: Params, now: i64) -> String {
        self.forget_expired(now);
        let request_uri = format!("{PUSHED_URN}{}", random_id(32));
        let pushed = Pushed {
            client_id: client_id.into(),
            params,
            expires: now + PUSHED_LIFETIME,
        };
        self.pushed.insert(request_uri.clone(), pushed);
        request_uri
    }

    /// The pushed request of this client, which is there once.
    pub(super) fn pushed(&mut self, client_id: &str, request_uri: &str, now: i64) -> Option<Params> {
        let found = self.pushed.get(request_uri)?;
        if found.client_id != client_id || found.expires <= now {
            return None;
        }
        self.pushed.remove(request_uri).map(|found| found.params)
    }

    /// Whether a client has not used this `jti` before (RFC 7523 3).
    pub(super) fn is_first(&mut self, client_id: &str, jti: &str, expires: i64, now: i64) -> bool {
        self.assertions.retain(|_, expires| *expires > now);
        let used = (client_id.to_owned(), jti.to_owned());
        self.assertions.insert(used, expires).is_none()
    }

    /// Remembers what a code stands for, and returns the code.
    pub(super) fn add_code(&mut self, request: AuthorizationRequest, session: SignedIn, now: i64) -> String {
        self.forget_expired(now);
        let value = random_id(32);
        self.codes.insert(
            value.clone(),
            Code {
                request,
                session,
                expires: now + CODE_LIFETIME,
                used_for: None,
            },
        );
        value
    }

    pub(super) fn add_refresh_token(&mut self, grant: &str, now: i64) -> String {
        let token = random_id(32);
        self.refresh_tokens.insert(
            token.clone(),
            RefreshToken {
                grant: grant.into(),
                used: false,
                expires: now + REFRESH_TOKEN_LIFETIME,
            },
        );
        token
    }

    /// The access token, unless it is over: expired, revoked, or its user's who is no more.
    pub(super) fn access_token(&self, token: &str, now: i64) -> Option<&AccessToken> {
        let found = self.access_tokens.get(token)?;
        let has_grant = match &found.grant {
            Some(grant) => self.grants.contains_key(grant),
            None => true,
        };
        let has_user = match &found.user {
            Some(sub) => self.user(sub).is_some(),
            None => true,
        };
        (found.expires > now && has_grant && has_user).then_some(found)
    }

    /// The refresh token with its grant, unless it is over.
    pub(super) fn refresh_token(&self, token: &str, now: i64) -> Option<(&RefreshToken, &Grant)> {
        let found = self.refresh_tokens.get(token)?;
        let grant = self.grants.get(&found.grant)?;
        let is_good = found.expires > now && !found.used && self.user(&grant.session.sub).is_some();
        is_good.then_some((found, grant))
    }

    /// Ends a grant: every token that came of it is dead.
    pub(super) fn revoke(&mut self, grant: &str) {
        self.grants.remove(grant);
    }

    /// Ends an access token alone, a refresh token with its grant.
    pub(super) fn revoke_token(&mut self, token: &str) {
        match self.refresh_tokens.get(token).map(|found| found.grant.clone()) {
            Some(grant) => self.revoke(&grant),
            None => drop(self.access_tokens.remove(token)),
        }
    }

    /// Keeps a provider that runs for days from growing.
    fn forget_expired(&mut self, now: i64) {
        self.interactions.retain(|_, page| page.expires > now);
        self.pushed.retain(|_, pushed| pushed.expires > now);
        self.sessions.retain(|_, session| session.expires > now);
        self.participants.forget_expired(now);
        self.codes.retain(|_, code| code.expires > now);
        self.access_tokens.retain(|_, token| token.expires > now);
        self.refresh_tokens.retain(|_, token| token.expires > now);
        let live: HashSet<&str> = (self
            .access_tokens
            .values()
            .filter_map(|token| token.grant.as_ref()))
        .chain(self.refresh_tokens.values().map(|token| &token.grant))
        .chain(self.codes.values().filter_map(|code| code.used_for.as_ref()))
        .map(String::as_str)
        .collect();
        self.grants.retain(|id, _| live.contains(id.as_str()));
    }
}
