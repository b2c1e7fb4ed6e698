//! An API that takes sessions and access tokens, and whose issuer is in this process.

use std::sync::Arc;

use axum::routing::any;
use axum::{Json, Router};
use http::Method;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::testing::{Clock, Provider, ProviderBuilder, ProviderUser, session_cookie};
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{
    Auth, Claims, Denied, MonoCloud, Session, User, monocloud_routes, protect, protect_api,
};
use serde_json::{Value, json};

use crate::fixtures::{Answer, ORIGIN, call, lin, mira, provider, settings_of};

/// The API's name.
pub(super) const AUDIENCE: &str = "http://localhost:3000";

pub(super) struct Api {
    pub(super) provider: Provider,
    pub(super) auth: MonoCloud,
    pub(super) app: Router,
    pub(super) clock: Clock,
}

impl Api {
    pub(super) async fn start() -> Self {
        Self::with(|provider| provider, |settings| settings).await
    }

    pub(super) async fn with(
        issuer: impl FnOnce(ProviderBuilder) -> ProviderBuilder,
        settings: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let clock = Clock::fixed(1_800_000_000);
        let issuers = clock.clone();
        let builder = Provider::builder()
            .users([mira(), lin(), ProviderUser::new("tomas").groups(["editor"])])
            .clock(Arc::new(move || issuers.now()));
        let provider = provider(issuer(builder)).await;
        let auth = settings(settings_of(&provider).api_audience(AUDIENCE).clock(clock.clone()))
            .build()
            .unwrap();
        Self {
            app: app(&auth),
            provider,
            auth,
            clock,
        }
    }

    /// A token of this person with these scopes.
    pub(super) fn token(&self, sub: &str, scopes: &[&str]) -> String {
        self.provider.access_token(sub, AUDIENCE, scopes)
    }

    /// A session of the person, as a `Cookie` header.
    pub(super) fn session(&self, user: ProviderUser) -> String {
        session_cookie(&self.auth, user)
    }

    /// A GET with this `Authorization`.
    pub(super) async fn get(&self, path: &str, authorization: &str) -> Answer {
        self.call(Method::GET, path, &[("authorization", authorization)])
            .await
    }

    pub(super) async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        call(&self.app, method, path, headers).await
    }
}

/// A bearer's header.
pub(super) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Of a request of the site's own page.
pub(super) const OWN: (&str, &str) = ("origin", ORIGIN);

/// Status, and message of the JSON.
pub(super) fn said(answer: &Answer) -> (u16, String) {
    let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), message)
}

pub(super) fn challenge(answer: &Answer) -> &str {
    answer.header("www-authenticate").unwrap_or_default()
}

fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route("/api/any", any(anybody))
        .route("/api/write", any(write))
        .route("/api/admin", any(admin))
        .route("/api/bearer", any(by_token))
        .route("/api/session", any(by_session))
        .route("/api/fresh", any(fresh))
        .route("/api/strong", any(strong))
        .route("/api/own", any(own_words))
        .route("/page", any(page))
        .route("/who", any(who))
        .route("/user", any(user))
        .route("/claims", any(claims))
        .route("/handle", any(handle))
        .route("/imperative", any(imperative))
        .route("/destroy", any(destroy))
        .merge(monocloud_routes!(auth))
        .layer(auth.layer())
}

/// Who asks, by whatever.
fn asks(user: Option<&User>, claims: Option<&Claims>) -> Json<Value> {
    Json(json!({ "user": user.map(User::sub), "client": claims.and_then(Claims::client_id) }))
}

#[protect_api]
async fn anybody(user: Option<User>, claims: Option<Claims>) -> Json<Value> {
    asks(user.as_ref(), claims.as_ref())
}

#[protect_api(scopes = ["orders:read", "orders:write"])]
async fn write(body: String) -> String {
    body
}

#[protect_api(groups = ["admin"], scopes = ["orders:read"])]
async fn admin(user: User) -> String {
    user.sub().to_owned()
}

#[protect_api(accept = "bearer")]
async fn by_token(claims: Claims) -> Json<Claims> {
    Json(claims)
}

#[protect_api(accept = "session")]
async fn by_session(session: Session) -> String {
    session.user().sub().to_owned()
}

#[protect_api(max_age = 300)]
async fn fresh() {}

#[protect_api(acr_values = ["urn:mfa", "urn:pin"], scopes = ["orders:read"])]
async fn strong() {}

#[protect_api(scopes = ["orders:read"], on_access_denied = denied, on_group_access_denied = denied)]
async fn own_words() {}

async fn denied(denied: Denied) -> (http::StatusCode, String) {
    let challenge = denied.challenge();
    let challenge = challenge.as_ref().and_then(|value| value.to_str().ok());
    let words = format!("{:?} {}", denied.reason(), challenge.unwrap_or_default());
    (http::StatusCode::IM_A_TEAPOT, words)
}

#[protect]
async fn page() -> &'static str {
    "page"
}

async fn who(user: Option<User>) -> Json<Value> {
    asks(user.as_ref(), None)
}

async fn user(user: User) -> Json<Value> {
    asks(Some(&user), None)
}

async fn claims(claims: Claims) -> Json<Value> {
    asks(claims.user().as_ref(), Some(&claims))
}

async fn handle(auth: Auth) -> Json<Value> {
    let groups = auth.is_user_in_group(["admin"]).await;
    Json(json!({
        "authenticated": auth.is_authenticated().await,
        "user": auth.user().await.map(|user| user.sub().to_owned()),
        "client": auth.claims().await.and_then(|claims| claims.client_id().map(str::to_owned)),
        "session": auth.session().await.is_some(),
        "admin": groups,
        "tokens": auth.tokens(TokenRequest::new()).await.is_ok(),
    }))
}

async fn imperative(auth: Auth) -> Result<String, Denied> {
    let options = monocloud_runtime::Protect::api()
        .groups(["admin"])
        .scopes(["orders:read"]);
    Ok(auth.protect(options).await?.sub().to_owned())
}

async fn destroy(auth: Auth) -> &'static str {
    auth.destroy_session().await.unwrap();
    "destroyed"
}
