//! The caller of an API, as an access token describes it.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::packed::{Packed, length, push_length, take};
use super::user::User;

/// Where issuers write the scopes: as RFC 8693 §4.2 has it, or under a name of their own.
const SCOPES: [&str; 2] = ["scope", "scp"];
/// Where issuers write whose token it is: as RFC 9068 §2.2 has it, as OIDC Core 2 has it, or under names of their own.
const CLIENTS: [&str; 4] = ["client_id", "azp", "cid", "appid"];

/// How issuers say that a client calls on its own, where `sub` does not tell.
const OF_CLIENTS: [(&str, &str); 2] = [("gty", "client-credentials"), ("idtyp", "app")];

/// The claims of an access token that was found good: by its signature (RFC 9068), or because the issuer said so
/// (RFC 7662).
///
/// As an extractor it gives those of the request's `Authorization: Bearer`; where there is none it answers 401, and
/// `Option<Claims>` is `None`, also for who is signed in with a session. Serializes as the claims. Clones are cheap.
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use monocloud_runtime::{Claims, protect_api};
///
/// #[protect_api(accept = "bearer", scopes = ["orders:read"])]
/// async fn orders(claims: Claims) -> String {
///     format!("the orders that {} may see", claims.client_id().unwrap_or("somebody"))
/// }
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Claims {
    inner: Arc<Inner>,
}

struct Inner {
    /// All claims are here, whosever token it is.
    user: User,
    /// Words, each behind its length: with a `String` for each, many short ones would cost far more than they say.
    scopes: Box<[u8]>,
    expires_at: Option<i64>,
    auth_time: Option<i64>,
    told_at: i64,
    match_all: bool,
    has_no_groups: bool,
}

/// What was verified, on its way to [`Claims`].
pub(crate) struct Verified {
    pub(crate) claims: Map<String, Value>,
    /// Seconds since the Unix epoch, as all times here.
    pub(crate) expires_at: Option<i64>,
    pub(crate) auth_time: Option<i64>,
    /// When it was seen here, on our own clock.
    pub(crate) told_at: i64,
    /// The claim that holds the groups, unless a guard names another; nothing, where the issuer's word on groups does
    /// not count.
    pub(crate) groups_claim: Option<Arc<str>>,
    /// Whether all groups are needed where a guard does not say.
    pub(crate) match_all: bool,
}

impl Claims {
    pub(crate) fn new(verified: Verified) -> Self {
        let scopes = scopes(&verified.claims);
        let has_no_groups = verified.groups_claim.is_none();
        let groups_claim = verified.groups_claim.unwrap_or_default();
        Self {
            inner: Arc::new(Inner {
                user: User::of_session(Packed::of(verified.claims), groups_claim),
                scopes,
                expires_at: verified.expires_at,
                auth_time: verified.auth_time,
                told_at: verified.told_at,
                match_all: verified.match_all,
                has_no_groups,
            }),
        }
    }

    /// Whom the token is about: a person, or the client itself. Empty where the issuer does not say.
    pub fn sub(&self) -> &str {
        self.claim_str("sub").unwrap_or_default()
    }

    /// Who issued it. Not every issuer says so when it is asked (RFC 7662).
    pub fn issuer(&self) -> Option<&str> {
        self.claim_str("iss")
    }

    /// The client that got the token.
    pub fn client_id(&self) -> Option<&str> {
        CLIENTS.into_iter().find_map(|name| self.claim_str(name))
    }

    /// What the token may be used for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.words().filter_map(|word| std::str::from_utf8(word).ok())
    }

    /// Whether the token has this scope, compared to the letter (RFC 6749 §3.3).
    pub fn has_scope(&self, scope: &str) -> bool {
        self.words().any(|granted| granted == scope.as_bytes())
    }

    /// When it expires, in seconds since the Unix epoch, as far as the issuer says.
    pub fn expires_at(&self) -> Option<i64> {
        self.inner.expires_at
    }

    /// The person on whose behalf the client calls: nobody where the client calls on its own (RFC 9068 §5).
    ///
    /// That is so where `sub` is the client's id, alone or with `@clients` behind it, and where the issuer says it by a
    /// claim of its own (`gty`, `idtyp`).
    pub fn user(&self) -> Option<User> {
        (!self.is_of_a_client()).then(|| self.inner.user.clone())
    }

    fn is_of_a_client(&self) -> bool {
        let sub = self.sub();
        let is_named = |name| {
            self.claim_str(name)
                .is_some_and(|id| sub.strip_suffix("@clients").unwrap_or(sub) == id || sub == id)
        };
        sub.is_empty()
            || CLIENTS.into_iter().any(is_named)
            || OF_CLIENTS
                .into_iter()
                .any(|(name, value)| self.claim_str(name) == Some(value))
    }

    /// Any claim, as the issuer wrote it.
    pub fn claim(&self, name: &str) -> Option<Value> {
        self.inner.user.claim(name)
    }

    /// Any claim that is text.
    pub fn claim_str(&self, name: &str) -> Option<&str> {
        self.inner.user.claim_str(name)
    }

    /// Any claim as a type of one's own, if it is of that form.
    pub fn claim_as<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.inner.user.claim_as(name)
    }

    /// All claims, as the issuer wrote them.
    pub fn to_claims(&self) -> Map<String, Value> {
        self.inner.user.to_claims()
    }

    /// Whether these claims are in the groups, as [`User::is_in_groups`] says.
    pub(crate) fn is_in_groups(&self, wanted: &[&str], all: Option<bool>, claim: Option<&str>) -> bool {
        let all = all.unwrap_or(self.inner.match_all);
        !self.inner.has_no_groups && self.inner.user.is_in_groups(wanted, all, claim)
    }

    /// When the person proved who they are (RFC 9068 §2.2.1), in seconds since the Unix epoch.
    pub(crate) fn auth_time(&self) -> Option<i64> {
        self.inner.auth_time
    }

    pub(crate) fn acr(&self) -> Option<&str> {
        self.claim_str("acr")
    }

    /// When the token was seen here first, on our own clock.
    pub(crate) fn told_at(&self) -> i64 {
        self.inner.told_at
    }

    /// What it holds of memory, in bytes, beyond what all of them do.
    pub(crate) fn size(&self) -> usize {
        self.inner.user.as_packed().bytes().len() + self.inner.scopes.len()
    }

    fn words(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.inner.scopes;
        std::iter::from_fn(move || {
            let length = length(&mut rest)?;
            take(&mut rest, length)
        })
    }
}

/// A text of words, or a list of them.
fn scopes(claims: &Map<String, Value>) -> Box<[u8]> {
    let mut scopes = Vec::new();
    let mut push = |text: &str| {
        for word in text.split_ascii_whitespace() {
            push_length(&mut scopes, word.len());
            scopes.extend_from_slice(word.as_bytes());
        }
    };
    for name in SCOPES {
        match claims.get(name) {
            Some(Value::String(text)) => push(text),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).for_each(&mut push),
            _ => continue,
        }
        break;
    }
    scopes.into()
}

impl std::fmt::Debug for Claims {
    /// Only whose they are: a log is no place for the rest.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims")
            .field("sub", &self.sub())
            .field("client_id", &self.client_id())
            .finish_non_exhaustive()
    }
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.user.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Claims, Verified};

    fn claims(claims: &Value) -> Claims {
        Claims::new(Verified {
            claims: claims.as_object().expect("an object").clone(),
            expires_at: None,
            auth_time: None,
            told_at: 0,
            groups_claim: Some("groups".into()),
            match_all: false,
        })
    }

    #[test]
    fn scopes_are_words_wherever_the_issuer_writes_them() {
        for (written, expected) in [
            (json!({"scope": "a b:c  d"}), vec!["a", "b:c", "d"]),
            (json!({"scope": ["a", "b c"]}), vec!["a", "b", "c"]),
            (json!({"scp": "a"}), vec!["a"]),
            (json!({"scp": ["a", 7, null]}), vec!["a"]),
            (json!({"scope": null, "scp": ["a"]}), vec!["a"]),
            (json!({"scope": "", "scp": "a"}), vec![]),
            (json!({"scope": {"a": true}}), vec![]),
            (json!({"scope": "é ü"}), vec!["é", "ü"]),
            (json!({}), vec![]),
        ] {
            assert_eq!(
                claims(&written).scopes().collect::<Vec<_>>(),
                expected,
                "{written}"
            );
        }
        let token = claims(&json!({"scope": "orders:read"}));
        assert!(token.has_scope("orders:read"));
        for other in ["orders", "orders:read ", "ORDERS:READ", ""] {
            assert!(!token.has_scope(other), "{other:?}");
        }
        let long = "x".repeat(300);
        assert!(claims(&json!({"scope": format!("a {long} b")})).has_scope(&long));
    }

    #[test]
    fn many_short_scopes_cost_no_more_than_their_text() {
        let text = vec!["a"; 6_000].join(" ");
        for written in [json!({"scope": text}), json!({"scp": vec!["a"; 6_000]})] {
            let token = claims(&written);
            assert_eq!(token.scopes().count(), 6_000);
            assert_eq!(token.inner.scopes.len(), text.len() + 1);
        }
    }

    #[test]
    fn a_client_that_calls_on_its_own_is_no_user() {
        for client in ["client_id", "azp", "cid", "appid"] {
            assert!(
                claims(&json!({"sub": "c", client: "c"})).user().is_none(),
                "{client}"
            );
            let person = claims(&json!({"sub": "mira", client: "c"}));
            assert_eq!(person.user().expect("a person").sub(), "mira");
            assert_eq!(person.client_id(), Some("c"));
        }
        assert!(claims(&json!({"client_id": "c"})).user().is_none());
        assert!(claims(&json!({"sub": "", "client_id": "c"})).user().is_none());
        assert!(claims(&json!({"sub": 7})).user().is_none());
        for by_other_signs in [
            json!({"sub": "c@clients", "azp": "c", "gty": "client-credentials"}),
            json!({"sub": "c@clients", "azp": "c"}),
            json!({"sub": "b7e1", "appid": "c", "idtyp": "app"}),
        ] {
            assert!(claims(&by_other_signs).user().is_none(), "{by_other_signs}");
        }
        assert!(
            claims(&json!({"sub": "mira@clients", "azp": "c", "gty": "password"}))
                .user()
                .is_some()
        );
    }

    #[test]
    fn a_guard_decides_about_all_or_one_before_the_setting_does() {
        let token = claims(&json!({"sub": "1", "groups": ["a"], "roles": ["b"]}));
        assert!(token.is_in_groups(&["a", "x"], None, None));
        assert!(!token.is_in_groups(&["a", "x"], Some(true), None));
        assert!(token.is_in_groups(&["b"], None, Some("roles")));
    }
}
