//! The application under test, as its users have it. Each handler says in headers what it sees.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::HeaderValue;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::tokens::TokenRequest;
use monocloud_runtime::{Auth, MonoCloud, Session, monocloud_routes, protect};

use crate::issuer::{CLIENT, CLIENT_SECRET, ISSUER};
use crate::plan::RESOURCES;
use crate::process::Life;
use crate::told::told;
use crate::wire::{PATIENCE, Wire};
use crate::world::World;

pub(crate) const ORIGIN: &str = "http://localhost:3000";

/// Whose session a handler sees: its `sid` and `sub`.
pub(crate) const SEES: &str = "x-sees";

/// The access token that a handler got.
pub(crate) const GOT: &str = "x-got";

/// The code of an error.
pub(crate) const ERROR: &str = "x-error";

pub(crate) fn client(world: &Arc<World>, life: &Life, change: impl FnOnce(Builder) -> Builder) -> MonoCloud {
    let settings = MonoCloud::builder()
        .tenant_domain(ISSUER)
        .client_id(CLIENT)
        .client_secret(CLIENT_SECRET)
        .app_url(ORIGIN)
        .cookie_secret("the cookie secret of the simulation")
        .id_token_signing_alg("ES256")
        .scopes("openid profile offline_access")
        .resources(RESOURCES.map(|resource| (resource, "")))
        .response_timeout(PATIENCE)
        .http_client(Wire {
            world: world.clone(),
            life: life.clone(),
        })
        .on_back_channel_logout({
            let (world, life) = (world.clone(), life.clone());
            move |logout| {
                let (world, life) = (world.clone(), life.clone());
                async move { life.within(told(&world, &life, &logout.jti)).await }
            }
        });
    change(settings).build().expect("settings")
}

pub(crate) fn app(client: &MonoCloud, world: &Arc<World>) -> Router {
    Router::new()
        .route("/page", get(page))
        .route("/tokens", get(tokens))
        .route("/stream", get(stream))
        .route("/write", get(write))
        .route("/revoke", get(revoke))
        .route("/everywhere", get(everywhere))
        .with_state(world.clone())
        .merge(monocloud_routes!(client))
        .layer(client.layer())
}

#[protect]
async fn page(session: Session) -> Response {
    sees(().into_response(), Some(&session))
}

async fn tokens(
    State(world): State<Arc<World>>,
    auth: Auth,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let request = wanted(query);
    world.chance.dither().await;
    let tokens = auth.tokens(request).await;
    let session = auth.session().await;
    world.chance.dither().await;
    let response = match tokens {
        Ok(tokens) => with(().into_response(), GOT, tokens.access_token()),
        Err(error) => failed(error),
    };
    sees(response, session.as_ref())
}

async fn stream(
    State(world): State<Arc<World>>,
    auth: Auth,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let session = auth.session().await;
    tokio::spawn(async move {
        world.chance.dither().await;
        // What comes of it is for the next request.
        drop(auth.tokens(wanted(query)).await);
    });
    sees(().into_response(), session.as_ref())
}

fn wanted(query: Vec<(String, String)>) -> TokenRequest {
    query
        .into_iter()
        .fold(TokenRequest::new(), |request, (name, value)| {
            match name.as_str() {
                "force" => request.force_refresh(),
                "user_info" => request.refetch_user_info(),
                _ => request.resource(value),
            }
        })
}

async fn write(State(world): State<Arc<World>>, auth: Auth) -> Response {
    let Some(mut session) = auth.session().await else {
        return ().into_response();
    };
    world.chance.dither().await;
    let visits: u64 = session.get("visits").unwrap_or_default();
    session.insert("visits", visits + 1).expect("a number");
    let written = auth.update_session(session).await;
    world.chance.dither().await;
    let session = auth.session().await;
    sees(
        written.map_or_else(failed, axum::response::IntoResponse::into_response),
        session.as_ref(),
    )
}

async fn revoke(State(world): State<Arc<World>>, auth: Auth) -> Response {
    world.chance.dither().await;
    let revoked = auth.revoke_tokens().await;
    let session = auth.session().await;
    sees(
        revoked.map_or_else(failed, axum::response::IntoResponse::into_response),
        session.as_ref(),
    )
}

async fn everywhere(State(world): State<Arc<World>>, auth: Auth) -> Response {
    world.chance.dither().await;
    let session = auth.session().await;
    let ended = auth.sign_out_everywhere(None).await;
    sees(
        ended.map_or_else(failed, |_| ().into_response()),
        session.as_ref(),
    )
}

fn failed(error: monocloud_runtime::Error) -> Response {
    let code = error.code();
    with(error.into_response(), ERROR, code)
}

fn sees(response: Response, session: Option<&Session>) -> Response {
    let seen = session.and_then(|session| Some(format!("{} {}", session.sid()?, session.user().sub())));
    match seen {
        Some(seen) => with(response, SEES, &seen),
        None => response,
    }
}

fn with(mut response: Response, name: &'static str, value: &str) -> Response {
    let value = HeaderValue::from_str(value).expect("a header");
    response.headers_mut().insert(name, value);
    response
}
