//! The whole path of a sign-in against a provider of other hands.
#![allow(clippy::unwrap_used)]

mod bearer;
mod client_auth;
mod logout;
mod resources;
mod rotation;
mod sign_in;
mod site;
mod step_up;
mod tabs;
mod tokens;
