//! Which sessions are over before their time, whatever their cookie says.

mod ended;

pub(crate) use ended::{Ended, Ending};
