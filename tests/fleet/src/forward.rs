//! A request, sent on as it came.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use reqwest::Client;
use reqwest::redirect::Policy;
use support::Served;

/// More than any test sends.
const MOST: usize = 16 * 1024 * 1024;

pub(crate) fn client() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .expect("an HTTP client")
}

/// What stands between those who ask and those who are asked.
pub(crate) trait Between: Send + Sync + 'static {
    fn answer(&self, parts: Parts, body: Bytes) -> impl Future<Output = Response<Bytes>> + Send;
}

/// Has each request answered, once all of it is there.
pub(crate) async fn serve(between: &Arc<impl Between>) -> Served {
    let between = Arc::clone(between);
    let app = Router::new().fallback(async move |request: Request<Body>| {
        let (parts, body) = request.into_parts();
        // Who breaks off has sent nothing.
        let body = axum::body::to_bytes(body, MOST).await.unwrap_or_default();
        between.answer(parts, body).await.map(Body::from)
    });
    support::serve(app).await
}

/// With the host that was asked for, so that nobody notices.
pub(crate) async fn forward(
    client: &Client,
    to: &str,
    parts: &Parts,
    body: Bytes,
) -> Result<Response<Bytes>, reqwest::Error> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let answer = client
        .request(parts.method.clone(), format!("{to}{path}"))
        .headers(of_the_message(&parts.headers))
        .body(body)
        .send()
        .await?;
    let (status, headers) = (answer.status(), of_the_message(answer.headers()));
    let mut forwarded = Response::new(answer.bytes().await?);
    *forwarded.status_mut() = status;
    *forwarded.headers_mut() = headers;
    Ok(forwarded)
}

pub(crate) fn bad_gateway() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(b"nobody is there"));
    *answer.status_mut() = StatusCode::BAD_GATEWAY;
    answer
}

/// Without those of the connection (RFC 9110 7.6.1).
fn of_the_message(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}
