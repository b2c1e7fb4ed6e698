//! Stores of sessions.
//!
//! [`reference`] says what a store must do, as functions of a state, an operation and a time. [`naive`] makes a store of it,
//! which the contract of the library must let pass, and must not once it is careless.

#![allow(clippy::unwrap_used)]

mod memory;
mod naive;
mod reference;
