//! The people who can sign in, and which of their claims a scope releases.

use serde_json::{Map, Value, json};

/// Standard claims that a scope releases (OIDC Core 5.4). Every other claim is always released.
const BY_SCOPE: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
];

/// Someone who can sign in at the provider.
///
/// ```
/// use monocloud_runtime::testing::ProviderUser;
///
/// let user = ProviderUser::new("user-1")
///     .name("Noor Lindqvist")
///     .email("noor@example.com")
///     .groups(["admin", "editor"])
///     .claim("department", "finance");
/// assert_eq!(user.sub(), "user-1");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderUser {
    sub: String,
    groups: Vec<ProviderGroup>,
    claims: Map<String, Value>,
    id_token_claims: Map<String, Value>,
    userinfo_claims: Map<String, Value>,
}

impl ProviderUser {
    /// A user with this subject identifier and no other claim.
    #[must_use]
    pub fn new(sub: impl Into<String>) -> Self {
        Self {
            sub: sub.into(),
            groups: Vec::new(),
            claims: Map::new(),
            id_token_claims: Map::new(),
            userinfo_claims: Map::new(),
        }
    }

    /// The full name (`name`, scope `profile`).
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.claim("name", name.into())
    }

    /// The e-mail address (`email`, scope `email`), marked as verified.
    #[must_use]
    pub fn email(self, email: impl Into<String>) -> Self {
        self.claim("email", email.into()).claim("email_verified", true)
    }

    /// The groups (`groups`): names, or `(id, name)` pairs, which become `{"id", "name"}` objects.
    #[must_use]
    pub fn groups<I>(mut self, groups: I) -> Self
    where
        I: IntoIterator<Item: Into<ProviderGroup>>,
    {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// Any other claim, with any JSON value. Standard claims are released by their scope, all others always.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// A claim of the ID token alone, whatever the scopes, in place of what would stand there under this name:
    /// a claim of the user or one of the provider's own, such as `amr`. `null` is a value too.
    #[must_use]
    pub fn id_token_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.id_token_claims.insert(name.into(), value.into());
        self
    }

    /// The authentication context (`acr`) that every sign-in of this user reaches, whatever is asked for, in place of
    /// the one that the provider would tell.
    #[must_use]
    pub fn acr(self, acr: impl Into<String>) -> Self {
        self.id_token_claim("acr", acr.into())
    }

    /// A claim of userinfo alone, whatever the scopes, in place of what would stand there under this name.
    /// `null` is a value too.
    ///
    /// ```
    /// use monocloud_runtime::testing::ProviderUser;
    /// use serde_json::{Value, json};
    ///
    /// let odd = ProviderUser::new("user-1")
    ///     .name("Noor Lindqvist")
    ///     .id_token_claim("address", json!([]))
    ///     .userinfo_claim("name", Value::Null);
    /// assert_eq!(odd.to_claims()["name"], "Noor Lindqvist");
    /// ```
    #[must_use]
    pub fn userinfo_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.userinfo_claims.insert(name.into(), value.into());
        self
    }

    /// The subject identifier.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// What the login page calls this user: the name, else the e-mail address, else the `sub`.
    pub fn display_name(&self) -> &str {
        self.text("name")
            .or_else(|| self.text("email"))
            .unwrap_or(&self.sub)
    }

    /// The groups of this user.
    pub fn group_list(&self) -> &[ProviderGroup] {
        &self.groups
    }

    /// All claims, `sub` and `groups` included, whatever the scopes. Not those of the ID token or of userinfo
    /// alone.
    pub fn to_claims(&self) -> Map<String, Value> {
        let mut claims = self.claims.clone();
        claims.extend(self.groups_claim());
        claims.insert("sub".into(), json!(self.sub));
        claims
    }

    pub(super) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// Whether a `login_hint` means this user.
    pub(super) fn answers_to(&self, hint: &str) -> bool {
        let same = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(hint));
        self.sub == hint || same(self.text("email")) || same(self.text("preferred_username"))
    }

    /// The claims that these scopes release, without `sub`.
    pub(super) fn released(&self, scopes: &[String], with_groups: bool) -> Map<String, Value> {
        let mut claims: Map<String, Value> = self
            .claims
            .iter()
            .filter(|(name, _)| {
                BY_SCOPE
                    .iter()
                    .find(|(_, claims)| claims.contains(&name.as_str()))
                    .is_none_or(|(scope, _)| scopes.iter().any(|asked| asked == scope))
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if with_groups {
            claims.extend(self.groups_claim());
        } else {
            claims.remove("groups");
        }
        claims
    }

    pub(super) fn into_id_token_claims(self) -> Map<String, Value> {
        self.id_token_claims
    }

    pub(super) fn userinfo_claims(&self) -> Map<String, Value> {
        self.userinfo_claims.clone()
    }

    pub(super) fn groups_claim(&self) -> Option<(String, Value)> {
        let groups = self.groups.iter().map(ProviderGroup::to_json);
        (!self.groups.is_empty()).then(|| ("groups".into(), groups.collect()))
    }
}

/// A group as it stands in the `groups` claim: a name, or an object with id and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderGroup {
    id: Option<String>,
    name: String,
}

impl ProviderGroup {
    /// The name of the group.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn to_json(&self) -> Value {
        match &self.id {
            Some(id) => json!({ "id": id, "name": self.name }),
            None => json!(self.name),
        }
    }
}

impl From<&str> for ProviderGroup {
    fn from(name: &str) -> Self {
        String::from(name).into()
    }
}

impl From<String> for ProviderGroup {
    fn from(name: String) -> Self {
        Self { id: None, name }
    }
}

impl From<(&str, &str)> for ProviderGroup {
    fn from((id, name): (&str, &str)) -> Self {
        Self {
            id: Some(id.into()),
            name: name.into(),
        }
    }
}

/// The people of the quickstart: one with all groups, one with some, one with none.
pub(super) fn default_users() -> Vec<ProviderUser> {
    vec![
        ProviderUser::new("mira")
            .name("Mira Adler")
            .email("mira@example.com")
            .groups(["admin", "editor"])
            .claim("given_name", "Mira")
            .claim("family_name", "Adler")
            .claim("preferred_username", "mira")
            .claim("locale", "en")
            .claim("phone_number", "+1 202 555 0143")
            .claim("phone_number_verified", true)
            .claim("address", json!({ "locality": "Lisbon", "country": "Portugal" })),
        ProviderUser::new("tomas")
            .name("Tomas Okoro")
            .email("tomas@example.com")
            .groups(["editor"])
            .claim("given_name", "Tomas")
            .claim("family_name", "Okoro")
            .claim("preferred_username", "tomas"),
        ProviderUser::new("lin")
            .name("Lin Sato")
            .email("lin@example.com")
            .claim("given_name", "Lin")
            .claim("family_name", "Sato")
            .claim("preferred_username", "lin"),
    ]
}
