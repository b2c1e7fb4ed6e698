#![cfg_attr(feature = "axum", doc = include_str!("guide.md"))]
#![cfg_attr(
    not(feature = "axum"),
    doc = "OpenID Connect for services on the types of `http`: [`MonoCloud::serve`] answers a request.",
    allow(
        dead_code,
        rustdoc::broken_intra_doc_links,
        unreachable_pub,
        unused_imports,
        reason = "what only the macros and the router ask for"
    )
)]

#[cfg(feature = "axum")]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod access;
mod auth;
mod bearer;
mod client;
mod clock;
mod config;
mod cookie;
mod crypto;
mod error;
mod event;
mod guard;
pub mod http_client;
mod identity;
mod jose;
mod json;
mod oidc;
mod once;
mod params;
pub mod protected;
mod request;
mod respond;
mod routes;
mod serve;
mod session;
mod sign_in;
mod sign_out;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "axum")]
mod web;

#[cfg(feature = "axum")]
/// The layer that [`MonoCloud::layer`] makes, the one that also
/// [protects routes](layer::AuthLayer::protected_routes), and their services, for signatures that must name them.
pub mod layer {
    pub use crate::web::{
        AuthLayer, AuthService, ProtectedFuture, ProtectedLayer, ProtectedService, ResponseFuture,
    };
}

pub use access::Accept;
pub use auth::Auth;
pub use client::{MonoCloud, MountedRoutes};
pub use error::{Error, ErrorResponse};
pub use guard::{Access, Denied, DeniedReason, Protect};
pub use identity::{Address, Claims, User};
#[cfg(feature = "axum")]
pub use monocloud_macros::{monocloud_groups, monocloud_routes, protect, protect_api};
#[cfg(feature = "axum")]
pub use respond::Failure;
pub use respond::{SignIn, SignOut};
pub use session::Session;
pub use sign_in::SignInUrl;
pub use sign_out::SignOutUrl;
#[cfg(feature = "axum")]
pub use web::Rejection;

/// What an application adds to a sign-in, and what it hears of: see
/// [`Builder::on_session_creating`](crate::settings::Builder::on_session_creating),
/// [`Builder::on_set_application_state`](crate::settings::Builder::on_set_application_state),
/// [`Builder::on_back_channel_logout`](crate::settings::Builder::on_back_channel_logout) and
/// [`Builder::on_event`](crate::settings::Builder::on_event).
pub mod hooks {
    pub use crate::client::{AccessDenied, BackChannelLogout, HookError, SessionCreating};
    pub use crate::event::{Event, Logout, SessionEnd};
}

/// The settings of a [`MonoCloud`]: its builder, the groups of settings that the builder takes, and what it says of
/// those that cannot be used.
pub mod settings {
    pub use crate::client::Builder;
    pub use crate::config::{
        AuthParams, ClientAuthMethod, ConfigError, CookieBudget, ResponseMode, Routes, SameSite,
        SessionCookie, SessionLifetime, SessionsIn, StateCookie, StateLifetime,
    };
}

/// The sessions of a user, as [`Auth::sessions`] and [`MonoCloud::sessions`] list them.
pub mod sessions {
    pub use crate::client::{NoSessionId, SessionId, SessionInfo};
}

/// Who may do what, as [`MonoCloud::report`] says.
pub mod report {
    pub use crate::access::{AccessReport, Entry, Guard, Policy};
}

/// What [`Auth::tokens`] is asked for and gives, and what [`MonoCloud::validate_access_token`] asks for.
pub mod tokens {
    pub use crate::client::{AccessTokenError, AccessTokenRequirement};
    pub use crate::request::{TokenRequest, Tokens};
}

/// The README's example is compiled with the documentation's.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
