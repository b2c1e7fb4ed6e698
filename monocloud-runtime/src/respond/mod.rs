//! The answers that the library gives by itself.

mod error;
mod failure;
mod json;
mod look;
mod page;
mod redirect;
mod sign_in;
mod sign_out;
mod words;

use bytes::Bytes;

pub(crate) use error::error_page;
pub use failure::Failure;
pub(crate) use json::{forbidden, json, json_message, unauthorized};
pub(crate) use page::Page;
pub(crate) use redirect::{go_by_script, see_other};
pub use sign_in::SignIn;
pub use sign_out::SignOut;

/// An answer, whatever serves it.
pub(crate) type Answer = http::Response<Bytes>;
