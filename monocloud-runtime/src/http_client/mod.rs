//! What calls the issuer: one client for every call, the built-in one or one of your own.
//!
//! No redirect is followed, an answer has a time limit that includes its body, and a body has a
//! size limit.

mod default;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use url::{Host, Url};

pub(crate) use default::default_client;

use crate::error::Error;
use crate::event::{Event, Events};

/// Bodies of answers are read up to this many bytes.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What calls the issuer.
///
/// An implementation must not follow redirects; time limits are applied by the caller, and a body
/// over 1 MiB is refused.
pub trait HttpClient: Send + Sync + 'static {
    /// Sends one request and reads the whole answer.
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>>;
}

/// Why a call to the issuer had no answer. It never holds the request's body or headers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// No connection, or it broke.
    #[error("{0}")]
    Connection(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is over 1 MiB.
    #[error("the answer is larger than 1 MiB")]
    TooLarge,
    /// The answer took too long.
    #[error("no answer within {0:?} (MONOCLOUD_AUTH_RESPONSE_TIMEOUT)")]
    Timeout(Duration),
}

/// The client with the limits that are configured.
#[derive(Clone)]
pub(crate) struct Outgoing {
    client: Arc<dyn HttpClient>,
    timeout: Duration,
    pub(crate) events: Events,
}

impl Outgoing {
    pub(crate) fn new(client: Arc<dyn HttpClient>, timeout: Duration, events: Events) -> Self {
        Self {
            client,
            timeout,
            events,
        }
    }

    /// The most that an answer may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// `endpoint` names what is called in errors.
    pub(crate) async fn send(
        &self,
        endpoint: &'static str,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Error> {
        self.call(request).await.map_err(|error| {
            if !matches!(error, HttpError::TooLarge) {
                self.events.emit(&Event::IssuerUnreachable { endpoint });
            }
            error.at(endpoint)
        })
    }

    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        let response = tokio::time::timeout(self.timeout, self.client.call(request))
            .await
            .map_err(|_| HttpError::Timeout(self.timeout))??;
        if response.body().len() > MAX_BODY {
            return Err(HttpError::TooLarge);
        }
        Ok(response)
    }
}

impl HttpError {
    fn at(self, endpoint: &'static str) -> Error {
        match self {
            Self::TooLarge => Error::malformed(endpoint, self.to_string()),
            Self::Connection(_) | Self::Timeout(_) => Error::Unreachable {
                endpoint,
                reason: self.to_string(),
                source: Some(Arc::new(self)),
            },
        }
    }
}

/// Whether the URL's host is this machine: `localhost` or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}
