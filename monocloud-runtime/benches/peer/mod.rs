//! What the guards are measured beside.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use axum::routing::{get, post};
use axum::{Extension, Router};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, login_required};
use tower::{Layer, Service, ServiceExt as _};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

/// A layer that does nothing.
#[derive(Clone)]
pub(crate) struct Nothing;

impl<S> Layer<S> for Nothing {
    type Service = NothingService<S>;

    fn layer(&self, inner: S) -> NothingService<S> {
        NothingService(inner)
    }
}

#[derive(Clone)]
pub(crate) struct NothingService<S>(S);

impl<S, R> Service<R> for NothingService<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    hash: Vec<u8>,
    #[expect(dead_code, reason = "as large as the record that our cookie carries")]
    profile: String,
}

impl AuthUser for Person {
    type Id = u64;

    fn id(&self) -> u64 {
        1
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.hash
    }
}

/// Users in memory, so that nothing but the library is measured.
#[derive(Clone, Debug)]
pub(crate) struct Backend(Person);

impl AuthnBackend for Backend {
    type User = Person;
    type Credentials = ();
    type Error = Infallible;

    async fn authenticate(&self, (): ()) -> Result<Option<Person>, Infallible> {
        Ok(Some(self.0.clone()))
    }

    async fn get_user(&self, _: &u64) -> Result<Option<Person>, Infallible> {
        Ok(Some(self.0.clone()))
    }
}

/// A guarded route of axum-login, and the cookie of somebody who is signed in: a user of so many bytes, who is kept beside
/// the session, and so many bytes of claims in it.
pub(crate) fn signed_in(bytes: usize, claims: usize) -> (Router, String) {
    let sign_in = move |mut auth: AuthSession<Backend>, Extension(session): Extension<Session>| async move {
        let person = auth.authenticate(()).await.unwrap().unwrap();
        auth.login(&person).await.unwrap();
        if claims > 0 {
            let claims = super::user(claims).to_claims();
            session.insert("claims", claims).await.unwrap();
        }
    };
    let backend = Backend(Person {
        hash: vec![5; 32],
        profile: "x".repeat(bytes),
    });
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let app = Router::new()
        .route("/", get(super::plain))
        .route_layer(login_required!(Backend))
        .route("/sign-in", post(sign_in))
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build());
    let response = super::now(
        app.clone()
            .oneshot(Request::post("/sign-in").body(Body::empty()).unwrap()),
    )
    .unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    (app, cookie.split(';').next().unwrap().to_owned())
}
