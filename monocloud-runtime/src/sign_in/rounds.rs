//! How often in a row a sign-in ended well and yet nobody was signed in: a browser that does not keep or send
//! the session cookie would be sent round for ever.
//!
//! The callback counts in a sealed cookie, a request that brings the session ends the count, and the sign-in
//! route stops where it is too high. A sign-in that was abandoned never gets to the callback.

use http::HeaderValue;

use crate::client::MonoCloud;
use crate::config::CookieAttributes;
use crate::cookie::{Cookies, Seal};
use crate::crypto::Purpose;
use crate::error::Error;

/// Sign-ins in a row that may come to nothing.
const MOST: u8 = 3;

/// Seconds within which the next sign-in is one of the same row.
pub(crate) const LIFETIME: i64 = 60;

/// No name of a transaction, since it is no hash.
const TAIL: &str = "rounds";

/// Refuses to go round once more.
pub(crate) fn check(client: &MonoCloud, cookies: &Cookies) -> Result<(), Error> {
    if count(client, cookies) < MOST {
        return Ok(());
    }
    let settings = client.settings();
    let cookie = &settings.session_cookie;
    tracing::error!(
        name: "monocloud.sign_in.session_not_kept",
        app_url = settings.site.app_url.url().as_str(),
        cookie.name,
        cookie.domain,
        cookie.path,
        cookie.secure,
        cookie.same_site = ?cookie.same_site,
        session_cookie_sent = cookies.named(&cookie.name).count_first_chunks(1) > 0,
        "{MOST} sign-ins in a row ended well, and their sessions did not come back: compare MONOCLOUD_AUTH_APP_URL and MONOCLOUD_AUTH_SESSION_COOKIE_DOMAIN, _PATH, _SECURE and _SAME_SITE with the address that browsers see, let every process have the same MONOCLOUD_AUTH_COOKIE_SECRET, and let proxies pass large headers"
    );
    Err(Error::SessionNotKept)
}

/// One more sign-in that ended well, in a cookie with the attributes that its own had.
pub(crate) fn count_one(
    client: &MonoCloud,
    cookies: &Cookies,
    attributes: CookieAttributes,
) -> Option<HeaderValue> {
    let mut value = vec![count(client, cookies).saturating_add(1)];
    value.extend_from_slice(&client.now().to_be_bytes());
    let attributes = CookieAttributes {
        persistent: true,
        ..attributes
    };
    let name = name(client);
    seal(client, &name)
        .seal(
            &attributes,
            (Purpose::SignInRounds, &value),
            (Purpose::SignInRounds, &[]),
        )?
        .set(&attributes, LIFETIME)
        .next()
}

/// Ends the count, where the request carries one of ours.
pub(crate) fn clear(client: &MonoCloud, cookies: &Cookies) -> Option<HeaderValue> {
    let settings = client.settings();
    cookies
        .named(&settings.state_cookie.name)
        .with_tail(TAIL)
        .next()?;
    let name = name(client);
    let is_ours = seal(client, &name).is_ours(&cookies.named(&name));
    is_ours.then(|| settings.state_cookie.delete(&name))
}

fn count(client: &MonoCloud, cookies: &Cookies) -> u8 {
    let sent = cookies.named(&client.settings().state_cookie.name);
    let name = name(client);
    let opened = sent.with_tail(TAIL).take(4).filter_map(|value| {
        let front = seal(client, &name).open_value(Purpose::SignInRounds, value)?;
        let (count, at) = front.buffer[front.plaintext()].split_first()?;
        let at = i64::from_be_bytes(at.try_into().ok()?);
        (0..LIFETIME).contains(&(client.now() - at)).then_some(*count)
    });
    opened.max().unwrap_or(0)
}

fn seal<'a>(client: &'a MonoCloud, name: &'a str) -> Seal<'a> {
    Seal {
        keys: client.keys(),
        name,
        now: client.now(),
    }
}

fn name(client: &MonoCloud) -> String {
    format!("{}.{TAIL}", client.settings().state_cookie.name)
}
