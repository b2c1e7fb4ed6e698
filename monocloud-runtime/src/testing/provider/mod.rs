//! The embedded `OpenID` provider: a router of axum's, pages of askama's, and a handle for tests.
//!
//! It uses no other module of the crate, so that what is tested with it is not tested with itself. What it does
//! stands at [`Provider`].

mod access_token;
mod authorization_request;
mod authorization_response;
mod authorize;
mod back_channel;
mod browser;
mod builder;
mod client_assertion;
mod client_auth;
mod client_credentials;
mod clients;
mod core;
mod destination;
mod encoding;
mod end_session;
mod faults;
mod front_channel;
mod handle;
mod id_token;
mod introspection;
mod jwt;
mod keys;
mod log;
mod login;
mod login_page;
mod logout_token;
mod memory;
mod metadata;
mod oauth_error;
mod pages;
mod par;
mod params;
mod participants;
mod public_jwk;
mod recorder;
mod respond;
mod revocation;
mod routes;
mod server;
mod sign_out_everywhere;
mod sign_up;
mod signing_alg;
mod spoiled_access_token;
mod tamper;
mod token;
mod token_faults;
mod token_response;
mod transport;
mod userinfo;
mod users;
mod without_browser;

pub use self::builder::ProviderBuilder;
pub use self::clients::{ClientAuth, ProviderClient};
pub use self::faults::Fault;
pub use self::handle::Provider;
pub use self::log::{Endpoint, RecordedRequest};
pub use self::participants::LogoutAnswer;
pub use self::signing_alg::SigningAlg;
pub use self::token_faults::{AccessTokenFault, IntrospectionFault, LogoutTokenFault};
pub use self::users::{ProviderGroup, ProviderUser};
pub use self::without_browser::SignInError;
