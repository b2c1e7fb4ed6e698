//! The token endpoint (RFC 6749 §3.2).

mod code;
mod response;

pub(crate) use code::CodeExchange;
pub(crate) use response::Tokens;
