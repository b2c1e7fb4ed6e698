//! Sets of words in one string: scopes (RFC 6749 §3.3) and resource indicators (RFC 8707 §2).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

/// Words in the order in which they were written, each once. Two are equal whatever their order.
///
/// As text, also when serialized, they stand side by side with a space between.
#[derive(Clone, Default)]
pub(crate) struct WordSet<W> {
    words: Vec<String>,
    kind: PhantomData<W>,
}

/// What may be a member.
pub(crate) trait Word {
    fn check(word: &str) -> Result<(), String>;
}

pub(crate) type ScopeSet = WordSet<Scope>;
pub(crate) type ResourceSet = WordSet<Resource>;

#[derive(Clone, Copy, Default)]
pub(crate) struct Scope;

impl Word for Scope {
    fn check(word: &str) -> Result<(), String> {
        if word
            .bytes()
            .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        {
            return Ok(());
        }
        Err("one of them is not a scope; scopes are separated by spaces".to_owned())
    }
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Resource;

impl Word for Resource {
    /// An absolute URL without a fragment; no query either here.
    fn check(word: &str) -> Result<(), String> {
        match Url::parse(word) {
            Ok(url) if url.query().is_none() && url.fragment().is_none() => Ok(()),
            _ => Err(
                "one of them is not an absolute URL without query and fragment, such as https://api.example.com"
                    .to_owned(),
            ),
        }
    }
}

impl<W: Word> WordSet<W> {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut words: Vec<String> = Vec::new();
        for word in text.split_ascii_whitespace() {
            W::check(word)?;
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        Ok(Self {
            words,
            kind: PhantomData,
        })
    }
}

impl<W> WordSet<W> {
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Adds what is not there yet.
    pub(crate) fn extend(&mut self, other: &Self) {
        for word in &other.words {
            if !self.contains(word) {
                self.words.push(word.clone());
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    fn sorted(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.iter().collect();
        words.sort_unstable();
        words
    }
}

impl ScopeSet {
    /// What a sign-in asks for.
    pub(crate) fn with_openid(text: &str) -> Result<Self, String> {
        let scopes = Self::parse(text)?;
        if scopes.contains("openid") {
            return Ok(scopes);
        }
        Err("`openid` is missing; write for example `openid profile email`".to_owned())
    }
}

impl<W> PartialEq for WordSet<W> {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl<W> Eq for WordSet<W> {}

impl<W> Hash for WordSet<W> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sorted().hash(state);
    }
}

impl<W> fmt::Display for WordSet<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}

impl<W> fmt::Debug for WordSet<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.words.fmt(f)
    }
}

impl<W> Serialize for WordSet<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, W: Word> Deserialize<'de> for WordSet<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ResourceSet, ScopeSet};

    #[test]
    fn a_set_keeps_its_order_and_is_equal_without_it() {
        let set = |text| ScopeSet::parse(text).expect("scopes");
        assert_eq!(set("openid b  a b").to_string(), "openid b a");
        assert_eq!(set("openid b a"), set("a b openid"));
        assert_ne!(set("openid a"), set("openid a b"));
        let once: HashSet<ScopeSet> = [set("a b"), set("b a")].into();
        assert_eq!(once.len(), 1);
    }

    #[test]
    fn a_set_survives_being_written_down() {
        let scopes = ScopeSet::parse("openid a:b/c").expect("scopes");
        let text = serde_json::to_string(&scopes).expect("a string");
        assert_eq!(text, "\"openid a:b/c\"");
        assert_eq!(serde_json::from_str::<ScopeSet>(&text).expect("scopes"), scopes);
        assert!(serde_json::from_str::<ResourceSet>("\"no-url\"").is_err());
        assert_eq!(
            serde_json::from_str::<ResourceSet>("\"\"").expect("empty"),
            ResourceSet::default()
        );
    }

    #[test]
    fn scopes_of_a_sign_in_have_openid() {
        assert!(ScopeSet::with_openid("profile").is_err());
        assert!(ScopeSet::with_openid("openid \"x\"").is_err());
        assert!(ScopeSet::with_openid("email openid").is_ok());
    }
}
