//! Faults of the transport: answers that are late, endless, cut off, or not what they claim to be.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use futures_util::stream;
use http::{StatusCode, header};

use super::core::Core;
use super::faults::Fault;
use super::log::{Endpoint, RecordedRequest};
use super::{respond, routes};

/// Marks a request that has followed [`Fault::Redirect`].
const FOLLOWED: &str = "followed_redirect";

/// The answer of an endpoint with these faults: the wait, then what is sent, then how.
pub(super) async fn answer(
    core: &Core,
    endpoint: Endpoint,
    request: &RecordedRequest,
    faults: &[Fault],
) -> Response {
    for fault in faults {
        if let Fault::Slow(_, wait) = fault {
            tokio::time::sleep(*wait).await;
        }
    }
    let mut response = faults
        .iter()
        .find_map(|fault| instead(core, endpoint, request, fault))
        .unwrap_or_else(|| routes::dispatch(core, endpoint, request));
    for fault in faults {
        if let Fault::Trickle(_, pause) = fault {
            response = trickle(response, *pause).await;
        }
    }
    response
}

/// The answer that a fault gives in place of the right one.
fn instead(core: &Core, endpoint: Endpoint, request: &RecordedRequest, fault: &Fault) -> Option<Response> {
    Some(match fault {
        Fault::Status(_, status) => respond::oauth_error(
            StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "server_error",
            "a fault is set",
        ),
        Fault::Garbage(_) => json_body(Body::from("{\"not\": \"json\"")),
        Fault::Huge(_) => json_body(endless()),
        Fault::Disconnect(_) => json_body(cut_off()),
        Fault::Redirect(_) if request.query(FOLLOWED).is_none() => {
            let mut response = respond::empty(StatusCode::TEMPORARY_REDIRECT);
            let location = format!("{}?{FOLLOWED}=1", core.url(endpoint));
            respond::set(&mut response, header::LOCATION, &location);
            response
        }
        _ => return None,
    })
}

fn json_body(body: Body) -> Response {
    let mut response = Response::new(body);
    respond::set(&mut response, header::CONTENT_TYPE, "application/json");
    response
}

/// The beginning of a JSON string, and no end. It is sent as fast as it is read.
fn endless() -> Body {
    let beginning = Bytes::from_static(b"{\"padding\":\"");
    let more = Bytes::from(vec![b'x'; 16 * 1024]);
    Body::from_stream(stream::unfold(beginning, move |chunk| {
        let more = more.clone();
        async move { Some((Ok::<_, Infallible>(chunk), more)) }
    }))
}

/// A body that fails before its first byte: hyper then closes the connection with nothing sent.
fn cut_off() -> Body {
    let error = io::Error::from(io::ErrorKind::ConnectionReset);
    Body::from_stream(stream::iter([Err::<Bytes, _>(error)]))
}

/// The same answer, byte by byte.
async fn trickle(response: Response, pause: Duration) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body = Body::from_stream(stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((Ok::<_, Infallible>(rest.split_to(1)), rest))
    }));
    Response::from_parts(parts, body)
}
