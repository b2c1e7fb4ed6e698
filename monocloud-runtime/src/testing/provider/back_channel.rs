//! Clients are told that somebody has signed out (OIDC Back-Channel Logout 1.0).

use std::time::Duration;

use futures_util::future::join_all;
use http::header::CONTENT_TYPE;
use url::form_urlencoded;

use super::core::Core;
use super::logout_token;
use super::participants::{LogoutAnswer, Participant};

/// A client that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells all clients at once, and waits for their answers.
pub(super) async fn tell(core: &Core, ended: &[Participant]) -> Vec<LogoutAnswer> {
    let mut calls = Vec::new();
    for session in ended {
        for client_id in &session.clients {
            let Some(client) = core.memory().client(client_id).cloned() else {
                continue;
            };
            if let Some(uri) = client.back_channel() {
                let token = logout_token::issue(core, &client, Some(&session.sub), Some(&session.sid));
                calls.push(post(client_id.clone(), uri.to_owned(), token));
            }
        }
    }
    let answers = join_all(calls).await;
    core.memory().logout_answers.extend(answers.iter().cloned());
    answers
}

/// With a further field, which clients must pass over.
async fn post(client_id: String, uri: String, token: String) -> LogoutAnswer {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", &token)
        .append_pair("further", "passed over")
        .finish();
    let answer = async {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .ok()?;
        let request = client
            .post(uri)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let mut response = request.send().await.ok()?;
        Some((response.status(), std::mem::take(response.headers_mut())))
    };
    LogoutAnswer {
        client_id,
        answer: answer.await,
    }
}
