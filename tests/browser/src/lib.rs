//! The quickstart as a process of its own, for tests of it with and without a browser.
#![allow(clippy::unwrap_used)]

mod folder;
mod quickstart;

pub use folder::TemporaryFolder;
pub use quickstart::{Quickstart, Stopped, free_port};
