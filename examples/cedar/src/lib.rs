//! Who may read and change which document stands in `policies.cedar`, in the language of the policy engine Cedar. The
//! guards ask it, before a handler runs and before a body is read.

mod documents;
mod policies;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use axum::extract::{FromRequestParts as _, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Extension, Router};
use monocloud_runtime::hooks::{AccessDenied, HookError};
use monocloud_runtime::{Access, MonoCloud, monocloud_routes, protect_api};

use self::documents::{Document, documents};
use self::policies::Policies;

/// What the site works with.
struct Site {
    documents: HashMap<&'static str, Document>,
    policies: Policies,
}

/// The site.
///
/// # Errors
///
/// Where the policies cannot be read.
pub fn app(auth: &MonoCloud) -> Result<Router, Box<dyn Error>> {
    let site = Arc::new(Site {
        documents: documents(),
        policies: Policies::read()?,
    });
    Ok(Router::new()
        .route("/documents/{id}", get(read).put(change))
        .merge(monocloud_routes!(<Arc<Site>> auth))
        // For the guards' question, which knows the request and no state.
        .layer(Extension(site.clone()))
        .layer(auth.layer())
        .with_state(site))
}

#[protect_api(check = may_read)]
async fn read(Path(id): Path<String>, State(site): State<Arc<Site>>) -> Result<&'static str, StatusCode> {
    let document = site.documents.get(&*id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(document.text)
}

/// An example keeps nothing: it only says who may.
#[protect_api(check = may_change)]
async fn change(Path(id): Path<String>, text: String) -> String {
    format!("{id} would now say: {text}")
}

async fn may_read(access: &Access, request: &Parts) -> Result<(), HookError> {
    may(access, request, "read").await
}

async fn may_change(access: &Access, request: &Parts) -> Result<(), HookError> {
    may(access, request, "change").await
}

/// What is not there, nobody may: who guesses names learns nothing.
async fn may(access: &Access, request: &Parts, action: &str) -> Result<(), HookError> {
    let Path(id) = Path::<String>::from_request_parts(&mut request.clone(), &()).await?;
    let site = request
        .extensions
        .get::<Arc<Site>>()
        .ok_or("the site is missing")?;
    let denied = || AccessDenied::new("You may not do that with this document.");
    let user = access.user().ok_or_else(denied)?;
    let document = site.documents.get(&*id).ok_or_else(denied)?;
    if site.policies.permit(&user, action, &id, document)? {
        Ok(())
    } else {
        Err(denied().into())
    }
}
