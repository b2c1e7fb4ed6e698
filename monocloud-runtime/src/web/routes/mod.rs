//! The routes of a relying party: sign-in, callback, userinfo, sign-out.
//!
//! Each is a function from the request to a response or an [`Error`]; what becomes of an error, how
//! long an answer may take and which methods there are is decided here, once.

mod callback;
mod form;
mod sign_in;
mod sign_out;
mod user_info;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::header::{ALLOW, CACHE_CONTROL, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};
use tracing::Instrument as _;

use super::guard::DeniedFuture;
use super::layer::request_auth;
use super::log::passed_over;
use super::original_uri::original_uri;
use super::respond::{Failure, json_message, unauthorized};
use crate::client::MonoCloud;
use crate::error::{Error, printable};
use crate::event::Event;
use crate::http_client::BoxFuture;
use crate::request::{RequestAuth, is_prefetch};

/// An application's own answer to an error of a route.
pub type ErrorHandler = fn(Failure) -> DeniedFuture;

/// Sign-in, callback, userinfo and sign-out at their configured paths.
pub fn routes<S: Clone + Send + Sync + 'static>(client: &MonoCloud) -> Router<S> {
    mount(client, None)
}

/// The same, with an answer of the application's own to errors.
pub fn routes_with_on_error<S: Clone + Send + Sync + 'static>(
    client: &MonoCloud,
    on_error: ErrorHandler,
) -> Router<S> {
    mount(client, Some(on_error))
}

fn mount<S: Clone + Send + Sync + 'static>(client: &MonoCloud, on_error: Option<ErrorHandler>) -> Router<S> {
    let paths = &client.settings().routes;
    [
        (&paths.sign_in, &SIGN_IN),
        (&paths.callback, &CALLBACK),
        (&paths.user_info, &USER_INFO),
        (&paths.sign_out, &SIGN_OUT),
    ]
    .into_iter()
    .fold(Router::new(), |router, (path, route)| {
        let path: Arc<str> = path.as_str().into();
        router.route(
            &path.clone(),
            any(move |request| answer(request, route, path.clone(), on_error)),
        )
    })
    // Of no effect inside the application's own layer, and enough outside of it.
    .layer(client.layer())
}

/// Of a path in an error.
const MAX_PATH: usize = 200;

/// One route.
struct Route {
    /// In spans.
    name: &'static str,
    methods: &'static [Method],
    /// Boxed, since the compiler cannot see that so deep a future is `Send`.
    handle: fn(RequestAuth, Request) -> BoxFuture<'static, Result<Response, Error>>,
    /// Whether scripts call it, which read JSON.
    json: bool,
}

const SIGN_IN: Route = Route {
    name: "sign_in",
    methods: &[Method::GET, Method::POST],
    handle: |auth, request| Box::pin(sign_in::sign_in(auth, request)),
    json: false,
};

const CALLBACK: Route = Route {
    name: "callback",
    methods: &[Method::GET, Method::POST],
    handle: |auth, request| Box::pin(callback::callback(auth, request)),
    json: false,
};

const USER_INFO: Route = Route {
    name: "user_info",
    methods: &[Method::GET],
    handle: |auth, request| Box::pin(user_info::user_info(auth, request)),
    json: true,
};

const SIGN_OUT: Route = Route {
    name: "sign_out",
    methods: &[Method::GET, Method::POST],
    handle: |auth, request| Box::pin(sign_out::sign_out(auth, request)),
    json: false,
};

async fn answer(
    request: Request,
    route: &'static Route,
    path: Arc<str>,
    on_error: Option<ErrorHandler>,
) -> Response {
    if !route.methods.contains(request.method()) {
        passed_over(
            route.name,
            "method not allowed",
            request.method(),
            request.headers(),
        );
        return method_not_allowed(route.methods);
    }
    if is_prefetch(request.headers()) {
        passed_over(route.name, "prefetch", request.method(), request.headers());
        return unauthorized();
    }
    let (parts, body) = request.into_parts();
    let auth = match request_auth(&parts) {
        Ok(auth) => auth.clone(),
        Err(error) => return error.into_response(),
    };
    let request = Request::from_parts(parts.clone(), body);
    let span = tracing::info_span!("monocloud.route", route = route.name);
    let result = match in_its_place(auth.client(), &path, &parts) {
        Ok(()) => handle(&auth, request, route).instrument(span.clone()).await,
        Err(error) => Err(error),
    };
    let error = match result {
        Ok(response) => return response,
        Err(error) => error,
    };
    span.in_scope(|| log(&error));
    if [SIGN_IN.name, CALLBACK.name].contains(&route.name) {
        let code = error.code();
        auth.client().events().emit(&Event::SignInFailed { code });
    }
    let failure = Failure::new(error, parts, auth, route.json);
    let mut response = match on_error {
        Some(on_error) => on_error(failure).await,
        None => failure.into_response(),
    };
    let private = HeaderValue::from_static("private, no-store");
    response.headers_mut().entry(CACHE_CONTROL).or_insert(private);
    response
}

async fn handle(auth: &RequestAuth, request: Request, route: &Route) -> Result<Response, Error> {
    let limit = auth.client().settings().calls.response_timeout;
    let handled = (route.handle)(auth.clone(), request);
    tokio::time::timeout(limit, handled).await.unwrap_or_else(|_| {
        Err(Error::unreachable(
            "the issuer",
            format!("no answer within {limit:?} (MONOCLOUD_AUTH_RESPONSE_TIMEOUT)"),
        ))
    })
}

/// Nested elsewhere, no sign-in would find its way back.
fn in_its_place(client: &MonoCloud, route: &str, parts: &Parts) -> Result<(), Error> {
    let base = client.settings().site.app_url.base();
    let path = original_uri(parts).path();
    if client.base_path().observe(base, route, path) {
        return Ok(());
    }
    Err(Error::MisplacedRoutes {
        found: printable(path, MAX_PATH),
        expected: format!("{base}{route}"),
    })
}

/// The one line of a request that failed.
fn log(error: &Error) {
    let (code, source) = (error.code(), error_source(error));
    if error.status() == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(name: "monocloud.route.failed", code, error = %error, source, "the request failed");
    } else {
        tracing::warn!(name: "monocloud.route.failed", code, error = %error, source, "the request failed");
    }
}

fn method_not_allowed(methods: &[Method]) -> Response {
    let mut response = json_message(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(allow) = HeaderValue::try_from(names.join(", ")) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn error_source(error: &Error) -> Option<String> {
    let mut source = std::error::Error::source(error)?;
    while let Some(deeper) = source.source() {
        source = deeper;
    }
    Some(source.to_string())
}
