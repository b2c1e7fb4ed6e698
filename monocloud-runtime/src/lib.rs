#![doc = include_str!("guide.md")]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod access;
mod client;
mod clock;
mod config;
mod cookie;
mod crypto;
mod error;
mod http_client;
mod identity;
mod jose;
mod json;
mod oidc;
mod params;
mod request;
mod session;
mod sign_in;
mod sign_out;
#[cfg(feature = "testing")]
pub mod testing;
mod web;

pub use client::MonoCloud;
pub use clock::Clock;
pub use config::{
    AuthParams, Builder, ClientAuthMethod, ConfigError, CookieBudget, ResponseMode, Routes, SameSite,
    SessionCookie, SessionLifetime, StateCookie, StateLifetime,
};
pub use error::{Error, ErrorResponse};
pub use http_client::{BoxFuture, HttpClient, HttpError};
pub use identity::{Address, User};
pub use monocloud_macros::{monocloud_groups, monocloud_routes, protect, protect_api};
pub use session::Session;
pub use web::{Auth, AuthLayer, AuthService, Denied, DeniedReason, ResponseFuture};

/// The README's example is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
