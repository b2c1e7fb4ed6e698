//! The quickstart as a process: how it starts, what it says, and how it ends.
#![allow(clippy::unwrap_used)]

mod dotenv;
mod host;
mod signals;
