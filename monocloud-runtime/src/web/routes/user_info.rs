//! The user as JSON, for pages that run script.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Map, Value};

use crate::access::names_groups;
use crate::client::MonoCloud;
use crate::crypto::fingerprint;
use crate::error::Error;
use crate::identity;
use crate::once::{Arrival, Failed};
use crate::params::{query, single};
use crate::request::{RequestAuth, is_own_site};
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
    let client = auth.client();
    let settings = client.settings();
    let asked = single(&query(&parts.uri), "refetch")?.is_some_and(|value| value != "false")
        // It calls the issuer, which is nothing for other sites to cause: as strict as for a POST.
        && is_own_site(
            &Method::POST,
            &parts.headers,
            settings.site.app_url.origin(),
            &settings.site.trusted_origins,
        );
    if asked || settings.claims.refetch_user_info {
        refetch(client, &mut session).await?;
        if client.ended().contains(session.record()) {
            return Err(Error::NoSession);
        }
        auth.set_session(session.clone())?;
    }
    let mut claims = session.user().to_claims();
    // The issuer's name of its own session helps no script, and would end the session at other sites.
    claims.remove("sid");
    Ok(json(StatusCode::OK, &claims))
}

/// Brings the user up to date: merged with fresh userinfo, or replaced by it.
async fn refetch(client: &MonoCloud, session: &mut Session) -> Result<(), Error> {
    let Some(fresh) = fresh(client, session).await? else {
        return Ok(());
    };
    let claims = &client.settings().claims;
    let user = identity::refetched(session.user(), fresh, claims.strict_profile_sync, |name| {
        names_groups(&claims.groups_claim, name)
    });
    session.set_user(&user)
}

/// Userinfo as it is now, or was a moment ago: one call, however many requests of the session ask at once.
async fn fresh(client: &MonoCloud, session: &Session) -> Result<Option<Map<String, Value>>, Error> {
    let Some(access_token) = session.access_token().map(str::to_owned) else {
        return Ok(None);
    };
    let key = fingerprint(session.record().id().as_bytes());
    let (caller, subject) = (client.clone(), session.user().sub().to_owned());
    let call = async move {
        let fresh = caller.issuer().user_info(&access_token, &subject).await;
        fresh.map_err(|error| Failed {
            error,
            may_repeat: false,
        })
    };
    let arrival = client
        .user_infos()
        .arrive(key, key, client.now(), Duration::ZERO, call);
    match arrival {
        Arrival::Outcome(outcome) => match outcome.await {
            Ok(fresh) => Ok(fresh),
            Err(Failed {
                error: error @ Error::AccessTokenRefused(_),
                ..
            }) => {
                // The token has expired or was revoked: what is known is the answer.
                tracing::info!(name: "monocloud.user_info.access_token_over", error = %error, "the user is told as known");
                Ok(None)
            }
            Err(failed) => Err(failed.error),
        },
        Arrival::Over | Arrival::Refused => Ok(None),
    }
}
