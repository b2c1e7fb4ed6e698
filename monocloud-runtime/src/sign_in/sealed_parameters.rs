//! The parameters of one sign-in that the application itself chose, sealed into one query value.
//!
//! Anybody may send the browser to the sign-in route, so what stands readable in its query is not obeyed
//! unless the settings say so. This is: only the application can have sealed it. It expires, and what
//! cannot be read is as if it were not there.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::requested::Requested;
use super::step_up::StepUp;
use crate::client::MonoCloud;
use crate::crypto::{OVERHEAD, Purpose};
use crate::params::single;

/// The query parameter.
pub(super) const NAME: &str = "sealed";

/// Changes with the meaning of what follows it.
const VERSION: u8 = 1;

/// Of the encoded value, so that the whole address stays far below what proxies take.
const MAX_BYTES: usize = 1024;

/// A page with such a link may stay open for a day, in seconds.
const LIFETIME: i64 = 86_400;

/// What the application says of a sign-in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SealedParameters {
    #[serde(flatten)]
    pub(crate) requested: Requested,
    /// What a guard asks for, which the callback checks.
    #[serde(rename = "k", skip_serializing_if = "Option::is_none")]
    pub(crate) step_up: Option<StepUp>,
    /// Whether somebody else than whoever is signed in wants to sign in.
    #[serde(rename = "o", skip_serializing_if = "std::ops::Not::not")]
    pub(crate) other_account: bool,
    /// Path, query and fragment on this site.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub(crate) return_url: Option<String>,
    /// The `sub` that it was made for; anyone where there is none.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(rename = "e")]
    expires_at: i64,
    #[serde(flatten)]
    parameters: SealedParameters,
}

impl SealedParameters {
    /// What the query carries; nothing where it carries none that opens.
    pub(crate) fn of(client: &MonoCloud, query: &[(Cow<'_, str>, Cow<'_, str>)]) -> Self {
        let value = single(query, NAME).ok().flatten();
        value
            .and_then(|value| Self::open(client, value))
            .unwrap_or_default()
    }

    /// The query value, unless it is too long for one.
    pub(super) fn seal(&self, client: &MonoCloud) -> Option<String> {
        let sealed = Sealed {
            expires_at: client.now().saturating_add(LIFETIME),
            parameters: self.clone(),
        };
        let json = serde_json::to_vec(&sealed).expect("parameters have string keys alone");
        if (1 + OVERHEAD + json.len()).div_ceil(3) * 4 > MAX_BYTES {
            return None;
        }
        let mut value = vec![VERSION];
        client
            .keys()
            .seal(Purpose::SignInParameters, &[&[VERSION]], &json, &mut value);
        Some(URL_SAFE_NO_PAD.encode(value))
    }

    /// What was sealed here, while it has not expired.
    fn open(client: &MonoCloud, value: &str) -> Option<Self> {
        if value.len() > MAX_BYTES {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (version, sealed) = bytes.split_first_mut()?;
        if *version != VERSION {
            return None;
        }
        let json = client
            .keys()
            .open(Purpose::SignInParameters, &[&[VERSION]], sealed)?;
        let sealed: Sealed = serde_json::from_slice(json).ok()?;
        (client.now() < sealed.expires_at).then_some(sealed.parameters)
    }

    /// Whether nothing is asked for but a return URL.
    pub(super) fn asks_for_nothing(&self) -> bool {
        Self {
            return_url: None,
            ..self.clone()
        } == Self::default()
    }
}

/// Who is expected to sign in is nothing for a log.
impl std::fmt::Debug for SealedParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedParameters")
            .field("requested", &self.requested)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{LIFETIME, MAX_BYTES, Requested, SealedParameters};
    use crate::client::MonoCloud;
    use crate::clock::Clock;
    use crate::config::{ResponseMode, ScopeSet};

    fn client(clock: &Clock, secret: &str) -> MonoCloud {
        MonoCloud::builder()
            .tenant_domain("http://127.0.0.1:9")
            .client_id("app")
            .client_secret("secret")
            .app_url("http://localhost:3000")
            .cookie_secret(secret)
            .clock(clock.clone())
            .build()
            .expect("the settings are complete")
    }

    fn parameters() -> SealedParameters {
        SealedParameters {
            requested: Requested {
                scopes: Some(ScopeSet::with_openid("openid orders").expect("scopes")),
                prompt: Some("login".to_owned()),
                max_age: Some(60),
                response_mode: Some(ResponseMode::FormPost),
                ..Requested::default()
            },
            return_url: Some("/orders?x=1#y".to_owned()),
            subject: Some("mira".to_owned()),
            ..SealedParameters::default()
        }
    }

    const SECRET: &str = "first secret of these tests, 1234567890";

    #[test]
    fn what_was_sealed_opens_until_it_expires() {
        let clock = Clock::fixed(1_800_000_000);
        let client = client(&clock, SECRET);
        let value = parameters().seal(&client).expect("short enough");
        assert_eq!(SealedParameters::open(&client, &value), Some(parameters()));
        clock.advance(LIFETIME - 1);
        assert_eq!(SealedParameters::open(&client, &value), Some(parameters()));
        clock.advance(1);
        assert_eq!(SealedParameters::open(&client, &value), None);
    }

    #[test]
    fn nothing_but_what_was_sealed_here_opens() {
        let clock = Clock::fixed(1_800_000_000);
        let ours = client(&clock, SECRET);
        let value = parameters().seal(&ours).expect("short enough");
        let others = client(&clock, "second secret of these tests, 123456789");
        assert_eq!(SealedParameters::open(&others, &value), None);
        let bytes = URL_SAFE_NO_PAD.decode(&value).expect("base64url");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(
                SealedParameters::open(&ours, &URL_SAFE_NO_PAD.encode(changed)),
                None,
                "byte {at}"
            );
            let cut = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            assert_eq!(SealedParameters::open(&ours, &cut), None, "{at} bytes");
        }
        for garbage in ["", "x", "=", "ü", &"A".repeat(5_000)] {
            assert_eq!(SealedParameters::open(&ours, garbage), None);
        }
    }

    #[test]
    fn a_value_is_a_kibibyte_at_most() {
        let client = client(&Clock::fixed(1_800_000_000), SECRET);
        let sealed = |length: usize| {
            let requested = Requested {
                login_hint: Some("x".repeat(length)),
                ..Requested::default()
            };
            SealedParameters {
                requested,
                ..SealedParameters::default()
            }
            .seal(&client)
        };
        let longest = (0..2_000).rev().find_map(sealed).expect("some length fits");
        assert!(longest.len() <= MAX_BYTES && longest.len() > MAX_BYTES - 8);
        assert_eq!(sealed(2_000), None);
    }
}
