//! One request: who asks, what kind of request it is, and which cookies its response will set.

mod access_token;
mod authorization;
mod budget;
mod caching;
mod end;
mod fetch_metadata;
mod finish;
mod head;
mod identify;
pub(crate) mod log;
mod provenance;
mod session_cookies;
mod sign_out;
mod state;
mod stored;
mod tickets;
mod tokens;

pub(crate) use access_token::Presented;
pub(crate) use authorization::brings_token;
pub(crate) use fetch_metadata::{
    is_document, is_form_of_own_site, is_from_elsewhere, is_htmx, is_own_site, is_prefetch, is_script,
    is_upgrade,
};
pub(crate) use head::{AskedPage, Head};
pub(crate) use identify::{CrossSite, anybody, identify};
#[cfg(feature = "testing")]
pub(crate) use session_cookies::SessionCookies;
pub(crate) use state::RequestAuth;
#[cfg(feature = "testing")]
pub(crate) use tickets::Tickets;
pub use tokens::{TokenRequest, Tokens};
