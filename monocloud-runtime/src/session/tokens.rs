//! The tokens of a session: an access token for each set of resources and scopes, what renews them, and what a
//! renewal must not change.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{ResourceSet, ScopeSet};

/// The default one among them.
const MAX_ACCESS_TOKENS: usize = 8;

/// A token is renewed this many seconds before it expires, or half its lifetime if that is less.
const EARLY: i64 = 30;

/// A clock that is corrected goes back by no more than this many seconds.
const AHEAD: i64 = 60;

/// What an access token is asked for. Sets are compared without their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) resource: ResourceSet,
    pub(crate) scopes: ScopeSet,
}

/// What a session's tokens are renewed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// The default token.
    Default,
    Token(Target),
    /// The end of all of them.
    Revocation,
}

/// An access token, and what it is for.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    #[serde(rename = "v")]
    pub(crate) value: String,
    #[serde(rename = "r", default, skip_serializing_if = "ResourceSet::is_empty")]
    pub(crate) resource: ResourceSet,
    /// The scopes that were asked for.
    #[serde(rename = "q", default, skip_serializing_if = "ScopeSet::is_empty")]
    pub(crate) requested: ScopeSet,
    /// The scopes that were granted, where they are others.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(crate) granted: Option<String>,
    /// Seconds since the Unix epoch.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    /// In seconds, from when it was issued.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<i64>,
}

impl AccessToken {
    /// Of a token response that came `now`. Where it names no scopes, they are what was asked for
    /// (RFC 6749 §5.1).
    pub(crate) fn new(
        value: String,
        target: &Target,
        granted: Option<&[String]>,
        lifetime: Option<i64>,
        now: i64,
    ) -> Self {
        let granted = granted.map(|scopes| scopes.join(" "));
        let as_requested =
            |granted: &String| ScopeSet::parse(granted).is_ok_and(|granted| granted == target.scopes);
        Self {
            value,
            resource: target.resource.clone(),
            requested: target.scopes.clone(),
            granted: granted.filter(|granted| !as_requested(granted)),
            expires_at: lifetime.map(|lifetime| now.saturating_add(lifetime)),
            lifetime,
        }
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            resource: self.resource.clone(),
            scopes: self.requested.clone(),
        }
    }

    pub(crate) fn is_for(&self, target: &Target) -> bool {
        self.resource == target.resource && self.requested == target.scopes
    }

    pub(crate) fn scopes(&self) -> String {
        match &self.granted {
            Some(granted) => granted.clone(),
            None => self.requested.to_string(),
        }
    }

    pub(crate) fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Whether it is time to renew it. It is, too, where it was issued later than it is now: the clock was wrong then,
    /// and nobody knows how long it is good for.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        let early = self.lifetime.map_or(EARLY, |lifetime| EARLY.min(lifetime / 2));
        let until = now
            .saturating_add(self.lifetime.unwrap_or(i64::MAX))
            .saturating_add(AHEAD);
        self.expires_at
            .is_some_and(|expires_at| expires_at.saturating_sub(early) <= now || expires_at > until)
    }
}

/// All tokens of a session.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TokenSet {
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    default: Option<AccessToken>,
    /// For other targets, in the order in which they came.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<AccessToken>,
    /// What an ID token that comes with a refresh has to repeat of the first.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token_mark: Option<String>,
}

impl TokenSet {
    /// With a default access token, if there is one.
    pub(crate) fn new(default: Option<AccessToken>) -> Self {
        Self {
            default,
            ..Self::default()
        }
    }

    /// When all that opens something is revoked.
    pub(crate) fn revoked(&self) -> Self {
        Self {
            id_token: self.id_token.clone(),
            id_token_mark: self.id_token_mark.clone(),
            ..Self::default()
        }
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.refresh_token.is_none() && self.access_tokens().next().is_none()
    }

    pub(crate) fn without_refresh_token(&self) -> Self {
        Self {
            refresh_token: None,
            ..self.clone()
        }
    }

    /// The access token of the sign-in, or what renewed it.
    pub(crate) fn default_token(&self) -> Option<&AccessToken> {
        self.default.as_ref()
    }

    /// The access token for a target; without one, the default token.
    pub(crate) fn find(&self, target: Option<&Target>) -> Option<&AccessToken> {
        match target {
            None => self.default_token(),
            Some(target) => self.access_tokens().find(|token| token.is_for(target)),
        }
    }

    /// Keeps a token in place of the one for the same target, which for the default one is whichever was the default.
    /// Where there are too many, first those go that have expired, then the oldest; the default one stays.
    pub(crate) fn put(&mut self, token: AccessToken, is_default: bool, now: i64) {
        if is_default {
            self.default = Some(token);
            return;
        }
        let target = token.target();
        self.others
            .retain(|known| !(known.is_for(&target) || known.is_expired(now)));
        self.others.push(token);
        while self.others.len() > MAX_ACCESS_TOKENS - 1 {
            self.drop_oldest();
        }
    }

    /// Drops the oldest access token that is not the default one.
    pub(super) fn drop_oldest(&mut self) {
        self.others.remove(0);
    }

    /// How many access tokens there are beside the default one.
    pub(super) fn count_others(&self) -> usize {
        self.others.len()
    }

    pub(super) fn drop_access_tokens(&mut self) {
        self.default = None;
        self.others.clear();
    }

    /// Every access token, the default one first.
    pub(crate) fn access_tokens(&self) -> impl Iterator<Item = &AccessToken> {
        self.default.iter().chain(&self.others)
    }
}

/// What a renewal brings.
#[derive(Clone, Default)]
pub(crate) struct Renewed {
    pub(crate) tokens: TokenSet,
    /// Claims about the person that the ID token has otherwise than the one before it.
    pub(crate) claims: Map<String, Value>,
    /// When the issuer's own session ends, where the ID token says so.
    pub(crate) session_expiry: Option<i64>,
    /// How often the tokens were renewed with this, where other processes renew them too.
    pub(crate) number: Option<u32>,
}

/// The session's tokens as of one renewal.
#[derive(Clone)]
pub(crate) struct Generation {
    /// How often they were renewed.
    pub(crate) number: u32,
    pub(crate) renewed: Arc<Renewed>,
}

impl Generation {
    /// The one after `base`. What earlier renewals said otherwise is said again, for copies of the session that have
    /// seen none of them.
    pub(super) fn after(base: u32, earlier: Option<&Self>, mut renewed: Renewed) -> Self {
        for (name, value) in earlier.iter().flat_map(|earlier| &earlier.renewed.claims) {
            renewed
                .claims
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        let before = earlier.and_then(|earlier| earlier.renewed.session_expiry);
        renewed.session_expiry = [before, renewed.session_expiry].into_iter().flatten().min();
        Self {
            number: renewed.number.unwrap_or(base.saturating_add(1)),
            renewed: Arc::new(renewed),
        }
    }
}

impl From<&Generation> for Renewed {
    fn from(generation: &Generation) -> Self {
        Self {
            number: Some(generation.number),
            ..Self::clone(&generation.renewed)
        }
    }
}

impl From<TokenSet> for Renewed {
    fn from(tokens: TokenSet) -> Self {
        Self {
            tokens,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessToken, Target, TokenSet};
    use crate::config::{ResourceSet, ScopeSet};

    fn token(resource: &str, scopes: &str, lifetime: Option<i64>) -> AccessToken {
        let target = Target {
            resource: ResourceSet::parse(resource).expect("resources"),
            scopes: ScopeSet::parse(scopes).expect("scopes"),
        };
        AccessToken::new(resource.to_owned(), &target, None, lifetime, 1_000)
    }

    #[test]
    fn a_token_is_due_thirty_seconds_or_half_its_life_before_it_expires() {
        let long = token("", "openid", Some(3_600));
        assert!(!long.is_due(1_000 + 3_569) && long.is_due(1_000 + 3_570));
        let short = token("", "openid", Some(10));
        assert!(!short.is_due(1_004) && short.is_due(1_005) && !short.is_expired(1_009));
        assert!(short.is_expired(1_010));
        assert!(!long.is_due(1_000 - 60) && long.is_due(1_000 - 61) && long.is_due(-86_400));
        assert!(!long.is_expired(-86_400));
        let forever = token("", "openid", Some(i64::MAX));
        assert!(!forever.is_due(i64::MAX - 31) && !forever.is_due(1_000));
        let forever = token("", "openid", None);
        assert!(!forever.is_due(i64::MAX) && !forever.is_expired(i64::MAX));
    }

    #[test]
    fn sets_are_compared_without_order_and_the_oldest_gives_way() {
        let mut tokens = TokenSet::new(Some(token("", "openid", None)));
        for number in 0..9 {
            tokens.put(
                token(&format!("https://{number}.example.com"), "a b", None),
                false,
                0,
            );
        }
        assert_eq!(tokens.access_tokens().count(), 8);
        assert_eq!(tokens.default_token().map(|token| token.value.as_str()), Some(""));
        let of = |number: usize, scopes: &str| {
            token(&format!("https://{number}.example.com"), scopes, None).target()
        };
        assert!(tokens.find(Some(&of(0, "a b"))).is_none() && tokens.find(Some(&of(1, "a b"))).is_none());
        assert!(tokens.find(Some(&of(2, "b a"))).is_some());
        assert!(tokens.find(Some(&of(2, "b"))).is_none());

        tokens.put(token("https://2.example.com", "b a", None), false, 0);
        assert_eq!(
            tokens.access_tokens().count(),
            8,
            "in place of the one that it renews"
        );
    }

    #[test]
    fn a_token_for_a_target_is_never_the_default_one() {
        let mut tokens = TokenSet::new(Some(token("", "openid", None)));
        tokens.drop_access_tokens();
        tokens.put(token("https://a.example.com", "", None), false, 0);
        assert!(tokens.default_token().is_none() && tokens.count_others() == 1);
    }

    #[test]
    fn what_has_expired_goes_before_what_has_not() {
        let mut tokens = TokenSet::new(Some(token("", "openid", Some(10))));
        tokens.put(token("https://a.example.com", "", None), false, 0);
        tokens.put(token("https://b.example.com", "", Some(10)), false, 0);
        tokens.put(token("https://c.example.com", "", None), false, 1_010);
        let values: Vec<&str> = tokens.access_tokens().map(|token| token.value.as_str()).collect();
        assert_eq!(values, ["", "https://a.example.com", "https://c.example.com"]);
    }
}
