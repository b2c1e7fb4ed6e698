//! Token revocation (RFC 7009).

use http::StatusCode;

use super::endpoint::{self, Call};
use super::issuer::Issuer;
use super::metadata::Metadata;
use crate::error::Error;

const ENDPOINT: &str = "the revocation endpoint";

/// What is revoked (RFC 7009 §2.1, `token_type_hint`).
#[derive(Clone, Copy)]
pub(crate) enum TokenKind {
    /// With it goes, at most issuers, every access token that came of the same sign-in.
    Refresh,
    Access,
}

impl Issuer {
    /// A token that the issuer does not know counts as revoked (RFC 7009 §2.2).
    pub(crate) async fn revoke(
        &self,
        metadata: &Metadata,
        token: &str,
        kind: TokenKind,
    ) -> Result<(), Error> {
        let Some(url) = &metadata.revocation_endpoint else {
            let reason = "`revocation_endpoint` is missing";
            return Err(Error::malformed("the issuer's metadata", reason));
        };
        let hint = match kind {
            TokenKind::Refresh => "refresh_token",
            TokenKind::Access => "access_token",
        };
        let call = Call {
            endpoint: ENDPOINT,
            url,
            form: vec![("token", token.into()), ("token_type_hint", hint.into())],
            // RFC 7009 §2.2 has 200, and some answer without a body.
            accept: endpoint::JSON,
            success: &[StatusCode::OK, StatusCode::NO_CONTENT],
            main: None,
        };
        endpoint::post(&self.http, &self.client_auth, &metadata.client_auth, call)
            .await
            .map(drop)
    }
}
