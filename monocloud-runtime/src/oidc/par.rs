//! Pushed authorization requests (RFC 9126): the parameters go to the issuer from here, and the browser carries a
//! reference to them.

use std::borrow::Cow;

use http::StatusCode;
use url::Url;

use super::authorization_request::AuthorizationRequest;
use super::endpoint::{self, Call};
use super::issuer::Issuer;
use super::metadata::{Metadata, PushedAuthorization};
use crate::error::Error;
use crate::json;

const ENDPOINT: &str = "the pushed authorization request endpoint";

impl Issuer {
    /// Where to send the browser. A request that is to be pushed is never sent with it instead: whoever could make
    /// the endpoint fail would decide what the browser carries.
    pub(crate) async fn authorization_url(
        &self,
        metadata: &Metadata,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Url, Error> {
        match &metadata.pushed_authorization {
            PushedAuthorization::No => request.url(metadata),
            PushedAuthorization::To(endpoint) => {
                let request_uri = self.push(metadata, endpoint, request).await?;
                let mut url = metadata.authorization_endpoint.clone();
                url.query_pairs_mut()
                    .append_pair("client_id", request.client_id)
                    .append_pair("request_uri", &request_uri);
                Ok(url)
            }
            PushedAuthorization::Nowhere => Err(Error::malformed(
                "the issuer's metadata",
                "sign-ins are to be pushed (MONOCLOUD_AUTH_USE_PAR, or the issuer's \
                 `require_pushed_authorization_requests`), and `pushed_authorization_request_endpoint` is missing",
            )),
        }
    }

    /// RFC 9126 §2.
    async fn push(
        &self,
        metadata: &Metadata,
        endpoint: &Url,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String, Error> {
        let parameters = request.parameters(metadata)?;
        let call = Call {
            endpoint: ENDPOINT,
            url: endpoint,
            form: parameters
                .iter()
                .map(|(name, value)| (name.as_str(), Cow::from(value)))
                .collect(),
            // RFC 9126 §2.2 has 201, and some answer 200.
            accept: endpoint::JSON,
            success: &[StatusCode::CREATED, StatusCode::OK],
            main: Some("request_uri"),
        };
        let answer = endpoint::post(&self.http, &self.client_auth, &metadata.client_auth, call).await?;
        match json::required_text(&answer, "request_uri") {
            Ok(request_uri) if !request_uri.trim().is_empty() => Ok(request_uri.to_owned()),
            Ok(_) => Err(Error::malformed(ENDPOINT, "`request_uri` is empty")),
            Err(reason) => Err(Error::malformed(ENDPOINT, reason)),
        }
    }
}
