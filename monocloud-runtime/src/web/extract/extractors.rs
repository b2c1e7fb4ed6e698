//! The extractors: what they read is resolved once for a request, however many ask.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::rejection::Rejection;
use crate::auth::Auth;
use crate::guard::DeniedReason;
use crate::identity::{Claims, User};
use crate::request::{CrossSite, Presented, RequestAuth, anybody, identify, log};
use crate::session::Session;
use crate::web::layer::request_auth;
use crate::web::original_uri::head;

/// What is asked of a request.
type Read<T> = fn(&RequestAuth) -> Option<T>;

async fn required<T>(parts: &Parts, read: Read<T>) -> Result<T, Rejection> {
    let auth = known(parts).await?;
    match identify(auth, head(parts), read) {
        Ok(Some(found)) => {
            auth.let_in();
            Ok(found)
        }
        Ok(None) => Err(nobody(parts, auth)),
        Err(CrossSite) => Err(Rejection::CrossSite),
    }
}

async fn optional<T>(parts: &Parts, read: Read<T>) -> Result<Option<T>, Rejection> {
    let auth = known(parts).await?;
    // What a token got is no shared cache's (RFC 9111 §3.5).
    if auth.brings_token() {
        auth.let_in();
    }
    Ok(identify(auth, head(parts), read).ok().flatten())
}

/// The request, once it is known who asks. An access token that is no good is refused, also where nobody has to be
/// there: whoever sent it means to be somebody.
async fn known(parts: &Parts) -> Result<&RequestAuth, Rejection> {
    let auth = request_auth(parts)?;
    auth.known().await?;
    let (reason, why) = match auth.presented() {
        None | Some(Presented::Good(_)) => return Ok(auth),
        Some(Presented::Failed(error)) => return Err(error.clone().into()),
        Some(Presented::Bad) => (DeniedReason::InvalidToken, "invalid token"),
        Some(Presented::Malformed) => (DeniedReason::InvalidRequest, "several access tokens"),
    };
    log::denied(auth.client(), log::EXTRACTOR, why, None, &[], head(parts));
    Err(Rejection::of(reason, auth.client()))
}

/// Why what an extractor gives is not there, though nothing is wrong with the request.
fn nobody(parts: &Parts, auth: &RequestAuth) -> Rejection {
    let is_client = auth.claims().is_some();
    let (reason, why) = if is_client {
        (DeniedReason::NoUser, "no user")
    } else {
        (DeniedReason::SignedOut, "signed out")
    };
    log::denied(auth.client(), log::EXTRACTOR, why, None, &[], head(parts));
    Rejection::of(reason, auth.client())
}

macro_rules! extractors {
    ($($type:ty: $read:expr;)*) => {
        $(impl<S: Send + Sync> FromRequestParts<S> for $type {
            type Rejection = Rejection;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
                required(parts, $read).await
            }
        }

        impl<S: Send + Sync> OptionalFromRequestParts<S> for $type {
            type Rejection = Rejection;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
                optional(parts, $read).await
            }
        })*
    };
}

extractors! {
    Session: RequestAuth::session;
    User: RequestAuth::user;
    Claims: RequestAuth::claims;
}

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let auth = known(parts).await?;
        // What another site made is found again by whoever asks the handle.
        let _ = identify(auth, head(parts), anybody);
        Ok(Self::new(auth.clone(), head(parts)))
    }
}
