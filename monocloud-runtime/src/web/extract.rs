//! The extractors: what they read is resolved once for a request, however many ask.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::Response;
use http::request::Parts;

use super::answer::unauthorized;
use super::auth::Auth;
use super::guard::missing_layer;
use super::request_auth::RequestAuth;
use crate::session::{Session, User};

fn session(parts: &Parts) -> Result<Option<Session>, Response> {
    let auth = RequestAuth::of(parts).map_err(|_| missing_layer())?;
    Ok(auth.session(&parts.headers))
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        session(parts)?.ok_or_else(unauthorized)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        session(parts)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        session(parts)?
            .map(|session| session.user().clone())
            .ok_or_else(unauthorized)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        Ok(session(parts)?.map(|session| session.user().clone()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        Self::of(parts).map_err(|_| missing_layer())
    }
}
