//! The person who is signed in: the standard claims (OIDC Core 5.1) as typed values, every claim by
//! name.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::groups::Groups;
use super::packed::Packed;

/// A signed-in user.
///
/// Every claim is kept as the issuer sent it. [`User::claim`] gives any of them; the methods with
/// the standard claims' names give what is unmistakable, and `None` for the rest.
///
/// Serializes as the claims at the top level, under their OIDC names. Clones are cheap.
///
/// As an extractor it is the user of the request; when nobody is signed in it answers 401, and
/// `Option<User>` is `None`. A client that calls on its own is 403 (RFC 9068 §5), as is a request that another site made;
/// an access token that is no good is 401 for `Option<User>` too.
#[derive(Clone)]
pub struct User {
    claims: Packed,
    groups_claim: Option<Arc<str>>,
}

impl User {
    /// A user of the given claims, under their OIDC names.
    pub fn from_claims(claims: Map<String, Value>) -> Self {
        Self::packed(Packed::of(claims))
    }

    pub(crate) fn packed(claims: Packed) -> Self {
        Self {
            claims,
            groups_claim: None,
        }
    }

    /// With the claim that the settings name for groups.
    pub(crate) fn of_session(claims: Packed, groups_claim: Arc<str>) -> Self {
        Self {
            claims,
            groups_claim: Some(groups_claim),
        }
    }

    /// Who it is at the issuer: unique there, and never given to somebody else.
    pub fn sub(&self) -> &str {
        self.claim_str("sub").unwrap_or_default()
    }

    /// Any claim, as the issuer sent it.
    pub fn claim(&self, name: &str) -> Option<Value> {
        self.claims.find(name)?.value.to_value()
    }

    /// Any claim that is text.
    pub fn claim_str(&self, name: &str) -> Option<&str> {
        self.claims.find(name)?.value.text()
    }

    /// Any claim as a type of one's own, if it is of that form.
    ///
    /// ```
    /// # use monocloud_runtime::User;
    /// # let claims = serde_json::json!({"sub": "mira", "cost_centres": [7, 12]});
    /// # let user = User::from_claims(claims.as_object().unwrap().clone());
    /// let cost_centres: Option<Vec<u32>> = user.claim_as("cost_centres");
    /// assert_eq!(cost_centres, Some(vec![7, 12]));
    /// ```
    pub fn claim_as<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.claim(name)?).ok()
    }

    /// All claims, each with its name.
    pub fn claims(&self) -> impl Iterator<Item = (&str, Value)> {
        self.claims.iter().filter_map(|claim| {
            let name = std::str::from_utf8(claim.name).ok()?;
            Some((name, claim.value.to_value()?))
        })
    }

    /// All claims, under their OIDC names.
    pub fn to_claims(&self) -> Map<String, Value> {
        self.claims()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    pub(crate) fn as_packed(&self) -> &Packed {
        &self.claims
    }
}

/// Groups, which are read from the claim that the setting `groups_claim` names: `groups`, unless it
/// says otherwise.
impl User {
    /// Whether the user is in a group, named by its name or its id.
    pub fn is_in_group(&self, group: impl AsRef<str>) -> bool {
        self.is_in_groups(&[group.as_ref()], false, None)
    }

    /// Whether the user is in one of these groups at least, each a name or an id. Nobody is in none.
    pub fn is_in_any<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        self.are_in(groups, false)
    }

    /// Whether the user is in all of these groups, each a name or an id. Nobody is in none.
    pub fn is_in_all<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        self.are_in(groups, true)
    }

    /// The groups, by name where there is one, else by id.
    pub fn groups(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let groups = Groups::find(&self.claims, self.groups_claim(None));
        groups
            .map(|groups| groups.names())
            .unwrap_or_default()
            .into_iter()
    }

    /// The same user, whose groups are read from the claim of this name, or at this dotted path
    /// (`realm_access.roles`).
    ///
    /// ```
    /// # use monocloud_runtime::User;
    /// # let claims = serde_json::json!({"sub": "mira", "roles": ["auditor"]});
    /// # let user = User::from_claims(claims.as_object().unwrap().clone());
    /// assert!(!user.is_in_group("auditor"));
    /// assert!(user.with_groups_claim("roles").is_in_any(["auditor", "admin"]));
    /// ```
    #[must_use]
    pub fn with_groups_claim(&self, name: impl Into<Arc<str>>) -> Self {
        Self {
            claims: self.claims.clone(),
            groups_claim: Some(name.into()),
        }
    }

    pub(crate) fn is_in_groups(&self, wanted: &[&str], all: bool, claim: Option<&str>) -> bool {
        Groups::find(&self.claims, self.groups_claim(claim)).is_some_and(|groups| groups.hold(wanted, all))
    }

    /// The claim that was set, where this user came from a session.
    pub(crate) fn groups_claim_set(&self) -> Option<&Arc<str>> {
        self.groups_claim.as_ref()
    }

    fn are_in<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>, all: bool) -> bool {
        let groups: Vec<G> = groups.into_iter().collect();
        let groups: Vec<&str> = groups.iter().map(AsRef::as_ref).collect();
        self.is_in_groups(&groups, all, None)
    }

    fn groups_claim<'a>(&'a self, given: Option<&'a str>) -> &'a str {
        given.or(self.groups_claim.as_deref()).unwrap_or("groups")
    }
}

impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        self.to_claims() == other.to_claims()
    }
}

impl std::fmt::Debug for User {
    /// Only the subject: a log is no place for the rest.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("sub", &self.sub())
            .finish_non_exhaustive()
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.claims())
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
            user.address().and_then(|address| address.country).as_deref(),
            Some("UK")
        );
        assert_eq!(
            (user.phone_number(), user.claim("phone_number")),
            (None, Some(json!(12)))
        );
        assert_eq!(serde_json::to_value(&user).expect("JSON"), claims);
    }

    #[test]
    fn every_claim_is_found_by_its_name_standard_or_not() {
        let user = user(&json!({"sub": "1", "email": "ada@example.com", "tier": 3, "nick": "A"}));
        assert_eq!(user.claim("email"), Some(json!("ada@example.com")));
        assert_eq!(user.claim("sub"), Some(json!("1")));
        assert_eq!(user.claim("tier"), Some(json!(3)));
        assert_eq!(user.claim("other"), None);
        assert_eq!(
            (user.claim_str("nick"), user.claim_str("tier")),
            (Some("A"), None)
        );
        assert_eq!(
            (user.claim_as::<u8>("tier"), user.claim_as::<u8>("nick")),
            (Some(3), None)
        );
        let mut names: Vec<&str> = user.claims().map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["email", "nick", "sub", "tier"]);
    }

    #[test]
    fn any_and_all_ask_the_claim_that_is_named() {
        let user = user(&json!({"sub": "1", "groups": ["a", "b"], "roles": {"c": true}}));
        assert!(user.is_in_any(["x", "b"]) && !user.is_in_any(["x"]) && !user.is_in_any::<&str>([]));
        assert!(user.is_in_all(["a", "b"]) && !user.is_in_all(["a", "x"]) && !user.is_in_all::<&str>([]));
        let roles = user.with_groups_claim("roles");
        assert!(roles.is_in_any([String::from("c")]) && !roles.is_in_group("a"));
        assert_eq!(roles.groups().collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn debug_shows_the_subject_alone() {
        let shown = format!("{:?}", user(&json!({"sub": "1", "email": "ada@example.com"})));
        assert!(shown.contains('1') && !shown.contains("ada"), "{shown}");
    }
}
