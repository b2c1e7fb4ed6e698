//! The provider's memory, shared by its endpoints and by the handle that tests hold.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clients::ProviderClient;
use super::encoding::random_id;
use super::faults::Faults;
use super::keys::Keys;
use super::log::{Endpoint, Log};
use super::users::ProviderUser;

/// Unix seconds, as someone tells them.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// An authorization code is exchanged at once or never.
const CODE_LIFETIME: i64 = 60;
/// How long a login page can be left open.
const INTERACTION_LIFETIME: i64 = 30 * 60;
/// How long the browser stays signed in at the provider.
const SESSION_LIFETIME: i64 = 8 * 60 * 60;
const REFRESH_TOKEN_LIFETIME: i64 = 30 * 24 * 60 * 60;

/// What the builder decided.
pub(super) struct Settings {
    pub(super) clock: Clock,
    pub(super) require_pkce: bool,
    pub(super) groups: bool,
    pub(super) claims_in_id_token: bool,
    pub(super) access_token_lifetime: Duration,
    pub(super) id_token_lifetime: Duration,
}

/// Everything that outlives a request. It also outlives `stop` and `restart`.
pub(super) struct Core {
    /// Exactly as the metadata spells it.
    pub(super) issuer: String,
    /// The issuer without a trailing slash: what endpoint URLs begin with.
    pub(super) base: String,
    /// The path of `base`: empty, or `/tenant`.
    pub(super) path: String,
    /// Host and port.
    pub(super) authority: String,
    pub(super) jwks_path: String,
    pub(super) settings: Settings,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) clients: Vec<ProviderClient>,
    pub(super) users: Vec<ProviderUser>,
    pub(super) keys: Keys,
    pub(super) faults: Faults,
    pub(super) log: Log,
    pub(super) interactions: HashMap<String, Interaction>,
    pub(super) sessions: HashMap<String, SignedIn>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) grants: HashMap<String, Grant>,
    pub(super) access_tokens: HashMap<String, AccessToken>,
    pub(super) refresh_tokens: HashMap<String, RefreshToken>,
}

impl Core {
    pub(super) fn new(
        authority: String,
        issuer_path: &str,
        settings: Settings,
        clients: Vec<ProviderClient>,
        users: Vec<ProviderUser>,
    ) -> Self {
        let issuer = format!("http://{authority}{issuer_path}");
        Self {
            base: issuer.trim_end_matches('/').into(),
            path: issuer_path.trim_end_matches('/').into(),
            issuer,
            authority,
            jwks_path: format!("/keys/{}", random_id(6)),
            settings,
            state: Mutex::new(State {
                clients,
                users,
                ..State::default()
            }),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> i64 {
        (self.settings.clock)()
    }

    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.base, self.path_of(endpoint))
    }

    /// The endpoint at a path, which begins with the issuer's path.
    pub(super) fn endpoint_at(&self, path: &str) -> Option<Endpoint> {
        let path = path.strip_prefix(&self.path)?;
        [
            Endpoint::Discovery,
            Endpoint::Jwks,
            Endpoint::Authorize,
            Endpoint::Login,
            Endpoint::Token,
            Endpoint::Userinfo,
            Endpoint::EndSession,
        ]
        .into_iter()
        .find(|endpoint| self.path_of(*endpoint) == path)
    }

    fn path_of(&self, endpoint: Endpoint) -> &str {
        match endpoint {
            Endpoint::Discovery => "/.well-known/openid-configuration",
            Endpoint::Jwks => &self.jwks_path,
            Endpoint::Authorize => "/authorize",
            Endpoint::Login => "/login",
            Endpoint::Token => "/token",
            Endpoint::Userinfo => "/userinfo",
            Endpoint::EndSession => "/end-session",
        }
    }
}

/// An authorization request that has passed all checks.
#[derive(Clone)]
pub(super) struct AuthorizeRequest {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) form_post: bool,
    pub(super) code_challenge: Option<String>,
    pub(super) acr: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) sign_up: bool,
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
    ToSignIn(AuthorizeRequest),
    ToSignOut { then: Option<String> },
}

/// Someone who is signed in at the provider with one browser.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) auth_time: i64,
    expires: i64,
}

pub(super) struct Code {
    pub(super) request: AuthorizeRequest,
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
    pub(super) acr: Option<String>,
    pub(super) session: SignedIn,
}

pub(super) struct AccessToken {
    pub(super) grant: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires: i64,
}

pub(super) struct RefreshToken {
    pub(super) grant: String,
    pub(super) used: bool,
    pub(super) expires: i64,
}

impl State {
    pub(super) fn client(&self, id: &str) -> Option<&ProviderClient> {
        self.clients.iter().find(|client| client.id() == id)
    }

    pub(super) fn user(&self, sub: &str) -> Option<&ProviderUser> {
        self.users.iter().find(|user| user.sub() == sub)
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
        let theirs = super::encoding::same_secret(&found.browser, browser);
        (theirs && found.expires > now).then(|| found.clone())
    }

    /// Begins a session of a user, and returns the cookie's value with it.
    pub(super) fn sign_in(&mut self, sub: &str, now: i64) -> (String, SignedIn) {
        let (id, session) = (
            random_id(32),
            SignedIn {
                sub: sub.into(),
                sid: random_id(16),
                auth_time: now,
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

    /// Remembers what a code stands for, and returns the code.
    pub(super) fn add_code(&mut self, request: AuthorizeRequest, session: SignedIn, now: i64) -> String {
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

    /// Ends a grant: every token that came of it is dead.
    pub(super) fn revoke(&mut self, grant: &str) {
        self.grants.remove(grant);
    }

    /// Keeps a provider that runs for days from growing.
    fn forget_expired(&mut self, now: i64) {
        self.interactions.retain(|_, page| page.expires > now);
        self.sessions.retain(|_, session| session.expires > now);
        self.codes.retain(|_, code| code.expires > now);
        self.access_tokens.retain(|_, token| token.expires > now);
        self.refresh_tokens.retain(|_, token| token.expires > now);
        let live: HashSet<&str> = (self.access_tokens.values().map(|token| &token.grant))
            .chain(self.refresh_tokens.values().map(|token| &token.grant))
            .chain(self.codes.values().filter_map(|code| code.used_for.as_ref()))
            .map(String::as_str)
            .collect();
        self.grants.retain(|id, _| live.contains(id.as_str()));
    }
}
