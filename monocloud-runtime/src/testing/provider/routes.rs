//! The router: which endpoint stands where, takes which methods, and what every request passes first.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::{HeaderValue, StatusCode, header};

use super::core::Core;
use super::log::Endpoint;
use super::oauth_error::OAuthError;
use super::{
    authorize, end_session, introspection, login, metadata, pages, par, recorder, revocation, token,
    transport, userinfo,
};

pub(super) fn router(core: Arc<Core>) -> Router {
    let endpoints = [
        (Endpoint::Discovery, get(metadata::discovery)),
        (Endpoint::Jwks, get(metadata::jwks)),
        (Endpoint::PushedAuthorization, post(par::answer)),
        (Endpoint::Authorize, get_or_post(authorize::answer)),
        (Endpoint::Login, post(login::answer)),
        (Endpoint::Token, post(token::answer)),
        (Endpoint::Revocation, post(revocation::answer)),
        (Endpoint::Introspection, post(introspection::answer)),
        (Endpoint::Userinfo, get_or_post(userinfo::answer)),
        (Endpoint::EndSession, get_or_post(end_session::answer)),
    ];
    let mut router = Router::new();
    for (endpoint, methods) in endpoints {
        if !core.settings.offers(endpoint) {
            continue;
        }
        let state = (Arc::clone(&core), endpoint);
        let methods = methods
            .fallback(wrong_method)
            .layer(from_fn_with_state(state.clone(), transport::misbehave))
            .layer(from_fn_with_state(state, recorder::record));
        router = router.route(&core.path_of(endpoint), methods);
    }
    router
        .fallback(nothing_here)
        .layer(from_fn_with_state(Arc::clone(&core), only_by_its_name))
        .with_state(core)
}

/// What is done with GET is not done with HEAD, which axum would call the same handler for: it would spend a code
/// or a session on an answer that nobody reads.
fn get_or_post<T: 'static>(handler: impl Handler<T, Arc<Core>>) -> MethodRouter<Arc<Core>> {
    get(handler.clone())
        .post(handler)
        .head(async || ([(header::ALLOW, "GET,POST")], wrong_method().await))
}

async fn wrong_method() -> OAuthError {
    OAuthError::invalid_request("this endpoint does not take this method")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}

async fn nothing_here() -> Response {
    let text = "The development provider has no page at this address.";
    pages::notice(StatusCode::NOT_FOUND, "Not found", text)
}

/// A page elsewhere whose name was made to point here (DNS rebinding) sends its own name.
async fn only_by_its_name(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).map(HeaderValue::as_bytes);
    if host == Some(core.authority.as_bytes()) {
        return next.run(request).await;
    }
    let text = format!("This provider answers to {} only.", core.base);
    pages::notice(StatusCode::MISDIRECTED_REQUEST, "Another host was meant", &text).into_response()
}
