//! The application that is measured, and who is signed in there.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::routing::get;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::store::MemoryStore;
use monocloud_runtime::testing::MintedSession;
use monocloud_runtime::{MonoCloud, User, protect};
use serde_json::json;

const APP: &str = "http://localhost:3000";

pub(crate) async fn plain() -> &'static str {
    "ok"
}

#[protect]
pub(crate) async fn guarded() -> &'static str {
    "ok"
}

/// Takes the user, and reads a claim that has no method of its own.
#[protect]
pub(crate) async fn profile(user: User) -> &'static str {
    if user.name().is_some() && user.claim("tier").is_some() {
        "ok"
    } else {
        "a stranger"
    }
}

/// The sign-in was so many seconds ago: in its first minute a session is looked at more closely.
const AGE: i64 = 120;

fn settings() -> Builder {
    MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:9")
        .client_id("app")
        .client_secret("secret")
        .app_url(APP)
        .cookie_secret("a secret of the benchmark, 32 bytes")
}

pub(crate) fn client() -> MonoCloud {
    settings().build().unwrap()
}

/// A client with its sessions in memory, and one that is behind by [`AGE`], where people sign in there.
pub(crate) fn clients_with(store: Arc<MemoryStore>) -> (MonoCloud, MonoCloud) {
    let earlier = settings().clock_skew(-AGE).store(Arc::clone(&store));
    let now = settings().store(store);
    (now.build().unwrap(), earlier.build().unwrap())
}

/// A router with one guarded page.
pub(crate) fn guarded_app(client: &MonoCloud) -> Router {
    Router::new().route("/", get(guarded)).layer(client.layer())
}

/// A user whose session record is about `bytes` long.
pub(crate) fn user(bytes: usize) -> User {
    let claims = json!({
        "sub": "auth|6f1b2c3d4e5f60718293a4b5",
        "name": "Mira Adler",
        "given_name": "Mira",
        "family_name": "Adler",
        "email": "mira@example.com",
        "email_verified": true,
        "picture": "https://cdn.example.com/avatars/6f1b2c3d4e5f60718293a4b5.png",
        "locale": "en",
        "sid": "9c1d2e3f4a5b6c7d8e9f",
        "tier": "gold",
        "groups": ["admin", "editor", "finance", {"id": "537e7c3d-a442-4b5b-b308-30837aa045a4", "name": "ops"}],
        "note": "x".repeat(bytes.saturating_sub(620)),
    });
    User::from_claims(claims.as_object().unwrap().clone())
}

/// The cookie of a user with claims of about `claims` bytes, and tokens of `tokens` bytes in all.
pub(crate) fn session(claims: usize, tokens: usize) -> String {
    let client = &settings().clock_skew(-AGE).build().unwrap();
    let minted = MintedSession::new(user(claims));
    let token = "t".repeat(tokens / 2);
    if tokens == 0 {
        minted.cookie(client)
    } else {
        minted.id_token(token.clone()).access_token(token).cookie(client)
    }
}

/// Polls a future that never waits.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a request that needs no I/O is answered at once"),
    }
}
