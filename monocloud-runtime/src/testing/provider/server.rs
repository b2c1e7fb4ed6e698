//! The server: its own thread and runtime, so that stopping it closes every connection at once, and so that a
//! test whose runtime is blocked or has its clock stopped can still be answered.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;

use super::core::Core;
use super::routes;

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
        tokio::select! {
            _ = axum::serve(listener, routes::router(core)) => {}
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
