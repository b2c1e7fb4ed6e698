//! Parameters of queries and forms.

use std::borrow::Cow;

use http::Uri;

use crate::error::Error;

/// The parameters of a query, decoded.
pub(crate) fn query(uri: &Uri) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect()
}

/// The only value of a parameter; a second one would leave open which is meant.
pub(crate) fn single<'a>(
    pairs: &'a [(Cow<'a, str>, Cow<'a, str>)],
    name: &str,
) -> Result<Option<&'a str>, Error> {
    let mut values = pairs
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| &**value);
    let value = values.next();
    if values.next().is_some() {
        return Err(Error::InvalidRequest("a parameter is given twice"));
    }
    Ok(value)
}

/// An address with a query, where there is one.
pub(crate) fn with_query(mut url: String, query: &str) -> String {
    if !query.is_empty() {
        url.push('?');
        url.push_str(query);
    }
    url
}
