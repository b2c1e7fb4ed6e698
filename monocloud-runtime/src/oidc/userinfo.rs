//! Userinfo (OIDC Core 5.3).

use serde_json::{Map, Value};

use super::issuer::Issuer;
use crate::crypto;
use crate::error::Error;

impl Issuer {
    /// The claims of the access token's owner, who must be `subject` (OIDC Core 5.3.2).
    ///
    /// `None` when the issuer has no userinfo endpoint.
    pub(crate) async fn user_info(
        &self,
        access_token: &str,
        subject: &str,
    ) -> Result<Option<Map<String, Value>>, Error> {
        let metadata = self.metadata().await?;
        let Some(endpoint) = &metadata.userinfo_endpoint else {
            return Ok(None);
        };
        let claims: Map<String, Value> = self
            .http
            .get_json("the userinfo endpoint", endpoint.as_str(), Some(access_token))
            .await?;
        match claims.get("sub").and_then(Value::as_str) {
            Some(found) if crypto::equal(found, subject) => Ok(Some(claims)),
            _ => Err(Error::UserInfoSubject),
        }
    }
}
