//! From a click to a session: the transaction, the authorization response, the code exchange.
//!
//! Nothing here answers a request; the routes of the `web` floor do.

mod authorization_response;
mod complete;
mod groups;
mod parameters;
mod pending;
mod return_url;
mod transaction;

pub(crate) use authorization_response::AuthorizationResponse;
pub(crate) use complete::complete;
pub(crate) use parameters::parameters;
pub(crate) use pending::{begin, delete, delete_sent, find, pending};
pub(crate) use return_url::{ReturnUrl, post_logout, sign_in_url};
pub(crate) use transaction::Transaction;
