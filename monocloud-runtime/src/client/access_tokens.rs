//! Access tokens, for whoever takes them from elsewhere than a request to a guarded handler.

use http::StatusCode;

use super::MonoCloud;
use crate::access::{Caller, Decision, Moment, Requirement, decide};
use crate::bearer::Unfit;
use crate::error::Error;
use crate::identity::Claims;

impl MonoCloud {
    /// The claims of an access token, if it is good for this API and for what is asked of it.
    ///
    /// Guards do this by themselves for what stands in `Authorization`. This is for tokens that come another way: in
    /// the metadata of a gRPC call, the first message of a WebSocket, a message of a queue.
    ///
    /// A JWT is checked here (RFC 9068 §4), an opaque token by its issuer (RFC 7662); what was found good is remembered
    /// for as long as the keys, or for a minute.
    ///
    /// ```
    /// use monocloud_runtime::tokens::{AccessTokenError, AccessTokenRequirement};
    /// use monocloud_runtime::{Claims, MonoCloud};
    ///
    /// /// A call of the kind that has metadata in place of headers.
    /// async fn authorize(auth: &MonoCloud, metadata: Option<&str>) -> Result<Claims, String> {
    ///     let token = metadata.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    ///     let requirement = AccessTokenRequirement::new().scopes(["orders:write"]);
    ///     auth.validate_access_token(token, requirement).await.map_err(|error| {
    ///         eprintln!("{error}"); // for the log alone
    ///         match error {
    ///             AccessTokenError::NotChecked(_) => "unavailable".to_owned(),
    ///             _ => "unauthenticated".to_owned(),
    ///         }
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`AccessTokenError`].
    pub async fn validate_access_token(
        &self,
        token: &str,
        requirement: AccessTokenRequirement,
    ) -> Result<Claims, AccessTokenError> {
        let bearer = self.bearer().ok_or(AccessTokenError::NotConfigured)?;
        let claims = bearer.validate(token).await.map_err(|unfit| match unfit {
            Unfit::Invalid(reason) => AccessTokenError::Invalid { reason },
            Unfit::Failed(error) => AccessTokenError::NotChecked(error),
        })?;
        match requirement.decide(&claims, || Moment {
            now: bearer.api().clock.now(),
            tolerance: bearer.api().clock_tolerance,
        }) {
            Decision::Allow => Ok(claims),
            Decision::MissingScope => Err(AccessTokenError::InsufficientScope {
                scopes: requirement.scopes,
            }),
            _ => Err(AccessTokenError::WrongGroup),
        }
    }
}

/// What is asked of an access token, beyond that it is good.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct AccessTokenRequirement {
    scopes: Vec<String>,
    /// An empty list lets nobody in.
    groups: Option<Vec<String>>,
    match_all: Option<bool>,
    groups_claim: Option<String>,
}

impl AccessTokenRequirement {
    /// Nothing more.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scopes (RFC 6749 §3.3), all of which the token must have.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Groups by name or id, of which the token must name one. Nobody is in none: an empty list lets nobody in.
    pub fn groups(mut self, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.groups = Some(groups.into_iter().map(Into::into).collect());
        self
    }

    /// Whether it must name all of them. `MONOCLOUD_BACKEND_GROUPS_MATCH_ALL` by default.
    pub fn match_all(mut self, all: bool) -> Self {
        self.match_all = Some(all);
        self
    }

    /// The claim that holds the groups. `MONOCLOUD_BACKEND_GROUPS_CLAIM` by default.
    pub fn groups_claim(mut self, name: impl Into<String>) -> Self {
        self.groups_claim = Some(name.into());
        self
    }

    fn decide(&self, claims: &Claims, moment: impl FnOnce() -> Moment) -> Decision {
        let groups: Vec<&str> = self.groups.iter().flatten().map(String::as_str).collect();
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let requirement = Requirement {
            groups: &groups,
            match_all: self.match_all,
            groups_claim: self.groups_claim.as_deref(),
            scopes: &scopes,
            ..Requirement::API
        };
        match decide(Caller::Token(claims), &requirement, true, moment) {
            // A requirement says with an empty list that it asks for nothing.
            Decision::Allow if self.groups.as_ref().is_some_and(Vec::is_empty) => Decision::WrongGroup,
            decision => decision,
        }
    }
}

/// Why an access token lets nobody in.
///
/// `Display` is for logs: it has reasons that the caller should not read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The token is no good: expired, revoked, another's, for another API, or no access token. The answer is 401 with
    /// `invalid_token` (RFC 6750 §3.1).
    #[error("the access token is no good: {reason}")]
    #[non_exhaustive]
    Invalid {
        /// Why, for logs.
        reason: String,
    },

    /// The token is good, and not for this. The answer is 403 with `insufficient_scope` (RFC 6750 §3.1).
    #[error("the access token lacks one of the scopes that are needed: {}", scopes.join(" "))]
    #[non_exhaustive]
    InsufficientScope {
        /// All scopes that are needed.
        scopes: Vec<String>,
    },

    /// The token is good, and whose it is has not the groups that are needed. The answer is 403.
    #[error("the access token names none of the groups that are needed, or not all")]
    WrongGroup,

    /// The token could not be checked: its issuer cannot be reached (503), its answer cannot be used (502), or it refuses
    /// the API's client (500).
    #[error("the access token could not be checked: {0}")]
    NotChecked(#[source] Error),

    /// No access tokens are taken here. The answer is 500.
    #[error(
        "no access tokens are taken here: set MONOCLOUD_BACKEND_AUDIENCE, or `api_audience`, to the API's name"
    )]
    NotConfigured,
}

impl AccessTokenError {
    /// A stable name for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_token",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::WrongGroup => "wrong_group",
            Self::NotChecked(error) => error.code(),
            Self::NotConfigured => "not_configured",
        }
    }

    /// The status to answer with (RFC 6750 §3.1): 401 for a token that is no good, 403 for one that is not enough, 503
    /// where the issuer cannot be reached, 502 for an answer of the issuer that cannot be used, 500 where it does not let
    /// this API ask.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope { .. } | Self::WrongGroup => StatusCode::FORBIDDEN,
            Self::NotChecked(error) => error.status(),
            Self::NotConfigured => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The value of `WWW-Authenticate` that belongs to the status (RFC 6750 §3), if one does. It has nothing of the
    /// token or its issuer.
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::Invalid { .. } => Some(
                "Bearer error=\"invalid_token\", error_description=\"the access token is missing, over, or not for \
                 this API\""
                    .to_owned(),
            ),
            Self::InsufficientScope { scopes } => {
                let mut challenge = "Bearer error=\"insufficient_scope\", error_description=\"the access token is not \
                                     for this\""
                    .to_owned();
                // RFC 6749 §3.3: no scope has other characters.
                let is_scope =
                    |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
                if scopes.iter().all(|scope| scope.bytes().all(is_scope)) {
                    challenge.push_str(", scope=\"");
                    challenge.push_str(&scopes.join(" "));
                    challenge.push('"');
                }
                Some(challenge)
            }
            Self::WrongGroup | Self::NotChecked(_) | Self::NotConfigured => None,
        }
    }
}
