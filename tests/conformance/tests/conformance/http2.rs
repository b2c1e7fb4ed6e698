//! The provider speaks HTTP/1 only. This puts HTTP/2 in front of it, and brings a client that speaks it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use monocloud_runtime::http_client::{BoxFuture, HttpClient, HttpError};
use support::serve;

const MEANT: &str = "x-meant";

/// Sends every call over HTTP/2, without TLS, by way of a server that passes it on.
#[derive(Clone)]
pub(crate) struct Http2Front {
    client: reqwest::Client,
    url: String,
}

impl Http2Front {
    pub(crate) async fn start() -> Self {
        let served = serve(Router::new().fallback(pass_on)).await;
        let url = served.url.replace("localhost", "127.0.0.1");
        // It serves as long as the test's runtime lives.
        std::mem::forget(served);
        let client = reqwest::Client::builder().http2_prior_knowledge().build();
        Self {
            client: client.unwrap(),
            url,
        }
    }
}

impl HttpClient for Http2Front {
    fn call(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, HttpError>> {
        let request = reqwest::Request::try_from(request).unwrap();
        let call = self
            .client
            .request(request.method().clone(), &self.url)
            .headers(request.headers().clone())
            .header(MEANT, request.url().as_str())
            .body(
                request
                    .body()
                    .and_then(reqwest::Body::as_bytes)
                    .unwrap_or_default()
                    .to_vec(),
            );
        Box::pin(async move {
            let response = call.send().await;
            let response = response.map_err(|error| HttpError::Connection(error.into()))?;
            assert_eq!(response.version(), http::Version::HTTP_2);
            let status = response.status();
            let mut answer = http::Response::new(response.bytes().await.unwrap().to_vec());
            *answer.status_mut() = status;
            Ok(answer)
        })
    }
}

async fn pass_on(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let meant = parts.headers[MEANT].to_str().unwrap();
    let mut call = reqwest::Client::new()
        .request(parts.method, meant)
        .body(to_bytes(body, usize::MAX).await.unwrap());
    for name in ["authorization", "content-type", "accept"] {
        if let Some(value) = parts.headers.get(name) {
            call = call.header(name, value);
        }
    }
    let response = call.send().await.unwrap();
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = response.status();
    *answer.body_mut() = Body::from(response.bytes().await.unwrap());
    answer
}
