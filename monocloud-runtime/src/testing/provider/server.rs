//! The server: its own thread and runtime, so that stopping it closes every connection at once, and so that a
//! test whose runtime is blocked or has its clock stopped can still be answered.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tokio::runtime;
use tokio::sync::oneshot;

use super::core::Core;
use super::encoding::Params;
use super::log::RecordedRequest;
use super::{html, respond, transport};

/// No request of a browser or a relying party is larger.
const MAX_BODY: usize = 64 * 1024;

/// A running server. It stops when this is dropped.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a listener and returns when requests are accepted.
    pub(super) async fn start(listener: TcpListener, core: Arc<Core>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("openid-provider".into())
            .spawn(move || run(listener, core, ready, stopped))?;
        let server = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        is_ready.await.map_err(io::Error::other)??;
        Ok(server)
    }
}

/// The server's thread. It reports whether it came up.
fn run(
    listener: TcpListener,
    core: Arc<Core>,
    ready: oneshot::Sender<io::Result<()>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    runtime.block_on(async move {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return drop(ready.send(Err(error))),
        };
        // Whoever started it may have gone away; then `stopped` says so too.
        let _ = ready.send(Ok(()));
        let app = Router::new().fallback(answer).with_state(core);
        tokio::select! {
            _ = axum::serve(listener, app) => {}
            // Also when the handle is dropped.
            _ = stopped => {}
        }
    });
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            // A closure that tampers with answers runs on that thread, and may hold the provider.
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

async fn answer(State(core): State<Arc<Core>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // A page elsewhere whose name was made to point here (DNS rebinding) sends its own name.
    let host = parts.headers.get(header::HOST).map(HeaderValue::as_bytes);
    if host != Some(core.authority.as_bytes()) {
        let text = format!("This provider answers to {} only.", core.base);
        return html::notice(StatusCode::MISDIRECTED_REQUEST, "Another host was meant", &text);
    }
    let Some(endpoint) = core.endpoint_at(parts.uri.path()) else {
        let text = "The development provider has no page at this address.";
        return html::notice(StatusCode::NOT_FOUND, "Not found", text);
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return respond::oauth_error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request",
            "the request body is larger than 64 KiB or was cut off",
        );
    };
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
    let request = RecordedRequest {
        method: parts.method,
        headers: parts.headers,
        query: Params::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        form: if is_form {
            Params::parse(&body)
        } else {
            Params::default()
        },
    };
    let faults = {
        let mut state = core.state();
        state.log.record(endpoint, request.clone());
        state.faults.transport_of(endpoint)
    };
    transport::answer(&core, endpoint, &request, &faults).await
}
