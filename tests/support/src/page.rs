//! What an answer shows.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::html::{self, Form};

/// Where a navigation ended. A page is a tab: several can be open at once in one [`UserAgent`](crate::UserAgent).
pub struct Page {
    /// The address, after all redirects.
    pub url: Url,
    /// The status of the last answer.
    pub status: StatusCode,
    /// The headers of the last answer.
    pub headers: HeaderMap,
    /// The body of the last answer.
    pub body: String,
    /// Every address that was asked, the last one included.
    pub trail: Vec<Url>,
}

impl Page {
    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is something else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The addresses of all links, as they stand in the page.
    pub fn links(&self) -> Vec<String> {
        html::links(&self.body)
    }

    /// The first form that has controls of all these names.
    pub(crate) fn form_with(&self, fields: &[(&str, &str)]) -> Form {
        html::forms(&self.body)
            .into_iter()
            .find(|form| fields.iter().all(|(name, _)| form.has(name)))
            .unwrap_or_else(|| panic!("no form with {fields:?} in {self:?}"))
    }
}

/// Shows all that a person needs to see why a test failed.
impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} at {}", self.status, self.url)?;
        for url in &self.trail {
            writeln!(f, "  by way of {url}")?;
        }
        write!(f, "{:#?}\n{}", self.headers, self.body)
    }
}
