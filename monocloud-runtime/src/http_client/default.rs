//! `reqwest` with rustls and the platform's certificates (`SSL_CERT_FILE` works).

use std::sync::{Arc, OnceLock};

use http::{Request, Response};

use super::{BoxFuture, HttpClient, HttpError, MAX_BODY, is_loopback};

pub(crate) fn default_client() -> Arc<dyn HttpClient> {
    Arc::new(Reqwest::default())
}

/// Each is made at its first call, so that an application starts even where no certificates are
/// found.
#[derive(Default)]
struct Reqwest {
    /// With the proxies of the environment.
    remote: OnceLock<reqwest::Client>,
    /// Without: no proxy can reach this machine's own loopback, and browsers do not ask one either.
    loopback: OnceLock<reqwest::Client>,
}

impl Reqwest {
    fn client(&self, is_loopback: bool) -> Result<&reqwest::Client, HttpError> {
        let slot = if is_loopback { &self.loopback } else { &self.remote };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("monocloud-runtime/", env!("CARGO_PKG_VERSION")));
        if is_loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(connection)?;
        Ok(slot.get_or_init(|| client))
    }
}

impl HttpClient for Reqwest {
    fn call(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Result<Response<Vec<u8>>, HttpError>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(connection)?;
            let client = self.client(is_loopback(request.url()))?;
            let mut response = client.execute(request).await.map_err(connection)?;
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
