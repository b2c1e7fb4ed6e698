//! The one outgoing HTTP client: every call to the issuer goes through [`Outgoing`].
//!
//! No redirect is followed, an answer has a time limit that includes its body, and a body has a
//! size limit.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::Error;

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
    #[error("no answer within {0:?}")]
    Timeout(Duration),
}

/// The client with the limits that are configured.
#[derive(Clone)]
pub(crate) struct Outgoing {
    client: Arc<dyn HttpClient>,
    timeout: Duration,
}

impl Outgoing {
    pub(crate) fn new(client: Arc<dyn HttpClient>, timeout: Duration) -> Self {
        Self { client, timeout }
    }

    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        let response = tokio::time::timeout(self.timeout, self.client.call(request))
            .await
            .map_err(|_| HttpError::Timeout(self.timeout))??;
        if response.body().len() > MAX_BODY {
            return Err(HttpError::TooLarge);
        }
        Ok(response)
    }

    /// GETs a JSON document. `endpoint` names it in errors.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        endpoint: &'static str,
        url: &str,
        bearer: Option<&str>,
    ) -> Result<T, Error> {
        let mut request = Request::get(url).header(http::header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request
            .body(Vec::new())
            .map_err(|error| Error::malformed(endpoint, error.to_string()))?;
        let response = self.send(request).await.map_err(|error| error.at(endpoint))?;
        match response.status() {
            StatusCode::OK => serde_json::from_slice(response.body()).map_err(|error| {
                Error::malformed(
                    endpoint,
                    format!(
                        "not the JSON that it should be (line {}, column {})",
                        error.line(),
                        error.column()
                    ),
                )
            }),
            status if is_away(status) => Err(Error::unreachable(endpoint, format!("it answered {status}"))),
            status => Err(Error::Endpoint {
                endpoint,
                error: status.to_string(),
            }),
        }
    }
}

/// Whether a status says that the service cannot answer now, and not what is wrong with the call.
pub(crate) fn is_away(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

impl HttpError {
    pub(crate) fn at(self, endpoint: &'static str) -> Error {
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

/// `reqwest` with rustls and the platform's certificates (`SSL_CERT_FILE` works).
pub(crate) fn default_client() -> Arc<dyn HttpClient> {
    Arc::new(Reqwest::default())
}

/// Made at the first call, so that an application starts even where no certificates are found.
#[derive(Default)]
struct Reqwest(OnceLock<reqwest::Client>);

impl Reqwest {
    fn client(&self) -> Result<&reqwest::Client, HttpError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("monocloud-runtime/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(connection)?;
        Ok(self.0.get_or_init(|| client))
    }
}

impl HttpClient for Reqwest {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(connection)?;
            let mut response = self.client()?.execute(request).await.map_err(connection)?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(connection)? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err(HttpError::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            let mut answer = Response::new(body);
            *answer.status_mut() = response.status();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            Ok(answer)
        })
    }
}

/// Without the URL, since an issuer could put anything into one.
fn connection(error: reqwest::Error) -> HttpError {
    HttpError::Connection(Box::new(error.without_url()))
}
