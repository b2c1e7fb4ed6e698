//! Where the issuer says that sessions are over. No browser comes here: no cookie is read and none is set, and nothing
//! is answered but 200 and 400 (OIDC Back-Channel Logout 1.0 §2.7, §2.8).

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use serde_json::json;
use tokio::time::Instant;
use url::form_urlencoded;

use super::form::read_form;
use super::received::Received;
use crate::error::Error;
use crate::params::single;
use crate::request::RequestAuth;
use crate::respond::{Answer, json};
use crate::sign_out;

/// Larger than any that is good.
const MAX_TOKEN: usize = 16 * 1024;

pub(super) async fn back_channel_logout(auth: RequestAuth, received: Received) -> Result<Answer, Error> {
    let started = Instant::now();
    let Received { parts, body, .. } = received;
    let client = auth.client();
    let settings = client.settings();
    if settings.instances.multiple_instances && client.sharing().is_none() {
        return Err(Error::LogoutNotShared);
    }
    let form = read_form(&parts.headers, body, settings.calls.response_timeout / 2).await?;
    let fields: Vec<_> = form_urlencoded::parse(&form).collect();
    let token = single(&fields, "logout_token")?.ok_or(Error::InvalidRequest(
        "this route is for the issuer's logout tokens, and the form has no `logout_token`",
    ))?;
    if token.len() > MAX_TOKEN {
        return Err(Error::InvalidRequest("the logout token is longer than 16 KiB"));
    }
    sign_out::back_channel(client, token, started).await?;
    Ok(uncached(Answer::default()))
}

/// The one answer to whatever was not done. Why is in the log: whoever sent the token may be anybody.
pub(super) fn refusal(error: &Error) -> Answer {
    let description = match error {
        Error::InvalidRequest(_) | Error::InvalidLogoutToken(_) => "the logout token is not acceptable",
        _ => "the logout could not be carried out",
    };
    uncached(json(
        StatusCode::BAD_REQUEST,
        &json!({ "error": "invalid_request", "error_description": description }),
    ))
}

fn uncached(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
