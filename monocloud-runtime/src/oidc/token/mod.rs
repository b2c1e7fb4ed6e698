//! The token endpoint (RFC 6749 §3.2).

mod code;
mod refresh;
mod response;

pub(crate) use code::CodeExchange;
pub(crate) use refresh::RefreshGrant;
pub(crate) use response::TokenResponse;
