//! The standard claims of a person (OIDC Core 5.1), each with a method.

use super::address::Address;
use super::typed;
use super::user::User;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        const TEXTS: &[&str] = &[$(stringify!($name)),*];

        /// The standard claims that are text (OIDC Core 5.1).
        impl User {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> Option<&str> {
                    self.claim_str(stringify!($name))
                }
            )*
        }
    };
}

texts! {
    /// The full name, for display.
    name;
    /// Given name or names.
    given_name;
    /// Family name or names.
    family_name;
    /// Middle name or names.
    middle_name;
    /// A casual name.
    nickname;
    /// The name by which the person wishes to be known; not unique.
    preferred_username;
    /// URL of the profile page.
    profile;
    /// URL of a picture.
    picture;
    /// URL of the person's site.
    website;
    /// E-mail address. Trust it only as far as [`User::email_verified`] says.
    email;
    /// Gender.
    gender;
    /// Birthday, `YYYY-MM-DD`, or `0000-MM-DD` without the year.
    birthdate;
    /// Time zone, such as `Europe/Paris`.
    zoneinfo;
    /// Language, such as `en-US`.
    locale;
    /// Telephone number.
    phone_number;
}

const OTHERS: &[&str] = &[
    "sub",
    "email_verified",
    "phone_number_verified",
    "address",
    "updated_at",
];

/// The standard claims of other types (OIDC Core 5.1), in whatever form the issuer writes them.
impl User {
    /// Whether the issuer has verified the e-mail address.
    pub fn email_verified(&self) -> Option<bool> {
        typed::boolean(&self.claim("email_verified")?)
    }

    /// Whether the issuer has verified the telephone number.
    pub fn phone_number_verified(&self) -> Option<bool> {
        typed::boolean(&self.claim("phone_number_verified")?)
    }

    /// Postal address.
    pub fn address(&self) -> Option<Address> {
        typed::address(&self.claim("address")?)
    }

    /// When the profile last changed, in seconds since the Unix epoch.
    pub fn updated_at(&self) -> Option<i64> {
        typed::time(&self.claim("updated_at")?)
    }
}

/// Whether a claim is one of the specification's, which hold no groups.
pub(super) fn is_standard(name: &str) -> bool {
    TEXTS.contains(&name) || OTHERS.contains(&name)
}
