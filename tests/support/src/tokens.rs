//! What the app gets of its session's tokens, as JSON.

use axum::Json;
use axum::extract::Query;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, Error};
use serde_json::json;

/// GET with `resource` and `scopes` in the query; POST refreshes, whether it is time or not, and brings the user up to
/// date with `refetch`.
pub(crate) fn route() -> MethodRouter {
    get(async |auth: Auth, Query(query): Query<Vec<(String, String)>>| answer(&auth, request(query)).await)
        .post(async |auth: Auth, Query(query): Query<Vec<(String, String)>>| {
            answer(&auth, request(query).force_refresh()).await
        })
}

fn request(query: Vec<(String, String)>) -> TokenRequest {
    let mut request = TokenRequest::new();
    for (name, value) in query {
        request = match name.as_str() {
            "resource" => request.resource(value),
            "scopes" => request.scopes(value),
            "refetch" => request.refetch_user_info(),
            _ => panic!("the query has {name}"),
        };
    }
    request
}

async fn answer(auth: &Auth, request: TokenRequest) -> Response {
    match auth.tokens(request).await {
        Ok(tokens) => Json(json!({
            "access_token": tokens.access_token(),
            "id_token": tokens.id_token(),
            "scopes": tokens.scopes().collect::<Vec<_>>(),
            "resource": tokens.resource().collect::<Vec<_>>(),
        }))
        .into_response(),
        Err(error) => refused(error),
    }
}

/// With the code, which the body of a 401 does not tell.
fn refused(error: Error) -> Response {
    let code = error.code();
    let answer = error.into_response();
    let again = answer.headers().get(RETRY_AFTER).cloned();
    let again = again.map(|seconds| [(RETRY_AFTER, seconds)]);
    (answer.status(), again, Json(json!({ "error": code }))).into_response()
}
