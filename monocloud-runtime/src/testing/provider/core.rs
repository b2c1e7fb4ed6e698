//! What the endpoints share with each other and with the handle that tests hold.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clients::{ClientAuth, ProviderClient};
use super::encoding::random_id;
use super::log::Endpoint;
use super::memory::Memory;
use super::users::ProviderUser;

/// Unix seconds, as someone tells them.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a sign-in must have.
#[derive(Clone, Copy, Default)]
pub(super) struct Requires {
    /// A PKCE challenge.
    pub(super) pkce: bool,
    /// A request that was pushed.
    pub(super) par: bool,
}

/// What the builder decided.
pub(super) struct Settings {
    pub(super) clock: Clock,
    pub(super) requires: Requires,
    pub(super) groups: bool,
    pub(super) claims_in_id_token: bool,
    pub(super) access_token_lifetime: Duration,
    pub(super) id_token_lifetime: Duration,
    /// Told by the metadata. Nothing is told when it is empty.
    pub(super) token_auth_methods: Vec<ClientAuth>,
    pub(super) left_out: Vec<Endpoint>,
    /// The authentication contexts that can be reached: any when there is no list.
    pub(super) acr_values: Option<Vec<String>>,
    /// Resources whose access tokens are no JWTs.
    pub(super) opaque_resources: Vec<String>,
}

impl Settings {
    pub(super) fn offers(&self, endpoint: Endpoint) -> bool {
        !self.left_out.contains(&endpoint)
    }

    /// How a client authenticates that was registered without a method.
    pub(super) fn default_auth_method(&self) -> ClientAuth {
        self.token_auth_methods.first().copied().unwrap_or_default()
    }

    /// Whether an access token for these resources is a JWT.
    pub(super) fn takes_jwt(&self, resources: &[String]) -> bool {
        let is_opaque = |resource| self.opaque_resources.contains(resource);
        !resources.is_empty() && !resources.iter().any(is_opaque)
    }

    /// The authentication context that a sign-in reaches: the first of those asked for that can be reached.
    pub(super) fn reached_acr(&self, asked: &[String]) -> Option<String> {
        let can_be_reached = |acr: &&String| self.acr_values.as_ref().is_none_or(|known| known.contains(acr));
        asked.iter().find(can_be_reached).cloned()
    }
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
    memory: Mutex<Memory>,
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
            memory: Mutex::new(Memory {
                clients,
                users,
                ..Memory::default()
            }),
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> i64 {
        (self.settings.clock)()
    }

    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("http://{}{}", self.authority, self.path_of(endpoint))
    }

    /// The path of an endpoint, which begins with the issuer's path.
    pub(super) fn path_of(&self, endpoint: Endpoint) -> String {
        let path = match endpoint {
            Endpoint::Discovery => "/.well-known/openid-configuration",
            Endpoint::Jwks => &self.jwks_path,
            Endpoint::PushedAuthorization => "/par",
            Endpoint::Authorize => "/authorize",
            Endpoint::Login => "/login",
            Endpoint::Token => "/token",
            Endpoint::Revocation => "/revoke",
            Endpoint::Introspection => "/introspect",
            Endpoint::Userinfo => "/userinfo",
            Endpoint::EndSession => "/end-session",
        };
        format!("{}{path}", self.path)
    }
}
