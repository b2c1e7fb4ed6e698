//! Which endpoint takes which methods, and who answers there.

use axum::response::Response;
use http::Method;

use super::core::Core;
use super::log::{Endpoint, RecordedRequest};
use super::{authorize, end_session, login, metadata, respond, token, userinfo};

/// The answer of an endpoint that works.
pub(super) fn dispatch(core: &Core, endpoint: Endpoint, request: &RecordedRequest) -> Response {
    let allow = match endpoint {
        Endpoint::Discovery | Endpoint::Jwks => "GET",
        Endpoint::Login | Endpoint::Token => "POST",
        Endpoint::Authorize | Endpoint::Userinfo | Endpoint::EndSession => "GET, POST",
    };
    let known = request.method == Method::GET || request.method == Method::POST;
    if !known || !allow.contains(request.method.as_str()) {
        return respond::wrong_method(allow);
    }
    match endpoint {
        Endpoint::Discovery => metadata::discovery(core),
        Endpoint::Jwks => metadata::jwks(core),
        Endpoint::Authorize => authorize::answer(core, request),
        Endpoint::Login => login::answer(core, request),
        Endpoint::Token => token::answer(core, request),
        Endpoint::Userinfo => userinfo::answer(core, request),
        Endpoint::EndSession => end_session::answer(core, request),
    }
}
