//! The tokens of a session, revoked at the issuer (RFC 7009).

use crate::client::MonoCloud;
use crate::error::Error;
use crate::oidc::TokenKind;
use crate::session::TokenSet;

/// Revokes the refresh token, and without one every access token that has not expired.
pub(crate) async fn revoke(client: &MonoCloud, tokens: &TokenSet) -> Result<(), Error> {
    let issuer = client.issuer();
    let now = client.now();
    let access = tokens.access_tokens().filter(|token| !token.is_expired(now));
    let all: Vec<_> = match &tokens.refresh_token {
        Some(token) => vec![(token.as_str(), TokenKind::Refresh)],
        None => access
            .map(|token| (token.value.as_str(), TokenKind::Access))
            .collect(),
    };
    if all.is_empty() {
        return Ok(());
    }
    let metadata = issuer.metadata().await?;
    for (token, kind) in all {
        issuer.revoke(&metadata, token, kind).await?;
    }
    Ok(())
}
