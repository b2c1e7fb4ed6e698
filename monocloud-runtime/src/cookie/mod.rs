//! Cookies as sealed values: read from all `Cookie` headers, opened, sealed, split into chunks.
//!
//! A value is sealed under the cookie's name and for one purpose, with the number of its chunks in
//! the authenticated part, and split over `name`, `name.1`, `name.2` … Whatever does not open is as
//! if it had not been sent; what has no key of ours is never touched.

mod envelope;
mod read;
mod sealed;
mod ticket;

use http::HeaderValue;

use crate::config::{CookieAttributes, SameSite};

pub(crate) use read::{Cookies, Sent};
pub(crate) use sealed::{Chunked, Seal, TooMany};
pub(crate) use ticket::SentTicket;

/// What browsers take for one cookie is 4,096 bytes; a little less, to stay clear of it.
const MAX_COOKIE: usize = 4_090;

impl CookieAttributes {
    /// A `Set-Cookie` value. `max_age` in seconds is left out when the cookie ends with the browser.
    pub(crate) fn set(&self, name: &str, value: &str, max_age: i64) -> HeaderValue {
        let age = self.persistent.then_some(max_age);
        self.header(name, value, age)
    }

    /// A `Set-Cookie` value that deletes the cookie, with the attributes it was set with.
    pub(crate) fn delete(&self, name: &str) -> HeaderValue {
        self.header(name, "", Some(0))
    }

    /// The room that one chunk's value has.
    fn room(&self, chunk_name: &str) -> usize {
        let rest = self.header(chunk_name, "", Some(i64::from(i32::MAX)));
        MAX_COOKIE.saturating_sub(rest.len())
    }

    fn header(&self, name: &str, value: &str, max_age: Option<i64>) -> HeaderValue {
        let mut cookie = cookie::Cookie::build((name, value))
            .path(&self.path)
            .http_only(self.http_only)
            .secure(self.secure)
            .same_site(match self.same_site {
                SameSite::Strict => cookie::SameSite::Strict,
                SameSite::Lax => cookie::SameSite::Lax,
                SameSite::None => cookie::SameSite::None,
            });
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        if let Some(seconds) = max_age {
            cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
            if seconds <= 0 {
                cookie = cookie.expires(cookie::time::OffsetDateTime::UNIX_EPOCH);
            }
        }
        let mut value = HeaderValue::try_from(cookie.build().to_string())
            .expect("names, paths and domains were checked with the settings, and values are base64url");
        value.set_sensitive(true);
        value
    }
}

/// The name of a chunk: the cookie's own, then `.1`, `.2` …
pub(crate) fn chunk_name(name: &str, index: usize) -> String {
    if index == 0 {
        name.to_owned()
    } else {
        format!("{name}.{index}")
    }
}
