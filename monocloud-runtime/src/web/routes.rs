//! The routes of a relying party in a router.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::Method;
use http::header::{CACHE_CONTROL, HeaderValue};

use super::guard::{DeniedFuture, denied};
use super::layer::request_auth;
use super::original_uri::head;
use super::respond::served;
use crate::client::MonoCloud;
use crate::respond::Failure;
use crate::routes::{ROUTES, Received, Route, boxed, resource_metadata};

/// An application's own answer to an error of a route.
type ErrorHandler = Arc<dyn Fn(Failure) -> DeniedFuture + Send + Sync>;

/// Sign-in, callback, userinfo, sign-out and the logout that the issuer begins, at their configured paths.
pub fn routes<S: Clone + Send + Sync + 'static>(client: &MonoCloud) -> Router<S> {
    mount(client, None)
}

/// The same, with an answer of the application's own to errors.
pub fn routes_with_on_error<S, F, A>(client: &MonoCloud, on_error: F) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    F: Fn(Failure) -> A + Send + Sync + 'static,
    A: Future<Output: IntoResponse> + Send + 'static,
{
    let on_error: ErrorHandler = Arc::new(move |failure| denied(on_error(failure)));
    mount(client, Some(&on_error))
}

fn mount<S: Clone + Send + Sync + 'static>(client: &MonoCloud, on_error: Option<&ErrorHandler>) -> Router<S> {
    ROUTES
        .into_iter()
        .fold(Router::new(), |router, route| {
            let on_error = on_error.cloned();
            router.route(
                route.path(client),
                any(move |request| answer(request, route, on_error)),
            )
        })
        .merge(described(client))
        // Of no effect inside the application's own layer, and enough outside of it.
        .layer(client.layer())
}

/// What the API says of itself, where it takes access tokens.
fn described<S: Clone + Send + Sync + 'static>(client: &MonoCloud) -> Router<S> {
    resource_metadata::paths(client)
        .into_iter()
        .fold(Router::new(), |router, path| {
            let client = client.clone();
            let answer =
                async move |method: Method| served(resource_metadata::answer(&client, &method).await);
            router.route(&path, any(answer))
        })
}

async fn answer(request: Request, route: &'static Route, on_error: Option<ErrorHandler>) -> Response {
    let (parts, body) = request.into_parts();
    let auth = match request_auth(&parts) {
        Ok(auth) => auth.clone(),
        Err(error) => return error.into_response(),
    };
    let page = head(&parts).page();
    let received = Received {
        parts,
        page,
        body: boxed(body),
    };
    let failure = match route.answer(auth, received).await {
        Ok(answer) => return served(answer),
        Err(failure) => failure,
    };
    let mut response = match on_error {
        Some(on_error) => on_error(failure).await,
        None => failure.into_response(),
    };
    let private = HeaderValue::from_static("private, no-store");
    response.headers_mut().entry(CACHE_CONTROL).or_insert(private);
    response
}
