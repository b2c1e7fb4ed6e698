//! The packages: what is in them, what they depend on, and the copy of the quickstart.
#![allow(clippy::unwrap_used)]

mod dependencies;
mod packed;
mod stand_alone;
mod workspace;
