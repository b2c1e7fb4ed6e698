//! The layer: puts [`RequestAuth`] into each request, and writes cookies and cache headers on the
//! way out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::access::{Accept, GuardedHandler};
use crate::client::MonoCloud;
use crate::request::RequestAuth;

impl MonoCloud {
    /// The layer that resolves who is asking and keeps their cookies.
    ///
    /// Add it after every route, merge and fallback: what is added later does not pass it, and its
    /// guards answer 500. It does nothing until somebody asks who is signed in.
    pub fn layer(&self) -> AuthLayer {
        self.say_what_guards_lack();
        AuthLayer { client: self.clone() }
    }

    /// What somebody who forgot a setting would look for in vain.
    fn say_what_guards_lack(&self) {
        if self.bearer().is_some() {
            return;
        }
        let takes_tokens_alone = |handler: &&GuardedHandler| handler.requirement.accept == Accept::Bearer;
        if let Some(handler) = GuardedHandler::all().find(takes_tokens_alone)
            && self.is_first_time("no access tokens".to_owned())
        {
            tracing::warn!(
                name: "monocloud.config.no_access_tokens",
                handler = format_args!("{}::{}", handler.module, handler.name),
                "a guard takes access tokens alone, and none are taken, so it lets nobody in: set \
                 MONOCLOUD_BACKEND_AUDIENCE, or `api_audience`, to the API's name"
            );
        }
    }
}

/// See [`MonoCloud::layer`].
#[derive(Clone, Debug)]
pub struct AuthLayer {
    client: MonoCloud,
}

impl AuthLayer {
    pub(super) fn client(&self) -> &MonoCloud {
        &self.client
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService {
            inner,
            client: self.client.clone(),
        }
    }
}

/// The service that [`AuthLayer`] makes.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    client: MonoCloud,
}

impl<S, B, R> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let outer = request.extensions().get::<RequestAuth>();
        // Two layers of one client act as one: the outer one writes.
        let auth = if outer.is_some_and(|outer| outer.client().is(&self.client)) {
            None
        } else {
            let auth = RequestAuth::new(self.client.clone(), request.headers_mut());
            request.extensions_mut().insert(auth.clone());
            Some(auth)
        };
        ResponseFuture {
            inner: self.inner.call(request),
            auth,
        }
    }
}

pin_project! {
    /// The future that [`AuthService`] makes.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        auth: Option<RequestAuth>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut result = ready!(this.inner.poll(cx));
        if let (Ok(response), Some(auth)) = (&mut result, this.auth.take()) {
            auth.finish(response.headers_mut());
        }
        Poll::Ready(result)
    }
}
