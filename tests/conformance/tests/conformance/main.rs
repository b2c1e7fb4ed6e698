//! The `OpenID` Foundation's plans for relying parties, and what else an issuer can do wrong.
//!
//! Every flow runs over HTTP against the provider of the `testing` module, which misbehaves on purpose. That a
//! sign-in was refused is proved by what does not follow: no userinfo call and no session.

#![allow(clippy::unwrap_used)]

mod access_token_asked;
mod access_token_guards;
mod access_token_keys;
mod access_token_kinds;
mod access_token_logs;
mod access_tokens;
mod algorithms;
mod any_json;
mod api;
mod audiences;
mod back_channel_keys;
mod back_channel_logout;
mod back_channel_tokens;
mod caches;
mod checked_throughout;
mod client_assertions;
mod client_auth;
mod config_rp;
mod errors;
mod extremes;
mod flows;
mod forge;
mod front_channel_logout;
mod http2;
mod http_client;
mod id_token;
mod introspection;
mod introspection_jwts;
mod introspection_memory;
mod introspection_signed;
mod introspection_turns;
mod issuers;
mod key_sets;
mod leniency;
mod log_events;
mod log_secrets;
mod log_secrets_stores;
mod logging;
mod members;
mod outage;
mod par;
mod provider_sign_out;
mod proxies;
mod refresh;
mod refresh_errors;
mod response_iss;
mod rows;
mod rp;
mod rp_initiated_logout;
mod signed_userinfo;
mod step_up;
mod timeouts;
mod times;
mod token_answers;
mod token_errors;
mod token_issuers;
mod transport;
mod userinfo;
mod words;
