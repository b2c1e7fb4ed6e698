//! What the tests of several packages share: an app under test on a real listener, and a user-agent that
//! visits it as a browser would.
//!
//! Everything here panics when something is not as a test needs it: a panic is how a test fails.

mod agent;
mod app;
mod html;
mod jar;
mod measured;
mod orders;
mod page;
mod served;
mod tokens;

monocloud_runtime::monocloud_groups! { Admin = "admin" }

pub use agent::UserAgent;
pub use app::app;
pub use measured::within_a_second;
pub use orders::{Answer, call, orders};
pub use page::Page;
pub use served::{Listening, Served, listen, serve};
