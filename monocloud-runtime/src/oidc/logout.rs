//! RP-initiated logout (OIDC RP-Initiated Logout 1.0 §2).

use url::Url;

use super::metadata::Metadata;
use crate::config::sign_out::LogoutUrl;

pub(crate) struct LogoutRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) post_logout_redirect_uri: &'a str,
    pub(crate) state: &'a str,
    pub(crate) id_token_hint: Option<&'a str>,
    /// Sent where there is no ID token to hint with.
    pub(crate) logout_hint: Option<&'a str>,
}

impl LogoutRequest<'_> {
    /// Where to send the browser: to the issuer's end-session endpoint, else to the logout page that
    /// is configured, if there is one.
    pub(crate) fn url(&self, metadata: &Metadata, logout_page: Option<&LogoutUrl>) -> Option<Url> {
        let Some(mut url) = metadata.end_session_endpoint.clone() else {
            return Some(logout_page?.to(self.client_id, self.post_logout_redirect_uri));
        };
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", self.client_id)
                .append_pair("post_logout_redirect_uri", self.post_logout_redirect_uri)
                .append_pair("state", self.state);
            if let Some(id_token) = self.id_token_hint {
                query.append_pair("id_token_hint", id_token);
            } else if let Some(hint) = self.logout_hint {
                query.append_pair("logout_hint", hint);
            }
        }
        Some(url)
    }
}
