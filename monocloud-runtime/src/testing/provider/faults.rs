//! Ways to misbehave, for tests of what a relying party does then.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::log::Endpoint;
use super::token_faults::{AccessTokenFault, IntrospectionFault, LogoutTokenFault};

/// A known way to misbehave. Set with [`Provider::fault`](super::Provider::fault); several can be set at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The ID token's `iss` is another issuer.
    WrongIssuer,
    /// The ID token has no `sub`.
    MissingSub,
    /// The ID token's `aud` is another client.
    WrongAudience,
    /// The ID token has no `aud`.
    MissingAudience,
    /// The ID token has no `iat`.
    MissingIssuedAt,
    /// The ID token's `iat` is a day ahead.
    FutureIssuedAt,
    /// The ID token expired an hour ago.
    Expired,
    /// The ID token has another `nonce`.
    WrongNonce,
    /// The ID token has no `nonce`.
    MissingNonce,
    /// The ID token's `azp` is another client.
    ForeignAzp,
    /// The ID token's `at_hash` belongs to another access token.
    WrongAtHash,
    /// Neither tokens nor the published keys have a `kid`.
    NoKid,
    /// The published keys have one more, of the same kind, which signs nothing.
    ExtraKey,
    /// The ID token has `alg: none` and no signature.
    AlgNone,
    /// The ID token is authenticated with HMAC and the client's secret.
    Hs256,
    /// The ID token is signed with a published key of another algorithm than the client's: ES256, or RS256
    /// for clients of ES256.
    WrongAlg,
    /// The ID token's signature is wrong by one bit.
    BadSignature,
    /// The ID token's header has a critical extension that nobody knows.
    UnknownCrit,
    /// All keys are replaced before an ID token is signed.
    RotateBeforeSigning,
    /// The token response has no `id_token`.
    NoIdToken,
    /// The userinfo response's `sub` is someone else.
    UserinfoWrongSub,
    /// The signature of a signed userinfo response is wrong by one bit.
    UserinfoBadSignature,
    /// Access tokens are issued with this mistake.
    AccessToken(AccessTokenFault),
    /// Logout tokens are issued with this mistake.
    LogoutToken(LogoutTokenFault),
    /// Introspection answers with this mistake.
    Introspection(IntrospectionFault),
    /// After a sign-out the browser comes back with another `state` than it was sent with.
    WrongLogoutState,
    /// After a sign-out the browser comes back without `state`.
    MissingLogoutState,
    /// The metadata's `issuer` is another one.
    DiscoveryIssuerMismatch,
    /// The authorization response's `iss` is another issuer (RFC 9207).
    WrongResponseIss,
    /// The authorization response has no `iss`, though the metadata promises it.
    MissingResponseIss,
    /// The authorization endpoint answers every good request with this OAuth error.
    AuthorizeError(String),
    /// The pushed authorization request endpoint answers 400 with this OAuth error.
    PushedAuthorizationError(String),
    /// The authorization endpoint passes over `max_age`, `acr_values` and `prompt`: who is signed in at the provider is
    /// sent back as they are.
    IgnoreStepUp,
    /// The token endpoint answers 400 with this OAuth error.
    TokenError(String),
    /// The endpoint answers with this status and a JSON error.
    Status(Endpoint, u16),
    /// The endpoint answers 200 with something that only claims to be JSON.
    Garbage(Endpoint),
    /// The endpoint answers 200 with a body that never ends.
    Huge(Endpoint),
    /// The endpoint waits before it answers.
    Slow(Endpoint, Duration),
    /// The endpoint does what it is asked, and waits before it sends its answer.
    Late(Endpoint, Duration),
    /// The endpoint does what it is asked, and closes the connection in place of an answer.
    LostAnswer(Endpoint),
    /// The endpoint sends its answer byte by byte, with this pause before each.
    Trickle(Endpoint, Duration),
    /// The endpoint closes the connection in place of an answer.
    Disconnect(Endpoint),
    /// The endpoint redirects (307) to where the answer would be right. Who follows is counted twice.
    Redirect(Endpoint),
}

impl Fault {
    /// The endpoint whose whole answer this fault changes.
    fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Self::Status(endpoint, _)
            | Self::Garbage(endpoint)
            | Self::Huge(endpoint)
            | Self::Slow(endpoint, _)
            | Self::Late(endpoint, _)
            | Self::LostAnswer(endpoint)
            | Self::Trickle(endpoint, _)
            | Self::Disconnect(endpoint)
            | Self::Redirect(endpoint) => Some(*endpoint),
            Self::PushedAuthorizationError(_) => Some(Endpoint::PushedAuthorization),
            Self::TokenError(_) => Some(Endpoint::Token),
            _ => None,
        }
    }
}

/// Changes header and claims of a token before it is signed.
pub(super) type TokenTamper = Arc<dyn Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync>;

/// Changes a JSON answer before it is sent.
pub(super) type JsonTamper = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What is set at the moment.
#[derive(Clone, Default)]
pub(super) struct Faults {
    pub(super) set: Vec<Fault>,
    pub(super) id_token: Vec<TokenTamper>,
    pub(super) access_token: Vec<TokenTamper>,
    pub(super) logout_token: Vec<TokenTamper>,
    pub(super) json: Vec<(Endpoint, JsonTamper)>,
}

impl Faults {
    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.set.contains(fault)
    }

    pub(super) fn of_endpoint(&self, endpoint: Endpoint) -> Vec<Fault> {
        let of = |fault: &&Fault| fault.endpoint() == Some(endpoint);
        self.set.iter().filter(of).cloned().collect()
    }

    /// Lets the closures that are set for an endpoint change its answer.
    pub(super) fn tamper(&self, endpoint: Endpoint, answer: &mut Value) {
        for (_, change) in self.json.iter().filter(|(of, _)| *of == endpoint) {
            change(answer);
        }
    }
}
