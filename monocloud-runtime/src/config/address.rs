//! Web addresses: what is common to all that settings name.
//!
//! A value that is no address is not repeated in messages, since it may hold a password; one that is, is shown without.

use url::Url;

/// An absolute web address with neither credentials nor query nor fragment.
pub(super) fn web_url(value: &str, example: &str) -> Result<Url, String> {
    let url = Url::parse(value).map_err(|error| format!("not a URL ({error}); write one like {example}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("not a web address; write one like {example}"));
    }
    if url.host_str().is_some_and(|host| host.contains('*')) {
        return Err(format!("a pattern is no address; write one like {example}"));
    }
    if has_credentials(&url) {
        return Err(format!(
            "a URL with a user name or password is not allowed; write one like {example}"
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "{} has a query or fragment behind it; write one like {example}",
            shown(&url)
        ));
    }
    Ok(url)
}

pub(super) fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// For messages: origin and path.
pub(super) fn shown(url: &Url) -> String {
    format!("`{}{}`", url.origin().ascii_serialization(), url.path())
}
