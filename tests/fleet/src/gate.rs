//! The way to an issuer, which can be listened to and stopped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Response;
use axum::http::request::Parts;
use reqwest::Client;
use support::Served;
use tokio::sync::oneshot;

use crate::forward::{Between, bad_gateway, client, forward, serve};

/// What stands in the form of a refresh (RFC 6749 6).
const REFRESH: &[u8] = b"grant_type=refresh_token";

/// Two cores with much else to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everybody reaches the issuer by it, which therefore has its address as a name.
#[derive(Debug)]
pub struct Gate {
    served: Served,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    issuer: Mutex<String>,
    hold: Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>>,
    tokens: Mutex<Vec<String>>,
}

/// An answer to a refresh that is held back.
#[derive(Debug)]
pub struct Held {
    is_here: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl Gate {
    /// At `127.0.0.1`, which is another site than `localhost`.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            client: client(),
            issuer: Mutex::default(),
            hold: Mutex::default(),
            tokens: Mutex::default(),
        });
        Self {
            served: serve(&inner).await,
            inner,
        }
    }

    /// The issuer's name, without a slash at its end.
    pub fn url(&self) -> String {
        self.served.url.replace("localhost", "127.0.0.1")
    }

    /// Where the issuer listens.
    pub fn lead_to(&self, issuer: &str) {
        issuer.clone_into(&mut locked(&self.inner.issuer));
    }

    /// Holds the answer to the next refresh back.
    pub fn hold_refresh(&self) -> Held {
        let ((here, is_here), (go_on, may_go_on)) = (oneshot::channel(), oneshot::channel());
        *locked(&self.inner.hold) = Some((here, may_go_on));
        Held { is_here, go_on }
    }

    /// What the token endpoint has answered, in order.
    pub fn tokens(&self) -> Vec<String> {
        locked(&self.inner.tokens).clone()
    }
}

impl Held {
    /// Waits until the issuer has answered: what was sent is spent.
    ///
    /// # Panics
    ///
    /// When nobody refreshes any more.
    pub async fn is_here(&mut self) {
        let is_here = tokio::time::timeout(PATIENCE, &mut self.is_here).await;
        assert!(matches!(is_here, Ok(Ok(()))), "nobody refreshes");
    }

    /// Lets the answer go on. Dropped in place of that, it is lost.
    pub fn go_on(self) {
        // Who asked may be gone.
        let _ = self.go_on.send(());
    }
}

impl Between for Inner {
    async fn answer(&self, parts: Parts, body: Bytes) -> Response<Bytes> {
        let is_token = parts.uri.path().ends_with("/token");
        let is_refresh = is_token && body.windows(REFRESH.len()).any(|part| part == REFRESH);
        let held = is_refresh.then(|| locked(&self.hold).take()).flatten();
        let issuer = locked(&self.issuer).clone();
        let Ok(answer) = forward(&self.client, &issuer, &parts, body).await else {
            return bad_gateway();
        };
        if is_token {
            let told = String::from_utf8_lossy(answer.body()).into_owned();
            locked(&self.tokens).push(told);
        }
        if let Some((here, may_go_on)) = held {
            let _ = here.send(());
            if may_go_on.await.is_err() {
                return bad_gateway();
            }
        }
        answer
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
