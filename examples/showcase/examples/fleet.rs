//! What stands around the processes that `fleet.sh` starts: the issuer that all of them trust, and the one address that
//! visitors know.

use std::env;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use monocloud_runtime::testing::{Provider, ProviderClient};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::net::TcpListener;

/// More than any page of the showcase takes.
const MOST: usize = 1024 * 1024;

/// Its arguments are the ports of the processes.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ports: Vec<u16> = env::args()
        .skip(1)
        .map(|port| port.parse())
        .collect::<Result<_, _>>()?;
    let app_url = variable("MONOCLOUD_AUTH_APP_URL")?;
    let issuer = variable("MONOCLOUD_AUTH_TENANT_DOMAIN")?;
    // Any other runs elsewhere.
    let _provider = match issuer.strip_prefix("http://127.0.0.1:") {
        Some(port) => Some(provider(port.parse()?, &app_url).await?),
        None => None,
    };
    let port = app_url.strip_prefix("http://localhost:");
    let port: u16 = port
        .ok_or("the address is http://localhost with a port")?
        .parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("\n  Open {app_url}, or one of the processes by itself, at {ports:?}\n");
    let front = Front {
        client: Client::builder().redirect(Policy::none()).no_proxy().build()?,
        ports,
        next: AtomicUsize::new(0),
    };
    let app = Router::new().fallback(pass_on).with_state(front.into());
    Ok(axum::serve(listener, app).await?)
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is missing; `fleet.sh` sets it"))
}

/// Knows one client, and tells it of logouts.
async fn provider(port: u16, app_url: &str) -> Result<Provider, Box<dyn Error>> {
    let client = ProviderClient::new(variable("MONOCLOUD_AUTH_CLIENT_ID")?)
        .secret_value(variable("MONOCLOUD_AUTH_CLIENT_SECRET")?)
        .redirect_uri(format!("{app_url}/api/auth/callback"))
        .post_logout_redirect_uri(app_url)
        .back_channel_logout_uri(format!("{app_url}/api/auth/backchannel-logout"));
    Ok(Provider::builder()
        .port(port)
        .default_client(client)
        .start()
        .await?)
}

struct Front {
    client: Client,
    ports: Vec<u16>,
    next: AtomicUsize,
}

/// To each process in its turn, whoever asks; to the next one where one is gone.
async fn pass_on(State(front): State<std::sync::Arc<Front>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MOST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let first = front.next.fetch_add(1, Ordering::Relaxed);
    for turn in 0..front.ports.len() {
        let port = front.ports[(first + turn) % front.ports.len()];
        match front.ask(port, &parts, body.clone()).await {
            Err(error) if error.is_connect() => {}
            Err(_) => break,
            Ok(answer) => return answer,
        }
    }
    (StatusCode::BAD_GATEWAY, "None of the processes answers.").into_response()
}

impl Front {
    async fn ask(&self, port: u16, parts: &Parts, body: Bytes) -> Result<Response, reqwest::Error> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let answer = self
            .client
            .request(parts.method.clone(), format!("http://127.0.0.1:{port}{path}"))
            .headers(of_the_message(&parts.headers))
            .body(body)
            .send()
            .await?;
        let (status, mut headers) = (answer.status(), of_the_message(answer.headers()));
        headers.insert("x-served-by", HeaderValue::from(port));
        let mut passed = Response::new(Body::from(answer.bytes().await?));
        (*passed.status_mut(), *passed.headers_mut()) = (status, headers);
        Ok(passed)
    }
}

/// Without those of the connection (RFC 9110 7.6.1).
fn of_the_message(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}
