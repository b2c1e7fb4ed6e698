//! Clients learn by the browser that somebody has signed out (OIDC Front-Channel Logout 1.0).

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use url::Url;

use super::core::Core;
use super::pages;
use super::participants::Participant;

/// The addresses to embed, which the clients have registered.
pub(super) fn frames(core: &Core, ended: &[Participant]) -> Vec<String> {
    let memory = core.memory();
    let mut frames = Vec::new();
    for session in ended {
        for client_id in &session.clients {
            let uri = memory.client(client_id).and_then(|client| client.front_channel());
            let Some(mut url) = uri.and_then(|uri| Url::parse(uri).ok()) else {
                continue;
            };
            url.query_pairs_mut()
                .append_pair("iss", &core.issuer)
                .append_pair("sid", &session.sid);
            frames.push(url.into());
        }
    }
    frames
}

#[derive(Template)]
#[template(path = "provider/front_channel.html")]
struct SignedOutPage<'a> {
    frames: &'a [String],
    then: Option<&'a str>,
}

/// Embeds them, and goes on when they had a moment.
pub(super) fn page(frames: &[String], then: Option<&str>) -> Response {
    pages::framing(StatusCode::OK, &SignedOutPage { frames, then })
}
