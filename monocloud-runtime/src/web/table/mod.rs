//! The table of an application's routes: what [`monocloud_routes!`](macro@crate::monocloud_routes) writes for its lines.

mod builder;
mod guarded;
mod line;
mod method;
mod tuples;

pub use builder::Table;
pub use guarded::{Arguments, Guards, Hidden, OneHandler};
pub use line::{Line, NoGuard, PublicLine};
pub use method::Method;
