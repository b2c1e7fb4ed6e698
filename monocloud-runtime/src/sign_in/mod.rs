//! From a click to a session: the transaction, the authorization response, the code exchange.
//!
//! Nothing here answers a request; the routes of the `web` floor do.

mod authorization_response;
mod begin;
mod claim;
mod complete;
mod groups;
mod guard_params;
mod initiated;
mod link;
mod parameters;
mod pending;
mod requested;
mod return_url;
pub(crate) mod rounds;
mod sealed_parameters;
mod step_up;
mod transaction;

pub(crate) use authorization_response::AuthorizationResponse;
pub(crate) use begin::{Asked, begin};
pub(crate) use complete::{complete, is_first_arrival};
pub use guard_params::GuardParams;
pub(crate) use initiated::Initiated;
pub use link::SignInUrl;
pub(crate) use pending::{AFTERLIFE, Found, abandon, delete_expired, find, pending};
pub(crate) use requested::Requested;
pub(crate) use return_url::{ReturnUrl, post_logout, sign_in_url};
pub(crate) use step_up::StepUp;
pub(crate) use transaction::{Carried, Earlier, Transaction};
