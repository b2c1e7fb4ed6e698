//! The extractors: what they read is resolved once for a request, however many ask.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::auth::Auth;
use crate::error::Error;
use crate::identity::User;
use crate::session::Session;
use crate::web::layer::request_auth;

fn session(parts: &Parts) -> Result<Option<Session>, Error> {
    Ok(request_auth(parts)?.session())
}

fn user(parts: &Parts) -> Result<Option<User>, Error> {
    Ok(request_auth(parts)?.user())
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        session(parts)?.ok_or(Error::NoSession)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        session(parts)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        user(parts)?.ok_or(Error::NoSession)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        user(parts)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::of(parts)
    }
}
