//! Where somebody is signed in, and the end of that: as a page with forms, and for scripts.

use std::time::{Duration, UNIX_EPOCH};

use askama::Template;
use axum::Json;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use monocloud_runtime::sessions::{SessionId, SessionInfo};
use monocloud_runtime::{Auth, Error, User, protect, protect_api};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failed::Failed;
use crate::pages::page;

const PAGE: &str = "/sessions";

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    auth: Auth,
    user: User,
    at: &'static str,
    lead: &'static str,
    sessions: Vec<Row>,
}

/// A session as people read of it.
struct Row {
    id: String,
    browser: String,
    signed_in: String,
    last_seen: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "not_ended.html")]
struct NotEnded {
    at: &'static str,
    lead: &'static str,
}

/// What the button of a session sends.
#[derive(Deserialize)]
pub(crate) struct Which {
    id: String,
}

#[protect]
pub(crate) async fn list(auth: Auth, user: User) -> (StatusCode, Html<String>) {
    let (status, lead, sessions) = match auth.sessions().await {
        Ok(sessions) => (
            StatusCode::OK,
            "Where you are signed in to this site, the newest first.",
            sessions.iter().map(Row::of).collect(),
        ),
        Err(Error::StoreCannot(_)) => (
            StatusCode::OK,
            "This site keeps no list of your sessions: each is in the browser where you signed in. You can be signed out in all of them at once.",
            Vec::new(),
        ),
        Err(error) => (
            error.status(),
            "Where you are signed in cannot be shown just now. Please try again in a moment.",
            Vec::new(),
        ),
    };
    let shown = SessionsPage {
        auth,
        user,
        at: PAGE,
        lead,
        sessions,
    };
    (status, page(&shown))
}

/// One that is over already is not in the list that comes next, which is all that was asked for.
#[protect(return_url = "/sessions")]
pub(crate) async fn end(auth: Auth, Form(which): Form<Which>) -> Response {
    if let Ok(id) = which.id.parse::<SessionId>()
        && let Err(error) = auth.end_session(&id).await
    {
        let lead = "This site could not make sure that the session is over everywhere. Please try again in a moment.";
        return not_ended(&error, lead);
    }
    // It may have been the one of this browser.
    let next = if auth.is_authenticated().await { PAGE } else { "/" };
    Redirect::to(next).into_response()
}

#[protect(return_url = "/sessions")]
pub(crate) async fn end_all(auth: Auth) -> Response {
    match auth.sign_out_everywhere(None).await {
        Ok(out) => out.into_response(),
        Err(error) => {
            let lead = "You are signed out in this browser. This site could not make sure that you are in all others: please sign out there, too.";
            not_ended(&error, lead)
        }
    }
}

#[protect_api]
pub(crate) async fn list_for_scripts(auth: Auth) -> Result<Json<Vec<Value>>, Failed> {
    let sessions = auth.sessions().await?;
    Ok(Json(sessions.iter().map(shown).collect()))
}

/// 404 where it is not theirs, or over.
#[protect_api]
pub(crate) async fn end_for_scripts(auth: Auth, Path(id): Path<String>) -> Result<StatusCode, Failed> {
    if let Ok(id) = id.parse::<SessionId>()
        && auth.end_session(&id).await?
    {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Failed::new(
        StatusCode::NOT_FOUND,
        "no_such_session",
        "none of your sessions has this id",
    ))
}

impl Row {
    fn of(session: &SessionInfo) -> Self {
        Self {
            id: session.id().to_string(),
            browser: session.user_agent().unwrap_or("An unknown browser").to_owned(),
            signed_in: time(session.created_at()),
            last_seen: time(session.last_seen()),
            is_this: session.is_this(),
        }
    }
}

fn shown(session: &SessionInfo) -> Value {
    json!({
        "id": session.id(),
        "createdAt": session.created_at(),
        "lastSeen": session.last_seen(),
        "userAgent": session.user_agent(),
        "isThis": session.is_this(),
    })
}

fn not_ended(error: &Error, lead: &'static str) -> Response {
    (error.status(), page(&NotEnded { at: "", lead })).into_response()
}

/// For people, in UTC.
fn time(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}
