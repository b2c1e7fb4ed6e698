//! What an issuer says when it refuses.

use std::fmt;

/// An issuer's own words about a refusal (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3).
///
/// All of it is bounded and printable, and what was sent to the issuer is cut out. It is meant for
/// the log: a page that shows it lets whoever made a link put words on that page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// The code, such as `access_denied`; where there is none, the HTTP status.
    pub error: String,
    /// What happened, for developers.
    pub description: Option<String>,
    /// A page that says more.
    pub uri: Option<String>,
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        if let Some(uri) = &self.uri {
            write!(f, " (see {uri})")?;
        }
        Ok(())
    }
}
