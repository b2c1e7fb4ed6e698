//! Who somebody is, whatever brought them: the user, their groups, and which claims only the ID
//! token may give.

mod address;
mod claims;
mod groups;
mod user;

pub use address::Address;
pub(crate) use claims::{is_of_id_token, profile_claims};
pub use user::User;
pub(crate) use user::stored;
