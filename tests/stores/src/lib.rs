//! Servers of Redis on loopback, as tests need them: one, behind Sentinel, a Cluster, with and without TLS.
//!
//! Ports are chosen by the system, and each server has a folder of its own. A server lives as long as its value, and no
//! longer than the process that started it, however that ends.
//!
//! # Panics
//!
//! Everything here does where it cannot go on, and says why.

#![allow(clippy::missing_panics_doc, clippy::unwrap_used)]

mod cluster;
mod command;
mod process;
mod secured;
mod sentinel;
mod server;
mod tls;

pub use cluster::Cluster;
pub use command::{Reply, ask};
pub use sentinel::Sentinel;
pub use server::{Paused, Server};
pub use tls::Certificates;

use std::time::{Duration, Instant};

/// Two cores with much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
