//! Who somebody is, whatever brought them: the user, their groups, and which source may give a claim.

mod access_token;
mod address;
mod authentication;
mod claims;
mod groups;
mod packed;
mod standard;
mod typed;
mod user;

pub use access_token::Claims;
pub(crate) use access_token::Verified;
pub use address::Address;
pub(crate) use authentication::{Authenticated, Stale, is_acr_of};
pub(crate) use claims::{refetched, replaced, retold, signed_in};
pub(crate) use groups::{Trouble, trouble};
pub(crate) use packed::{Packed, length, packed_list, push_length, take};
pub use user::User;
