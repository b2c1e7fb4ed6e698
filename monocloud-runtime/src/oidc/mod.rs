//! OpenID Connect as a relying party: metadata, keys, the authorization request, the code exchange,
//! the ID token, userinfo and logout in both directions; and as a protected resource: access tokens, checked here or by their issuer.
//!
//! Strict about signatures, audiences and times, lenient about everything that this client does not
//! use. The authorization request and its PKCE challenge come from the `openidconnect` crate,
//! signatures are checked by `jose`. Nothing here knows cookies or axum.

mod access_token;
mod authorization_request;
mod cache;
mod challenge;
mod claims;
mod client_assertion;
mod client_auth;
mod endpoint;
mod error_response;
mod id_token;
mod introspection;
mod issuer;
mod keys;
mod logout;
mod logout_token;
mod metadata;
mod metadata_members;
mod par;
mod refreshed_id_token;
mod revocation;
mod token;
mod token_issuer;
mod token_metadata;
mod userinfo;

pub(crate) use access_token::{JwtAccessToken, Times, Unfit, VerifiedJwt, is_jwt};
pub(crate) use authorization_request::AuthorizationRequest;
pub(crate) use error_response::refused_authorization;
pub(crate) use id_token::{Expected, IdToken};
pub(crate) use issuer::Issuer;
pub(crate) use logout::LogoutRequest;
pub(crate) use logout_token::LoggedOut;
pub(crate) use metadata::Metadata;
pub(crate) use refreshed_id_token::FirstIdToken;
pub(crate) use revocation::TokenKind;
pub(crate) use token::{CodeExchange, RefreshGrant, TokenResponse};
pub(crate) use token_issuer::TokenIssuer;
