//! An `OpenID` provider in the process, for quickstarts and tests. It listens on loopback only, asks for no
//! password, and forgets everything when it is dropped.
//!
//! It is strict where relying parties can go wrong: single-use codes bound to client, redirect URI and PKCE
//! challenge, the registered client authentication method only, rotated refresh tokens, exact redirect URIs.
//! And it can be made to misbehave, see [`Fault`].
//!
//! ```
//! use monocloud_runtime::testing::{Fault, Provider, ProviderUser};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let provider = Provider::builder()
//!     .user(ProviderUser::new("1").name("Noor Lindqvist").groups(["admin"]))
//!     .start()
//!     .await?;
//! assert!(provider.issuer().starts_with("http://127.0.0.1:"));
//!
//! provider.fault(Fault::WrongNonce); // The next sign-ins must be refused …
//! provider.clear_faults(); // … and these go through again.
//! # Ok(())
//! # }
//! ```
//!
//! # The login page's form
//!
//! A test without a browser can answer the page itself: it sends the cookies back and posts
//! `application/x-www-form-urlencoded` to `{issuer}/login`, with `interaction` as it stands in the page and
//! either `user` (a `sub`), or `action=sign_up` with `name`, `email` and `groups`, or `action=deny`.
//!
//! This module depends on no other of the crate. Nothing here is meant for the open network.

mod authorization_request;
mod authorization_response;
mod authorize;
mod browser;
mod builder;
mod client_auth;
mod clients;
mod core;
mod encoding;
mod end_session;
mod faults;
mod handle;
mod id_token;
mod keys;
mod log;
mod login;
mod login_page;
mod memory;
mod metadata;
mod oauth_error;
mod pages;
mod params;
mod recorder;
mod respond;
mod routes;
mod server;
mod sign_up;
mod signing_alg;
mod token;
mod transport;
mod userinfo;
mod users;

pub use self::builder::ProviderBuilder;
pub use self::clients::{ClientAuth, ProviderClient};
pub use self::faults::Fault;
pub use self::handle::Provider;
pub use self::log::{Endpoint, RecordedRequest};
pub use self::signing_alg::SigningAlg;
pub use self::users::{ProviderGroup, ProviderUser};
