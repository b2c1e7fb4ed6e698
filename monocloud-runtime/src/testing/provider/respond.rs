//! Answers, each with the headers that its kind needs.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// JSON that no cache keeps (RFC 6749 5.1).
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, "application/json");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// JSON that is the same for everyone. It can be kept for five minutes.
pub(super) fn public_json(value: &Value) -> Response {
    let mut response = json(StatusCode::OK, value);
    set(&mut response, header::CACHE_CONTROL, "public, max-age=300");
    response
}

/// An OAuth error (RFC 6749 5.2).
pub(super) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    json(
        status,
        &json!({ "error": error, "error_description": description }),
    )
}

/// A redirect that turns a POST into a GET (RFC 9700 4.12).
pub(super) fn redirect(location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    set(&mut response, header::LOCATION, location);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    response
}

/// The answer to a method that an endpoint does not have.
pub(super) fn wrong_method(allow: &str) -> Response {
    let description = format!("this endpoint takes {allow}");
    let mut response = oauth_error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", &description);
    set(&mut response, header::ALLOW, allow);
    response
}

/// An empty answer, for those who do not read it.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(super) fn html(status: StatusCode, html: String, policy: &str) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::CONTENT_SECURITY_POLICY, policy);
    set(&mut response, header::X_FRAME_OPTIONS, "DENY");
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and we compare it.
    set(&mut response, header::REFERRER_POLICY, "strict-origin");
    response
}

/// Sets a header. All values come from this module's own text or from the `url` crate, which encodes.
pub(super) fn set(response: &mut Response, name: HeaderName, value: &str) {
    let value = HeaderValue::try_from(value).expect("a header value of ours is ASCII");
    response.headers_mut().insert(name, value);
}

/// Adds a session cookie for the provider's own pages.
pub(super) fn set_cookie(response: &mut Response, name: &str, value: &str, path: &str) {
    let cookie = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax");
    append(response, &cookie);
}

pub(super) fn remove_cookie(response: &mut Response, name: &str, path: &str) {
    let cookie = format!("{name}=; Path={path}; HttpOnly; SameSite=Lax; Max-Age=0");
    append(response, &cookie);
}

fn append(response: &mut Response, cookie: &str) {
    let value = HeaderValue::try_from(cookie).expect("names, values and paths of ours are ASCII");
    response.headers_mut().append(header::SET_COOKIE, value);
}
