//! Userinfo (OIDC Core 5.3), as JSON or as a signed JWT.

use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::error_response::Sent;
use super::issuer::Issuer;
use super::metadata::Metadata;
use super::{claims, endpoint, keys};
use crate::crypto;
use crate::error::Error;
use crate::jose::{Algorithm, Jws, JwsError};
use crate::json;

const ENDPOINT: &str = "the userinfo endpoint";

impl Issuer {
    /// The claims of the access token's owner, who must be `subject` (OIDC Core 5.3.2).
    ///
    /// `None` when the issuer has no userinfo endpoint; [`Error::AccessTokenRefused`] when the
    /// endpoint does not take the access token, or no longer.
    pub(crate) async fn user_info(
        &self,
        access_token: &str,
        subject: &str,
    ) -> Result<Option<Map<String, Value>>, Error> {
        let metadata = self.metadata().await?;
        let Some(url) = &metadata.userinfo_endpoint else {
            return Ok(None);
        };
        let accept = "application/json, application/jwt";
        let response = endpoint::get_with_token(&self.http, ENDPOINT, url, accept, access_token)
            .await
            .map_err(access_token_refused)?;
        let claims = if is_jwt(&response) {
            self.signed(&metadata, &response).await?
        } else {
            endpoint::members(
                ENDPOINT,
                &response,
                "sub",
                &Sent::from_iter([access_token.into()]),
            )?
        };
        let found = json::required_text(&claims, "sub").map_err(malformed)?;
        if crypto::equal(found, subject) {
            Ok(Some(claims))
        } else {
            Err(Error::UserInfoSubject)
        }
    }

    /// A signed response names the issuer, and this client among its audiences (OIDC Core 5.3.2).
    async fn signed(
        &self,
        metadata: &Metadata,
        response: &Response<Vec<u8>>,
    ) -> Result<Map<String, Value>, Error> {
        let refused = |error: &JwsError| malformed(words(error));
        let text = std::str::from_utf8(json::without_bom(response.body())).unwrap_or_default();
        // Which algorithm the client is registered with is no setting, so any that proves something will do.
        let token =
            Jws::read(text.trim(), &Algorithm::ALL, &["jwt"], true).map_err(|error| refused(&error))?;
        let claims = keys::verify(&self.keys, token, refused).await?;
        self.check_signed(metadata, &claims).map_err(malformed)?;
        Ok(claims)
    }

    fn check_signed(&self, metadata: &Metadata, claims: &Map<String, Value>) -> Result<(), String> {
        let settings = &self.settings;
        if json::required_text(claims, "iss")? != metadata.issuer.as_str() {
            return Err("`iss` is another issuer".to_owned());
        }
        if !claims::audiences(claims)?.contains(&settings.issuer.client_id.as_str()) {
            return Err("`aud` does not name this client".to_owned());
        }
        let earliest = settings
            .clock
            .now()
            .saturating_sub(settings.tokens.clock_tolerance);
        match claims::time(claims, "exp")? {
            Some(expiry) if expiry <= earliest => Err("it has expired (`exp`)".to_owned()),
            _ => Ok(()),
        }
    }
}

/// By its type, or by how every JWT begins: not every client passes headers on.
fn is_jwt(response: &Response<Vec<u8>>) -> bool {
    let is_typed = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/jwt"));
    is_typed || response.body().starts_with(b"eyJ")
}

fn access_token_refused(error: Error) -> Error {
    match error {
        Error::Endpoint {
            status: StatusCode::UNAUTHORIZED,
            response,
            ..
        } => Error::AccessTokenRefused(response),
        other => other,
    }
}

fn words(error: &JwsError) -> String {
    match error {
        JwsError::Encrypted => {
            format!(
                "{error}; ask the issuer for signed or plain userinfo, or set MONOCLOUD_AUTH_USER_INFO=false"
            )
        }
        _ => error.to_string(),
    }
}

fn malformed(reason: String) -> Error {
    Error::malformed(ENDPOINT, reason)
}
