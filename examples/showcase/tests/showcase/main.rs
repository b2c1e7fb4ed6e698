//! The showcase from outside: each route over HTTP, as a browser meets it.
#![allow(clippy::unwrap_used)]

mod access;
mod asked;
mod clients;
mod guarded;
mod hooks;
mod internal;
mod links;
mod session;
mod sessions;
mod site;
mod tokens;
