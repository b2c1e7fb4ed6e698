//! Signatures of every form.

use core::future::ready;

use axum::extract::{FromRequestParts, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use monocloud_runtime::{Denied, User, protect, protect_api};

use crate::Group;

/// The plainest.
#[protect]
pub async fn plain() {
    ready(()).await;
}

/// With every option of a page.
#[protect(
    groups = ["admin", Group::Editor, Group::Finance, r"537e7c3d-a442-4b5b-b308-30837aa045a4"],
    match_all = true,
    groups_claim = "roles",
    groups_from = crate,
    return_url = "/dashboard?tab=1#top",
    csrf = false,
    max_age = 300,
    acr_values = ["urn:mfa", "urn:pin"],
    auth_params(
        scopes = "openid profile orders",
        resource = "https://api.example.com https://files.example.com",
        audience = "orders",
        prompt = "login consent",
        display = "popup",
        ui_locales = "en de-CH",
        authenticator_hint = "passkey",
        login_hint = "mira@example.com",
        id_token_hint = "an.id.token",
        response_mode = "form_post",
    ),
    on_access_denied = sign_in_first,
    on_group_access_denied = not_for_you::<u8>,
    crate = ::monocloud_runtime,
)]
pub async fn options(user: User) -> Html<String> {
    Html(ready(format!("{user:?}")).await)
}

async fn sign_in_first(_: Denied) -> (StatusCode, &'static str) {
    ready((StatusCode::IM_A_TEAPOT, "sign in first")).await
}

async fn not_for_you<T: Default + IntoResponseParts>(_: Denied) -> impl IntoResponse {
    ready(T::default().status()).await
}

/// Stands for a bound of the application's own.
pub trait IntoResponseParts {
    /// A status.
    fn status(&self) -> StatusCode;
}

impl IntoResponseParts for u8 {
    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}

/// With generics, `where` and arguments of an unnamed type.
#[protect_api(groups = ["admin"])]
pub async fn generic<T>(State(state): State<T>) -> String
where
    T: Clone + Send + Sync + ToString + 'static,
{
    ready(state.to_string()).await
}

/// An argument of an unnamed type, which axum has to be told.
#[protect_api]
pub async fn unnamed(body: impl FromRequestParts<()> + Into<Method>) -> String {
    ready(body.into().to_string()).await
}

/// A `Result` whose error answers.
///
/// # Errors
///
/// 409 for `PUT`.
#[protect_api]
pub async fn fallible(method: Method, Json(body): Json<Vec<u8>>) -> Result<Json<Vec<u8>>, StatusCode> {
    if method == Method::PUT {
        return Err(StatusCode::CONFLICT);
    }
    ready(Ok(Json(body))).await
}

/// No `async fn`, and yet a handler.
#[protect]
pub fn future(uri: Uri) -> impl Future<Output = String> + Send {
    Box::pin(async move { ready(uri).await.to_string() })
}

/// A raw identifier.
#[protect]
pub async fn r#type() {
    ready(()).await;
}

/// As many arguments as clippy lets pass, less the guard.
#[protect]
pub async fn seven(_: Method, _: Uri, _: Method, _: Uri, _: Method, _: Uri, _: HeaderMap) {
    ready(()).await;
}

/// As many arguments as axum takes, less the guard.
#[protect]
#[expect(clippy::too_many_arguments)]
pub async fn fifteen(
    _a: Method,
    _b: Uri,
    _c: HeaderMap,
    _d: Method,
    _e: Uri,
    _f: HeaderMap,
    _g: Method,
    _h: Uri,
    _i: HeaderMap,
    _j: Method,
    _k: Uri,
    _l: HeaderMap,
    _m: Method,
    _n: Uri,
    _o: Query<Vec<(String, String)>>,
) {
    ready(()).await;
}

pub(crate) fn router() -> Router {
    Router::new()
        .route("/generic", get(generic::<String>))
        .with_state(String::from("state"))
        .route("/unnamed", get(|guard, method: Method| unnamed(guard, method)))
        .route("/plain", get(plain))
        .route("/options", get(options))
        .route("/fallible", get(fallible))
        .route("/future", get(future))
        .route("/type", get(r#type))
        .route("/seven", get(seven))
        .route("/fifteen", get(fifteen))
}
