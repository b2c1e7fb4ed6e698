//! Notes as tools of the Model Context Protocol: each caller has their own, and only those whose access token is for this
//! server and has the scope `notes` are callers at all.

mod notes;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use monocloud_runtime::{Claims, MonoCloud, monocloud_routes, protect_api};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use self::notes::Notes;

/// The path of the server. Its whole URL is the audience of access tokens (`api_audience`).
pub const PATH: &str = "/mcp";

/// The protocol's endpoint, and with `monocloud_routes!` the metadata that a challenge leads clients to.
pub fn app(auth: &MonoCloud) -> Router {
    Router::new()
        .route(PATH, any(mcp))
        .merge(monocloud_routes!(<Mcp> auth))
        .layer(auth.layer())
        .with_state(service())
}

type Mcp = StreamableHttpService<Notes, NeverSessionManager>;

/// Every request of the protocol brings a token, and is decided about by that alone. A browser's session is not accepted.
#[protect_api(accept = "bearer", scopes = ["notes"])]
async fn mcp(caller: Claims, State(mcp): State<Mcp>, mut request: Request) -> Response {
    // Tools find it among the request's extensions.
    request.extensions_mut().insert(caller);
    mcp.handle(request).await.into_response()
}

/// Without sessions of the protocol's own there is nothing that another caller could take over by its identifier.
fn service() -> Mcp {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let notes = Notes::default();
    StreamableHttpService::new(
        move || Ok(notes.clone()),
        NeverSessionManager::default().into(),
        config,
    )
}
