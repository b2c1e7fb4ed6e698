//! The user as JSON, for pages that run script.

use bytes::Bytes;
use http::{HeaderName, Method, StatusCode};

use super::received::Received;
use crate::error::Error;
use crate::params::{query, single};
use crate::request::{RequestAuth, is_own_site};
use crate::respond::{Answer, json};

/// How many seconds the session has left if it is not used again.
const EXPIRES_IN: HeaderName = HeaderName::from_static("x-session-expires-in");

/// 200 with the claims at the top level, 204 when nobody is signed in.
pub(super) async fn user_info(auth: RequestAuth, received: Received) -> Result<Answer, Error> {
    let parts = received.parts;
    let query = query(&parts.uri);
    if single(&query, "slide")? == Some("false") {
        auth.without_slide();
    }
    auth.known().await?;
    let Some(mut session) = auth.session() else {
        let mut response = Answer::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    };
    let settings = auth.client().settings();
    let asked = single(&query, "refetch")?.is_some_and(|value| value != "false")
        // It calls the issuer, which is nothing for other sites to cause: as strict as for a POST.
        && is_own_site(
            &Method::POST,
            &parts.headers,
            settings.site.app_url.origin(),
            &settings.site.trusted_origins,
        );
    if asked || settings.claims.refetch_user_info {
        session = auth.user_info().await?;
    }
    let mut claims = session.user().to_claims();
    // The issuer's name of its own session helps no script, and would end the session at other sites.
    claims.remove("sid");
    let left = session.expires_at().saturating_sub(auth.client().now()).max(0);
    let mut answer = json(StatusCode::OK, &claims);
    answer.headers_mut().insert(EXPIRES_IN, left.into());
    Ok(answer)
}
