//! What was asked of the provider, so that a test can see what a relying party sent.

use std::collections::HashMap;
use std::fmt;

use http::{HeaderMap, Method};

use super::params::Params;

/// An endpoint of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`.
    Discovery,
    /// The signing keys. Their path differs from one provider to the next.
    Jwks,
    /// Where authorization requests are pushed (RFC 9126).
    PushedAuthorization,
    /// The authorization endpoint.
    Authorize,
    /// Where the login page sends its form.
    Login,
    /// The token endpoint.
    Token,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// The introspection endpoint (RFC 7662).
    Introspection,
    /// The userinfo endpoint.
    Userinfo,
    /// The end-session endpoint, its confirmation included.
    EndSession,
}

/// One request as it reached the provider.
#[derive(Clone)]
pub struct RecordedRequest {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) query: Params,
    pub(super) form: Params,
}

impl RecordedRequest {
    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value of a header, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The value of a query parameter, when it is there and not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.value(name)
    }

    /// The value of a form field, when it is there and not empty.
    pub fn form(&self, name: &str) -> Option<&str> {
        self.form.value(name)
    }

    /// All query parameters in their order.
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query.0
    }

    /// All form fields in their order.
    pub fn form_pairs(&self) -> &[(String, String)] {
        &self.form.0
    }
}

/// Shows names only: values hold codes, secrets and tokens.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            |params: &Params| -> Vec<String> { params.0.iter().map(|(name, _)| name.clone()).collect() };
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("query", &names(&self.query))
            .field("form", &names(&self.form))
            .finish()
    }
}

/// Counts, and the last request of each endpoint.
#[derive(Default)]
pub(super) struct Log(HashMap<Endpoint, (usize, RecordedRequest)>);

impl Log {
    pub(super) fn record(&mut self, endpoint: Endpoint, request: RecordedRequest) {
        let count = self.calls(endpoint) + 1;
        self.0.insert(endpoint, (count, request));
    }

    pub(super) fn calls(&self, endpoint: Endpoint) -> usize {
        self.0.get(&endpoint).map_or(0, |(count, _)| *count)
    }

    pub(super) fn last(&self, endpoint: Endpoint) -> Option<RecordedRequest> {
        self.0.get(&endpoint).map(|(_, request)| request.clone())
    }
}
