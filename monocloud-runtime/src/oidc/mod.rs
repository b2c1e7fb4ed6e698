//! OpenID Connect as a relying party: metadata, keys, the authorization request, the code exchange,
//! the ID token, userinfo and logout.
//!
//! Types and signature checks come from the `openidconnect` and `oauth2` crates; what those leave
//! open (`azp`, `nbf`, `iat`, leeway, `at_hash`, `auth_time`, which key may be used) is checked
//! here. Nothing here knows cookies or axum.

mod authorization_request;
mod cache;
mod id_token;
mod issuer;
mod keys;
mod logout;
mod metadata;
mod token;
mod userinfo;

pub(crate) use authorization_request::{AuthorizationRequest, pkce_challenge};
pub(crate) use id_token::{Expected, IdToken};
pub(crate) use issuer::Issuer;
pub(crate) use logout::LogoutRequest;
pub(crate) use metadata::Metadata;
pub(crate) use token::{CodeExchange, Tokens};
