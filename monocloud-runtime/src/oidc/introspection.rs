//! Token introspection (RFC 7662), answered as JSON or as a signed JWT (RFC 9701).
//!
//! The issuer's word alone is not enough: whom the token is for and when it ends are checked here as well.

use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::access_token::{Times, Unfit, check};
use super::endpoint::{self, Call};
use super::error_response::Sent;
use super::token_issuer::TokenIssuer;
use super::token_metadata::TokenMetadata;
use super::{claims, keys};
use crate::error::Error;
use crate::jose::{Algorithm, Jws, JwsError};
use crate::json;

const ENDPOINT: &str = "the introspection endpoint";

/// The type of signed answers (RFC 9701 §5).
const TYPE: &str = "token-introspection+jwt";

/// Each may be there once, since everybody would read another one.
const DECIDING: &[&str] = &[
    "active",
    "aud",
    "client_id",
    "cnf",
    "exp",
    "iss",
    "nbf",
    "scope",
    "sub",
    "token_type",
];

/// In seconds. A signed answer is read as soon as it was made.
const AT_ONCE: i64 = 60;

/// What a token without a place to ask at is refused for.
const NOWHERE: &str = "it is opaque, and the issuer's metadata has no `introspection_endpoint` to ask at";

/// A token that the issuer says is active.
pub(crate) struct Introspected {
    pub(crate) claims: Map<String, Value>,
    pub(crate) times: Times,
}

impl TokenIssuer {
    /// What the issuer says about a token.
    ///
    /// Where the issuer does not introspect, no opaque token can be good; but where it must be asked (`is_jwt`), that
    /// is for the operator to mend.
    pub(crate) async fn introspect(&self, token: &str, is_jwt: bool) -> Result<Introspected, Unfit> {
        let Some(client_auth) = &self.client_auth else {
            return Err(Unfit::invalid(
                "it is opaque, and there is no client to introspect it with (MONOCLOUD_BACKEND_CLIENT_ID, \
                 MONOCLOUD_BACKEND_CLIENT_SECRET)",
            ));
        };
        let metadata = self.metadata().await.map_err(Unfit::Failed)?;
        let malformed = |reason: &str| {
            Unfit::Failed(Error::malformed(
                "the metadata of the access tokens' issuer",
                reason,
            ))
        };
        let url = match &metadata.introspection_endpoint {
            Ok(Some(url)) => url,
            Ok(None) if is_jwt => return Err(malformed("`introspection_endpoint` is missing")),
            Ok(None) => return Err(Unfit::invalid(NOWHERE)),
            Err(reason) => return Err(malformed(reason)),
        };
        let call = Call {
            endpoint: ENDPOINT,
            url,
            form: vec![
                ("token", token.into()),
                ("token_type_hint", "access_token".into()),
            ],
            accept: "application/json, application/token-introspection+jwt",
            success: &[StatusCode::OK],
            main: Some("active"),
        };
        let (response, sent) = endpoint::response(&self.http, client_auth, &metadata.client_auth, call)
            .await
            .map_err(|error| Unfit::Failed(refusal(error)))?;
        let answer = self
            .answer(&metadata, &response, &sent)
            .await
            .map_err(Unfit::Failed)?;
        self.check_answer(&metadata, answer)
    }

    async fn answer(
        &self,
        metadata: &TokenMetadata,
        response: &Response<Vec<u8>>,
        sent: &Sent<'_>,
    ) -> Result<Map<String, Value>, Error> {
        if !is_signed(response) {
            let answer = endpoint::members(ENDPOINT, response, "active", sent)?;
            json::object_with_unique(response.body(), |name| DECIDING.contains(&name)).map_err(malformed)?;
            return Ok(answer);
        }
        let refused = |error: &JwsError| malformed(error.to_string());
        let text = std::str::from_utf8(json::without_bom(response.body())).unwrap_or_default();
        let token =
            Jws::read(text.trim(), &Algorithm::ALL, &[TYPE], false).map_err(|error| refused(&error))?;
        let mut answer = keys::verify(&self.keys, token, refused).await?;
        self.check_signed(metadata, &answer).map_err(malformed)?;
        match answer.remove("token_introspection") {
            Some(Value::Object(members)) => Ok(members),
            Some(other) => Err(malformed(json::mistyped(
                "token_introspection",
                &other,
                "an object",
            ))),
            None => Err(malformed(json::missing("token_introspection"))),
        }
    }

    /// RFC 9701 §5: it is this issuer's, and for this API or for the client that asks for it.
    fn check_signed(&self, metadata: &TokenMetadata, answer: &Map<String, Value>) -> Result<(), String> {
        if json::required_text(answer, "iss")? != metadata.issuer {
            return Err("`iss` is another issuer".to_owned());
        }
        let client_id = self.api.client.as_ref().map(|client| client.id.as_str());
        let is_meant = |audience: &&str| *audience == self.audience || Some(*audience) == client_id;
        if !claims::audiences(answer)?.iter().any(is_meant) {
            return Err("`aud` names neither this API nor its client".to_owned());
        }
        let (now, tolerance) = (self.api.clock.now(), self.api.clock_tolerance);
        let issued_at = claims::required_time(answer, "iat")?;
        if issued_at > now.saturating_add(tolerance) {
            return Err("`iat` is in the future".to_owned());
        }
        // It was made for this call, and another one's says nothing about this token.
        if issued_at < now.saturating_sub(tolerance).saturating_sub(AT_ONCE) {
            return Err("`iat` is too long ago for an answer to this call".to_owned());
        }
        match claims::time(answer, "exp")? {
            Some(expiry) if expiry <= now.saturating_sub(tolerance) => {
                Err("it has expired (`exp`)".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check_answer(
        &self,
        metadata: &TokenMetadata,
        answer: Map<String, Value>,
    ) -> Result<Introspected, Unfit> {
        match json::member(&answer, "active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(Unfit::invalid("the issuer says that it is not active")),
            Some(other) => {
                let reason = json::mistyped("active", other, "true or false");
                return Err(Unfit::Failed(malformed(reason)));
            }
            None => return Err(Unfit::Failed(malformed(json::missing("active")))),
        }
        let checked = || {
            if json::text(&answer, "iss")?.is_some_and(|iss| iss != metadata.issuer) {
                return Err("`iss` is another issuer".to_owned());
            }
            // RFC 6749 §7.1: how it may be used, and refresh tokens are introspected as well.
            let is_bearer = |kind: &str| {
                ["bearer", "access_token"]
                    .iter()
                    .any(|known| kind.eq_ignore_ascii_case(known))
            };
            if json::text(&answer, "token_type")?.is_some_and(|kind| !is_bearer(kind)) {
                return Err("it is no bearer's access token (`token_type`)".to_owned());
            }
            check(&answer, &self.api, &self.audience)
        };
        let times = checked().map_err(Unfit::Invalid)?;
        Ok(Introspected {
            claims: answer,
            times,
        })
    }
}

/// By its type, or by how every JWT begins: not every client passes headers on.
fn is_signed(response: &Response<Vec<u8>>) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    kind.eq_ignore_ascii_case("application/token-introspection+jwt") || response.body().starts_with(b"eyJ")
}

/// Whether it may ask is between the issuer and the settings, and not the issuer's mistake.
fn refusal(error: Error) -> Error {
    match error {
        Error::Endpoint { response, .. } => Error::IntrospectionRefused(response),
        other => other,
    }
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::malformed(ENDPOINT, reason)
}
