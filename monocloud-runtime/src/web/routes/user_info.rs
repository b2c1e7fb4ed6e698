//! The user as JSON, for pages that run script.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;

use crate::access::names_groups;
use crate::client::MonoCloud;
use crate::error::Error;
use crate::identity;
use crate::params::{query, single};
use crate::request::RequestAuth;
use crate::session::Session;
use crate::web::respond::json;

/// 200 with the claims at the top level, 204 when nobody is signed in.
pub(super) async fn user_info(auth: RequestAuth, request: Request) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    let Some(mut session) = auth.session() else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    };
    let asked = single(&query(&parts.uri), "refetch")?.is_some_and(|value| value != "false");
    if asked || auth.client().settings().claims.refetch_user_info {
        refetch(auth.client(), &mut session).await?;
        if auth.client().ended().contains(session.record().id()) {
            return Err(Error::NoSession);
        }
        auth.set_session(session.clone())?;
    }
    Ok(json(StatusCode::OK, session.user()))
}

/// Brings the user up to date: merged with fresh userinfo, or replaced by it.
async fn refetch(client: &MonoCloud, session: &mut Session) -> Result<(), Error> {
    let (Some(access_token), subject) = (session.access_token(), session.user().sub()) else {
        return Ok(());
    };
    let fresh = match client.issuer().user_info(access_token, subject).await {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Ok(()),
        // The token has expired or was revoked: what is known is the answer.
        Err(error @ Error::AccessTokenRefused(_)) => {
            tracing::info!(name: "monocloud.user_info.access_token_over", error = %error, "the user is told as known");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let claims = &client.settings().claims;
    let user = identity::refetched(session.user(), fresh, claims.strict_profile_sync, |name| {
        names_groups(&claims.groups_claim, name)
    });
    session.set_user(&user)
}
