//! What a handler asks for, and what it gets.

use std::fmt;

use crate::clock::Clock;
use crate::config::{ResourceSet, ScopeSet, Settings};
use crate::error::Error;
use crate::session::{Session, Target};

/// Which tokens [`Auth::tokens`](crate::Auth::tokens) gives: those of the sign-in, unless it says more.
///
/// ```
/// use monocloud_runtime::tokens::TokenRequest;
///
/// let orders = TokenRequest::new()
///     .resource("https://orders.example.com")
///     .scopes("orders:read");
/// # let _ = orders;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct TokenRequest {
    pub(super) force: bool,
    pub(super) refetch: bool,
    resource: Option<String>,
    scopes: Option<String>,
}

impl TokenRequest {
    /// The default token, with the scopes and resources of the sign-in, renewed only when it is time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Renews the token though it is good still: what changed at the issuer shows. Within a second of the last renewal
    /// that one serves.
    pub fn force_refresh(mut self) -> Self {
        self.force = true;
        self
    }

    /// Also brings the session's user up to date from the userinfo endpoint, at most once a second for a session.
    pub fn refetch_user_info(mut self) -> Self {
        self.refetch = true;
        self
    }

    /// An access token for these resources (RFC 8707), separated by spaces, in place of the default one. They must be
    /// among those of [`Builder::resources`](crate::settings::Builder::resources) or
    /// [`Builder::resource`](crate::settings::Builder::resource).
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// An access token with these scopes, separated by spaces. They must be default scopes or set for one of the
    /// resources. Without them it gets all that were set for its resources.
    pub fn scopes(mut self, scopes: impl Into<String>) -> Self {
        self.scopes = Some(scopes.into());
        self
    }

    /// `None` is the default token.
    pub(super) fn target(&self, settings: &Settings) -> Result<Option<Target>, Error> {
        const NOT_SET: &str = "a token is asked for whose resources and scopes are not configured together; see `Builder::resources`";
        let named = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (resource, scopes) = (named(&self.resource), named(&self.scopes));
        if resource.is_none() && scopes.is_none() {
            return Ok(None);
        }
        let resource = match resource {
            Some(text) => ResourceSet::parse(&text)
                .map_err(|_| Error::InvalidRequest("`resource` must be absolute URLs"))?,
            None => settings.auth_params.resource.clone(),
        };
        let resources = &settings.tokens.resources;
        let scopes = match scopes {
            Some(text) => ScopeSet::parse(&text)
                .map_err(|_| Error::InvalidRequest("`scopes` must be scopes, separated by spaces"))?,
            None => resources.scopes_of(&resource),
        };
        if !resources.allow(&resource, &scopes, &settings.auth_params) {
            return Err(Error::InvalidRequest(NOT_SET));
        }
        Ok(Some(Target { resource, scopes }))
    }
}

/// The tokens of a session, as [`Auth::tokens`](crate::Auth::tokens) gives them. `Debug` shows no token.
#[derive(Clone)]
pub struct Tokens {
    access_token: String,
    id_token: Option<String>,
    refresh_token: Option<String>,
    resource: String,
    scopes: String,
    expires_at: Option<i64>,
    clock: Clock,
}

impl Tokens {
    pub(super) fn of(session: &Session, target: Option<&Target>, clock: Clock) -> Option<Self> {
        let tokens = session.tokens();
        let token = tokens.find(target)?;
        Some(Self {
            access_token: token.value.clone(),
            id_token: tokens.id_token.clone(),
            refresh_token: tokens.refresh_token.clone(),
            resource: token.resource.to_string(),
            scopes: token.scopes(),
            expires_at: token.expires_at,
            clock,
        })
    }

    /// The access token, for the `Authorization` header of a call (RFC 6750 §2.1).
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// The raw ID token, the newest that the issuer gave, unless it was left out of the session to save room.
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_deref()
    }

    /// The refresh token, if there is one. It is worth as much as the sign-in: not for scripts, and not for logs. Whoever
    /// uses it beside this library makes the issuer think that it was stolen.
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// The scopes that the access token was granted.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.split_ascii_whitespace()
    }

    /// The resources that the access token was asked for (RFC 8707).
    pub fn resource(&self) -> impl Iterator<Item = &str> {
        self.resource.split_ascii_whitespace()
    }

    /// When the access token expires, in seconds since the Unix epoch, if the issuer said so.
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// Whether the access token has expired by now.
    pub fn is_expired(&self) -> bool {
        self.expires_at
            .is_some_and(|expires_at| expires_at <= self.clock.now())
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("resource", &self.resource)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
