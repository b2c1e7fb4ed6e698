//! Stores of sessions.
//!
//! [`reference`] says what a store must do, as functions of a state, an operation and a time. From there it is looked at
//! from three sides: [`naive`] makes a store of it, which the contract of the library must let pass, and must not once it
//! is careless; [`model`] lets several processes use it in every order, with crashes and lost writes, and shows what holds;
//! [`conforms`] gives the same operations to it and to real stores, which must answer alike. [`redis`] is about real servers,
//! [`tower_sessions`] about stores of others, behind the adapter.

#![allow(clippy::unwrap_used)]

mod conforms;
mod memory;
mod model;
mod naive;
#[cfg(feature = "redis")]
mod redis;
mod reference;
mod tower_sessions;
