//! A body that is a JSON object.

use axum::Json;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use crate::failed::Failed;

/// As an extractor it answers in JSON where the body is something else.
pub(crate) struct Object(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Object {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        let Json(members) = Json::from_request(request, state).await?;
        Ok(Self(members))
    }
}
