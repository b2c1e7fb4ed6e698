//! The extractors: what they read is resolved once for a request, however many ask.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::rejection::Rejection;
use crate::auth::Auth;
use crate::identity::User;
use crate::request::{CrossSite, RequestAuth, anybody, identify, log};
use crate::session::Session;
use crate::web::layer::request_auth;
use crate::web::original_uri::head;

/// What is asked of a request.
type Read<T> = fn(&RequestAuth) -> Option<T>;

fn required<T>(parts: &Parts, read: Read<T>) -> Result<T, Rejection> {
    let auth = request_auth(parts)?;
    match identify(auth, head(parts), read) {
        Ok(Some(found)) => {
            auth.let_in();
            Ok(found)
        }
        Ok(None) => {
            log::denied(
                auth.client(),
                log::EXTRACTOR,
                "signed out",
                None,
                &[],
                head(parts),
            );
            Err(Rejection::SignedOut)
        }
        Err(CrossSite) => Err(Rejection::CrossSite),
    }
}

fn optional<T>(parts: &Parts, read: Read<T>) -> Result<Option<T>, Rejection> {
    Ok(identify(request_auth(parts)?, head(parts), read).ok().flatten())
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        required(parts, RequestAuth::session)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        optional(parts, RequestAuth::session)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        required(parts, RequestAuth::user)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        optional(parts, RequestAuth::user)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let auth = request_auth(parts)?;
        // What another site made is found again by whoever asks the handle.
        let _ = identify(auth, head(parts), anybody);
        Ok(Self::new(auth.clone(), head(parts)))
    }
}
