//! Faults of the transport: answers that are late, endless, cut off, or not what they claim to be.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::stream;
use http::{StatusCode, header};

use super::core::Core;
use super::faults::Fault;
use super::log::Endpoint;
use super::oauth_error::OAuthError;
use super::params::Params;

/// Marks a request that has followed [`Fault::Redirect`].
const FOLLOWED: &str = "followed_redirect";

/// Answers as the faults of an endpoint say: first the wait, then what is sent, then how.
pub(super) async fn misbehave(
    State((core, endpoint)): State<(Arc<Core>, Endpoint)>,
    request: Request,
    next: Next,
) -> Response {
    let faults = core.memory().faults.of_endpoint(endpoint);
    for fault in &faults {
        if let Fault::Slow(_, wait) = fault {
            tokio::time::sleep(*wait).await;
        }
    }
    let instead = faults.iter().find_map(|fault| instead(&core, &request, fault));
    let mut response = match instead {
        Some(response) => response,
        None => next.run(request).await,
    };
    for fault in &faults {
        match fault {
            Fault::Late(_, wait) => tokio::time::sleep(*wait).await,
            Fault::LostAnswer(_) => response = claims_to_be_json(cut_off()),
            Fault::Trickle(_, pause) => response = trickle(response, *pause).await,
            _ => {}
        }
    }
    response
}

/// The answer that a fault gives in place of the right one.
fn instead(core: &Core, request: &Request, fault: &Fault) -> Option<Response> {
    Some(match fault {
        Fault::Status(_, status) => OAuthError::new("server_error", "a fault is set")
            .with_status(StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .into_response(),
        Fault::TokenError(error) | Fault::PushedAuthorizationError(error) => {
            OAuthError::new(error.clone(), "a fault is set").into_response()
        }
        Fault::Garbage(_) => claims_to_be_json(Body::from("{\"not\": \"json\"")),
        Fault::Huge(_) => claims_to_be_json(endless()),
        Fault::Disconnect(_) => claims_to_be_json(cut_off()),
        Fault::Redirect(endpoint) if !has_followed(request) => {
            let location = format!("{}?{FOLLOWED}=1", core.url(*endpoint));
            Redirect::temporary(&location).into_response()
        }
        _ => return None,
    })
}

fn has_followed(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    Params::parse(query.as_bytes()).value(FOLLOWED).is_some()
}

fn claims_to_be_json(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
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
