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

pub(super) use error::error_page;
pub use failure::Failure;
pub(super) use json::{forbidden, json, json_message, unauthorized};
pub(super) use page::Page;
pub(super) use redirect::see_other;
pub use sign_in::SignIn;
pub use sign_out::SignOut;
