//! Stores of sessions.
//!
//! [`reference`] says what a store must do, as functions of a state, an operation and a time. From there it is looked at
//! from two sides: [`naive`] makes a store of it, which the contract of the library must let pass, and must not once it is
//! careless; [`model`] lets several processes use it in every order, with crashes and lost writes, and shows what holds.

#![allow(clippy::unwrap_used)]

mod memory;
mod model;
mod naive;
mod reference;
