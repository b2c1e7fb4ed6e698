//! The person who is signed in: the standard claims (OIDC Core 5.1) as typed values, all others by
//! name.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::address::Address;
use super::groups;

/// A signed-in user.
///
/// Serializes as the claims at the top level, under their OIDC names. Clones are cheap.
///
/// As an extractor it is the user of the request; when nobody is signed in it answers 401, and
/// `Option<User>` is `None`.
#[derive(Clone)]
pub struct User {
    profile: Arc<Profile>,
    groups_claim: Option<Arc<str>>,
}

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident: $type:ty as $seen:ty, $show:ident;)*) => {
        /// Typed fields beside a map, and no `flatten`, which would cost half as much again to read.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub(crate) struct Profile {
            sub: String,
            $(#[serde(skip_serializing_if = "Option::is_none")] $name: Option<$type>,)*
            #[serde(default, skip_serializing_if = "Map::is_empty")]
            claims: Map<String, Value>,
        }

        impl User {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> Option<$seen> {
                    self.profile.$name.$show()
                }
            )*
        }

        impl Profile {
            fn from_claims(mut claims: Map<String, Value>) -> Self {
                let sub = <String as Typed>::take(&mut claims, "sub").unwrap_or_default();
                $(let $name = <$type as Typed>::take(&mut claims, stringify!($name));)*
                Self { sub, $($name,)* claims }
            }

            fn to_claims(&self) -> Map<String, Value> {
                let mut all = Map::new();
                all.insert("sub".to_owned(), self.sub.clone().into());
                $(if let Some(value) = &self.$name {
                    all.insert(stringify!($name).to_owned(), serde_json::to_value(value).unwrap_or_default());
                })*
                all.extend(self.claims.iter().map(|(name, value)| (name.clone(), value.clone())));
                all
            }
        }
    };
}

profile! {
    /// The full name, for display.
    name: String as &str, as_deref;
    /// Given name or names.
    given_name: String as &str, as_deref;
    /// Family name or names.
    family_name: String as &str, as_deref;
    /// Middle name or names.
    middle_name: String as &str, as_deref;
    /// A casual name.
    nickname: String as &str, as_deref;
    /// The name by which the person wishes to be known; not unique.
    preferred_username: String as &str, as_deref;
    /// URL of the profile page.
    profile: String as &str, as_deref;
    /// URL of a picture.
    picture: String as &str, as_deref;
    /// URL of the person's site.
    website: String as &str, as_deref;
    /// E-mail address. Trust it only as far as [`User::email_verified`] says.
    email: String as &str, as_deref;
    /// Whether the issuer has verified the e-mail address.
    email_verified: bool as bool, clone;
    /// Gender.
    gender: String as &str, as_deref;
    /// Birthday, `YYYY-MM-DD`, or `0000-MM-DD` without the year.
    birthdate: String as &str, as_deref;
    /// Time zone, such as `Europe/Paris`.
    zoneinfo: String as &str, as_deref;
    /// Language, such as `en-US`.
    locale: String as &str, as_deref;
    /// Telephone number.
    phone_number: String as &str, as_deref;
    /// Whether the issuer has verified the telephone number.
    phone_number_verified: bool as bool, clone;
    /// Postal address.
    address: Address as &Address, as_ref;
    /// When the profile last changed, in seconds since the Unix epoch.
    updated_at: i64 as i64, clone;
}

impl User {
    /// A user of the given claims, under their OIDC names. A standard claim of another type than
    /// the specification's is kept, and read with [`User::claim`].
    pub fn from_claims(claims: Map<String, Value>) -> Self {
        Self {
            profile: Arc::new(Profile::from_claims(claims)),
            groups_claim: None,
        }
    }

    /// Who it is at the issuer: unique there, and never given to somebody else.
    pub fn sub(&self) -> &str {
        &self.profile.sub
    }

    /// Any claim that has no method of its own.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.profile.claims.get(name)
    }

    /// All claims, under their OIDC names.
    pub fn to_claims(&self) -> Map<String, Value> {
        self.profile.to_claims()
    }

    /// Whether the user is in a group, named by its name or its id.
    ///
    /// Groups are read from the claim that `groups_claim` sets.
    pub fn is_in_group(&self, group: impl AsRef<str>) -> bool {
        self.is_in_groups(&[group.as_ref()], false, None)
    }

    /// The groups, by name where there is one, else by id.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        groups::names(self.claim(self.groups_claim(None)))
    }

    pub(crate) fn is_in_groups(&self, wanted: &[&str], all: bool, claim: Option<&str>) -> bool {
        groups::is_member(self.claim(self.groups_claim(claim)), wanted, all)
    }

    pub(crate) fn with_groups_claim(mut self, name: &Arc<str>) -> Self {
        self.groups_claim = Some(name.clone());
        self
    }

    /// The configured claim, where this user came from a session.
    pub(crate) fn groups_claim_set(&self) -> Option<&Arc<str>> {
        self.groups_claim.as_ref()
    }

    fn groups_claim<'a>(&'a self, given: Option<&'a str>) -> &'a str {
        given.or(self.groups_claim.as_deref()).unwrap_or("groups")
    }
}

impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
    }
}

impl std::fmt::Debug for User {
    /// Only the subject: a log is no place for the rest.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("sub", &self.profile.sub)
            .finish_non_exhaustive()
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_claims().serialize(serializer)
    }
}

/// The form in the session's record.
pub(crate) mod stored {
    use super::{Arc, Deserialize, Deserializer, Profile, Serialize, Serializer, User};

    pub(crate) fn serialize<S: Serializer>(user: &User, serializer: S) -> Result<S::Ok, S::Error> {
        user.profile.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<User, D::Error> {
        let profile = Arc::new(Profile::deserialize(deserializer)?);
        Ok(User {
            profile,
            groups_claim: None,
        })
    }
}

/// Takes a claim out of the map if it is of the type that the specification gives it.
trait Typed: Sized {
    fn read(value: &Value) -> Option<Self>;

    fn take(claims: &mut Map<String, Value>, name: &str) -> Option<Self> {
        let typed = Self::read(claims.get(name)?)?;
        claims.remove(name);
        Some(typed)
    }
}

impl Typed for String {
    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Typed for bool {
    /// Some issuers write booleans as strings.
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::String(value) => value.parse().ok(),
            _ => None,
        }
    }
}

impl Typed for i64 {
    fn read(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Typed for Address {
    fn read(value: &Value) -> Option<Self> {
        value.is_object().then(|| Self::deserialize(value).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::User;

    fn user(claims: &Value) -> User {
        User::from_claims(claims.as_object().expect("an object").clone())
    }

    #[test]
    fn claims_survive_the_way_in_and_out() {
        let claims = json!({
            "sub": "1", "name": "Ada", "email_verified": true, "updated_at": 5,
            "address": {"country": "UK"}, "phone_number": 12, "department": {"id": 7}, "groups": ["a"],
        });
        let user = user(&claims);
        assert_eq!(
            (user.sub(), user.name(), user.email_verified()),
            ("1", Some("Ada"), Some(true))
        );
        assert_eq!(
            user.address().and_then(|address| address.country.as_deref()),
            Some("UK")
        );
        assert_eq!(
            (user.phone_number(), user.claim("phone_number")),
            (None, Some(&json!(12)))
        );
        assert_eq!(serde_json::to_value(&user).expect("JSON"), claims);
    }

    #[test]
    fn debug_shows_the_subject_alone() {
        let shown = format!("{:?}", user(&json!({"sub": "1", "email": "ada@example.com"})));
        assert!(shown.contains('1') && !shown.contains("ada"), "{shown}");
    }
}
