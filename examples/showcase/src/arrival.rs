//! What a session keeps of its beginning: one hook sends it along with the sign-in, another puts it into the session.

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use monocloud_runtime::Session;
use monocloud_runtime::hooks::{AccessDenied, HookError, SessionCreating};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Under which the session keeps it.
const ARRIVAL: &str = "arrival";

/// How somebody came.
#[derive(Deserialize, Serialize)]
pub(crate) struct Arrival {
    /// As it calls itself.
    pub(crate) browser: String,
}

pub(crate) fn arrival(session: &Session) -> Option<Arrival> {
    session.get(ARRIVAL)
}

/// When a sign-in begins.
pub(crate) async fn note(request: Parts) -> Result<Value, HookError> {
    let browser = request.headers.get(USER_AGENT);
    let browser = browser.and_then(|name| name.to_str().ok()).unwrap_or("unknown");
    let browser = browser.chars().take(200).collect();
    Ok(serde_json::to_value(Arrival { browser })?)
}

/// When it has ended well, and before its session begins. A site would look its accounts up here.
pub(crate) async fn keep(creating: SessionCreating) -> Result<Session, HookError> {
    let mut session = creating.session;
    let email = session.user().email().unwrap_or_default();
    if email.ends_with("@blocked.example") {
        return Err(AccessDenied::new("Accounts at blocked.example may not come in.").into());
    }
    if let Some(arrival) = creating.application_state {
        session.insert(ARRIVAL, arrival)?;
    }
    Ok(session)
}
