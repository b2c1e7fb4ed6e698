//! Members of the metadata that issuers publish, read.

use serde_json::{Map, Value};
use url::Url;

use crate::json;

/// The URLs of a document.
pub(super) struct Urls<'a> {
    pub(super) document: &'a Map<String, Value>,
    pub(super) allows_http: bool,
}

impl Urls<'_> {
    pub(super) fn required(&self, name: &str) -> Result<Url, String> {
        self.optional(name)?.ok_or_else(|| json::missing(name))
    }

    /// An endpoint; an empty one is as if absent.
    pub(super) fn optional(&self, name: &str) -> Result<Option<Url>, String> {
        let Some(text) = json::text(self.document, name)?.filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let url = Url::parse(text).map_err(|_| format!("`{name}` is not an absolute URL"))?;
        match url.scheme() {
            "https" => Ok(Some(url)),
            "http" if self.allows_http => Ok(Some(url)),
            _ => Err(format!(
                "`{name}` is not https; an issuer behind a proxy has to be told the address that browsers see"
            )),
        }
    }
}

/// A list of names, or one name. What is neither says nothing.
pub(super) fn names(document: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let names: Vec<String> = match document.get(name)? {
        Value::String(names) => names.split_ascii_whitespace().map(str::to_owned).collect(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => return None,
    };
    (!names.is_empty()).then_some(names)
}
