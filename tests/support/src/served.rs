//! A router behind a real listener on loopback.

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A router that is being served. It stops when this is dropped.
#[derive(Debug)]
pub struct Served {
    /// The app's URL, without a slash at its end.
    pub url: String,
    task: JoinHandle<()>,
}

impl Served {
    /// The URL of a path of the app.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a router that does not need to know its own URL.
pub async fn serve(app: Router) -> Served {
    listen().await.serve(app)
}

/// Takes a free port, for an app that must know its URL before it can be built.
///
/// # Panics
///
/// When loopback has no free port.
pub async fn listen() -> Listening {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    Listening {
        // A provider at 127.0.0.1 is another site than `localhost`, as it is in life.
        url: format!("http://localhost:{port}"),
        listener,
    }
}

/// A port that is taken, and nothing behind it yet.
#[derive(Debug)]
pub struct Listening {
    /// The app's URL, without a slash at its end.
    pub url: String,
    listener: TcpListener,
}

impl Listening {
    /// The URL of a path of the app.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Puts the router behind it.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn serve(self, app: Router) -> Served {
        let Self { url, listener } = self;
        let task = tokio::spawn(async move {
            axum::serve(listener, app)
                .await
                .expect("a server that never ends");
        });
        Served { url, task }
    }
}
