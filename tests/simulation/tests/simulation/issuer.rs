//! The issuer: small and strict. Codes are used once and with their PKCE verifier, refresh tokens rotate, and one that
//! comes back ends the family of all tokens of that sign-in (RFC 9700 4.14.2).

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use monocloud_runtime::testing::Clock;
use serde_json::{Value, json};
use url::Url;

use crate::plan::Fault;
use crate::token::{Name, signed};
use crate::trouble::By;

pub(crate) const ISSUER: &str = "https://issuer.example.com";
pub(crate) const CLIENT: &str = "app";
pub(crate) const CLIENT_SECRET: &str = "the secret of the client at the issuer";

/// Why a request for tokens is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The refresh token was used before, so its family is ended now.
    Reused,
    /// The family has ended.
    Ended,
    /// The client has ended the family itself.
    Revoked,
    /// What else is wrong, which no client of this kind should do.
    Wrong,
}

pub(crate) struct Issuer {
    clock: Clock,
    lifetime: u32,
    large: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    codes: Vec<Option<Code>>,
    families: Vec<Family>,
}

struct Code {
    sub: &'static str,
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

/// What came of one sign-in.
struct Family {
    sub: &'static str,
    nonce: String,
    auth_time: i64,
    /// Of the refresh token that is good.
    newest: u32,
    /// How often there were tokens.
    issued: u32,
    ended: Option<Refusal>,
}

impl Issuer {
    pub(crate) fn new(clock: Clock, lifetime: u32, large: bool) -> Self {
        Self {
            clock,
            lifetime,
            large,
            state: Mutex::default(),
        }
    }

    /// Somebody signs in at the authorization endpoint. Returns path and query of the callback.
    pub(crate) fn authorize(&self, location: &str, sub: &'static str) -> Option<String> {
        let url = Url::parse(location).ok()?;
        let parameter = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let code = Code {
            sub,
            nonce: parameter("nonce")?,
            challenge: parameter("code_challenge")?,
            redirect_uri: parameter("redirect_uri")?,
        };
        let mut callback = Url::parse(&code.redirect_uri).ok()?;
        let mut state = self.state();
        state.codes.push(Some(code));
        callback
            .query_pairs_mut()
            .append_pair("code", &format!("code.{}", state.codes.len() - 1))
            .append_pair("state", &parameter("state")?)
            .append_pair("iss", ISSUER);
        Some(callback[url::Position::BeforePath..].to_owned())
    }

    /// Exchanges a code. Also tells which session began, and whose.
    pub(crate) fn exchange(&self, form: &[(String, String)]) -> Result<(Value, u32, &'static str), Refusal> {
        let number = of(form, "code").and_then(|code| code.strip_prefix("code.")?.parse::<usize>().ok());
        let mut state = self.state();
        let code = number.and_then(|number| state.codes.get_mut(number)?.take());
        let code = code.ok_or(Refusal::Wrong)?;
        let verifier = of(form, "code_verifier").unwrap_or_default();
        let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
        if code.challenge != URL_SAFE_NO_PAD.encode(challenge)
            || of(form, "redirect_uri") != Some(&code.redirect_uri)
        {
            return Err(Refusal::Wrong);
        }
        let sub = code.sub;
        state.families.push(Family {
            sub,
            nonce: code.nonce,
            auth_time: self.clock.now(),
            newest: 0,
            issued: 0,
            ended: None,
        });
        let session = u32::try_from(state.families.len() - 1).expect("few sessions");
        let family = &state.families[session as usize];
        let nonce = Some(family.nonce.as_str());
        Ok((self.tokens(session, family, form, nonce, sub), session, sub))
    }

    /// Exchanges a refresh token, and answers as the fault says.
    pub(crate) fn refresh(&self, form: &[(String, String)], fault: Fault) -> Result<Value, Refusal> {
        let name = of(form, "refresh_token").and_then(Name::of_refresh_token);
        let mut state = self.state();
        let found = name.and_then(|name| Some((name, state.families.get_mut(name.session as usize)?)));
        let (name, family) = found.ok_or(Refusal::Wrong)?;
        if fault == Fault::Withdrawn {
            family.ended.get_or_insert(Refusal::Ended);
        }
        if let Some(ended) = family.ended {
            return Err(ended);
        }
        if name.number != family.newest {
            family.ended = Some(Refusal::Ended);
            return Err(Refusal::Reused);
        }
        family.issued += 1;
        if fault != Fault::SameRefreshToken {
            family.newest = family.issued;
        }
        let sub = if fault == Fault::OtherSubject {
            "somebody-else"
        } else {
            family.sub
        };
        let nonce = match fault {
            Fault::OtherNonce => Some("another nonce"),
            Fault::SameNonce => Some(family.nonce.as_str()),
            _ => None,
        };
        let mut tokens = self.tokens(name.session, family, form, nonce, sub);
        let members = tokens.as_object_mut().expect("an object");
        match fault {
            Fault::NoIdToken => drop(members.remove("id_token")),
            Fault::SameRefreshToken => drop(members.remove("refresh_token")),
            _ => {}
        }
        Ok(tokens)
    }

    /// Ends all that came of a sign-in (RFC 7009).
    pub(crate) fn revoke(&self, form: &[(String, String)]) {
        let token = of(form, "token").unwrap_or_default();
        let access = || Name::of_access_token(token).map(|(name, _)| name);
        let name = Name::of_refresh_token(token).or_else(access);
        let mut state = self.state();
        let family = name.and_then(|name| state.families.get_mut(name.session as usize));
        if let Some(family) = family {
            family.ended.get_or_insert(Refusal::Revoked);
        }
    }

    /// The newest sign-in.
    pub(crate) fn newest(&self) -> Option<u32> {
        u32::try_from(self.state().families.len()).ok()?.checked_sub(1)
    }

    /// Says that a session is over, or all of its account (OIDC Back-Channel Logout 1.0 §2.4). Also tells whose.
    pub(crate) fn logout_token(&self, session: u32, by: By, jti: &str) -> (String, &'static str) {
        let (now, sub) = (self.clock.now(), self.state().families[session as usize].sub);
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 1_200, "jti": jti,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        if by != By::Sub {
            claims["sid"] = format!("s{session}").into();
        }
        if !matches!(by, By::Sid { and_sub: false }) {
            claims["sub"] = sub.into();
        }
        (signed(&claims), sub)
    }

    /// What userinfo tells whoever has this access token.
    pub(crate) fn user_info(&self, access_token: &str) -> Option<Value> {
        let (name, _) = Name::of_access_token(access_token)?;
        let state = self.state();
        let family = state.families.get(name.session as usize)?;
        let claims = || json!({"sub": family.sub, "name": format!("{} {}", family.sub, family.newest)});
        family.ended.is_none().then(claims)
    }

    fn tokens(
        &self,
        session: u32,
        family: &Family,
        form: &[(String, String)],
        nonce: Option<&str>,
        sub: &str,
    ) -> Value {
        let now = self.clock.now();
        let name = |number| Name { session, number };
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "sub": sub, "sid": format!("s{session}"),
            "iat": now, "exp": now + 3_600, "auth_time": family.auth_time,
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        // Without one it is the default token.
        let resource = of(form, "resource").unwrap_or_default();
        json!({
            "token_type": "Bearer",
            "access_token": name(family.issued).access_token(resource, self.large),
            "expires_in": self.lifetime,
            "refresh_token": name(family.newest).refresh_token(),
            "id_token": signed(&claims),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A parameter of a form.
pub(crate) fn of<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}
