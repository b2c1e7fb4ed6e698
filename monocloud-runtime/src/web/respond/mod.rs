//! The answers that the library gives by itself.

mod error;
mod page;

pub(super) use error::unauthorized;
pub(super) use page::{Page, json, json_message, see_other};
