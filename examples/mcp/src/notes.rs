//! The tools.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::request::Parts;
use monocloud_runtime::Claims;
use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::schemars::JsonSchema;
use rmcp::{ErrorData, schemars, tool, tool_router};
use serde::Deserialize;

/// Everybody's notes, by the caller's issuer and subject. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<HashMap<Caller, Vec<String>>>>);

type Caller = (String, String);

#[derive(Deserialize, JsonSchema)]
struct Note {
    /// What to keep.
    text: String,
}

#[tool_router(server_handler)]
impl Notes {
    #[tool(description = "Keeps a note of yours.")]
    fn add_note(
        &self,
        Parameters(note): Parameters<Note>,
        Extension(request): Extension<Parts>,
    ) -> Result<String, ErrorData> {
        let caller = caller(&request)?;
        let mut notes = self.lock();
        let own = notes.entry(caller).or_default();
        own.push(note.text);
        Ok(format!("You have {} notes.", own.len()))
    }

    #[tool(description = "Lists your notes.")]
    fn list_notes(&self, Extension(request): Extension<Parts>) -> Result<String, ErrorData> {
        let caller = caller(&request)?;
        Ok(self
            .lock()
            .get(&caller)
            .map(|notes| notes.join("\n"))
            .unwrap_or_default())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Caller, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom the guard has let in.
fn caller(request: &Parts) -> Result<Caller, ErrorData> {
    let claims = request.extensions.get::<Claims>();
    let claims = claims.ok_or_else(|| ErrorData::internal_error("the request has passed no guard", None))?;
    let issuer = claims.issuer().unwrap_or_default();
    Ok((issuer.to_owned(), claims.sub().to_owned()))
}
