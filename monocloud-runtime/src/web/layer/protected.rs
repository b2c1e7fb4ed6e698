//! The layer that also protects paths: it answers in place of the application whoever is not let in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::of_request::request_auth;
use super::service::{AuthLayer, AuthService};
use crate::config::ConfigError;
use crate::guard::{Denied, DeniedReason};
use crate::http_client::BoxFuture;
use crate::protected::{Found, IntoProtectedRoutes, ProtectedRoutes};
use crate::web::guard::{DeniedFuture, denied};
use crate::web::original_uri::head;

impl AuthLayer {
    /// The same layer, which also protects routes by their paths, whatever handlers are there: for static files, for
    /// routers of others, and for whole trees of pages.
    ///
    /// ```
    /// use axum::Router;
    /// use monocloud_runtime::protected::regex;
    /// use monocloud_runtime::settings::ConfigError;
    /// use monocloud_runtime::{MonoCloud, Protect, monocloud_routes};
    ///
    /// fn app(auth: &MonoCloud, site: Router) -> Result<Router, ConfigError> {
    ///     Ok(site.merge(monocloud_routes!(auth)).layer(auth.layer().protected_routes([
    ///         Protect::new().groups(["admin"]).at(["/internal", "/api/internal"]),
    ///         Protect::new().max_age(300).at("/account/close"),
    ///         Protect::api().at(regex(r"/reports/\d+\.json")),
    ///     ])?))
    /// }
    /// ```
    ///
    /// - [`All`](crate::protected::All) protects everything, `["/admin", "/api/admin"]` these paths and what is below them, an
    ///   empty list nothing. [`when`](crate::protected::when) asks a function. The library's own routes are never
    ///   protected.
    /// - A request that is under several entries must pass all of them.
    /// - A path is under an entry in whatever way it is written, to routers as well as to file systems: with escapes,
    ///   dots, slashes, backslashes, parameters, in any case; as it was sent, and as nested routers shortened it. A path
    ///   that cannot be read for certain is answered 400.
    /// - Who is not let in gets what a guard answers: at and below `/api` 401 and 403 with JSON, elsewhere the sign-in
    ///   and pages. The same-origin rule is that of guards.
    /// - The preflight of a call from another origin carries no cookie, so nobody can be let in by it: to a protected
    ///   path it is answered here with an empty 204, which allows nothing. A layer that allows origins, such as
    ///   `CorsLayer`, stands around this one.
    /// - Request bodies are not read.
    ///
    /// **What is added to a router after the layer is open.** Wrap the finished router. Guards on handlers cannot be
    /// passed by: where there is a handler, `#[protect]` is the better one, and both together do not harm.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the entries at once, each with what to write.
    pub fn protected_routes(self, routes: impl IntoProtectedRoutes) -> Result<ProtectedLayer, ConfigError> {
        let routes = self.client().protected_routes(routes)?;
        Ok(ProtectedLayer {
            auth: self,
            routes,
            answers: Answers::default(),
        })
    }
}

/// See [`AuthLayer::protected_routes`].
#[derive(Clone, Debug)]
#[must_use = "it protects nothing until a router gets it"]
pub struct ProtectedLayer {
    auth: AuthLayer,
    routes: ProtectedRoutes,
    answers: Answers,
}

impl ProtectedLayer {
    /// Answers who has to sign in, or to sign in again, or whose access token is no good, in place of the library.
    ///
    /// ```
    /// use axum::http::StatusCode;
    /// use monocloud_runtime::layer::ProtectedLayer;
    /// use monocloud_runtime::protected::All;
    /// use monocloud_runtime::settings::ConfigError;
    /// use monocloud_runtime::{Denied, MonoCloud};
    ///
    /// fn layer(auth: &MonoCloud) -> Result<ProtectedLayer, ConfigError> {
    ///     let layer = auth.layer().protected_routes(All)?;
    ///     Ok(layer.on_access_denied(async |denied: Denied| (StatusCode::UNAUTHORIZED, denied.sign_in_url())))
    /// }
    /// ```
    pub fn on_access_denied<F>(mut self, answer: impl Fn(Denied) -> F + Send + Sync + 'static) -> Self
    where
        F: Future + Send + 'static,
        F::Output: IntoResponse,
    {
        self.answers.access_denied = Some(Answer::new(answer));
        self
    }

    /// Answers who is there and may not pass, in place of the library: in the wrong groups, or without a scope.
    pub fn on_group_access_denied<F>(mut self, answer: impl Fn(Denied) -> F + Send + Sync + 'static) -> Self
    where
        F: Future + Send + 'static,
        F::Output: IntoResponse,
    {
        self.answers.group_access_denied = Some(Answer::new(answer));
        self
    }
}

impl<S> Layer<S> for ProtectedLayer {
    type Service = AuthService<ProtectedService<S>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.auth.layer(ProtectedService {
            inner,
            routes: self.routes.clone(),
            answers: self.answers.clone(),
        })
    }
}

/// The service that [`ProtectedLayer`] makes, within the one that knows who asks.
#[derive(Clone, Debug)]
pub struct ProtectedService<S> {
    inner: S,
    routes: ProtectedRoutes,
    answers: Answers,
}

impl<S, B> Service<Request<B>> for ProtectedService<S>
where
    S: Service<Request<B>, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ProtectedFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let auth = match request_auth(&parts) {
            Ok(auth) => auth.clone(),
            Err(error) => {
                let answer = Ok(error.into_response());
                return ProtectedFuture::asked(Box::pin(std::future::ready(answer)));
            }
        };
        let found = self.routes.find(auth.client(), head(&parts));
        if matches!(found, Found::Nothing) {
            return ProtectedFuture::let_in(self.inner.call(Request::from_parts(parts, body)));
        }
        // The one that said it is ready; its clone has not.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let (routes, answers) = (self.routes.clone(), self.answers.clone());
        ProtectedFuture::asked(Box::pin(async move {
            match routes.check(found, &auth, head(&parts)).await {
                Ok(()) => inner.call(Request::from_parts(parts, body)).await,
                Err(denied) => Ok(answers.answer(*denied).await),
            }
        }))
    }
}

pin_project! {
    /// The future that [`ProtectedService`] makes.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ProtectedFuture<F, E> {
        #[pin]
        kind: Kind<F, E>,
    }
}

pin_project! {
    #[project = Projected]
    enum Kind<F, E> {
        LetIn { #[pin] inner: F },
        Asked { answer: BoxFuture<'static, Result<Response, E>> },
    }
}

impl<F, E> ProtectedFuture<F, E> {
    fn let_in(inner: F) -> Self {
        Self {
            kind: Kind::LetIn { inner },
        }
    }

    fn asked(answer: BoxFuture<'static, Result<Response, E>>) -> Self {
        Self {
            kind: Kind::Asked { answer },
        }
    }
}

impl<F, E> Future for ProtectedFuture<F, E>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().kind.project() {
            Projected::LetIn { inner } => inner.poll(cx),
            Projected::Asked { answer } => answer.as_mut().poll(cx),
        }
    }
}

impl<F, E> std::fmt::Debug for ProtectedFuture<F, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProtectedFuture")
    }
}

/// The application's own, in place of the library's.
#[derive(Clone, Debug, Default)]
struct Answers {
    access_denied: Option<Answer>,
    group_access_denied: Option<Answer>,
}

impl Answers {
    async fn answer(&self, denied: Denied) -> Response {
        let own = match denied.reason() {
            DeniedReason::SignedOut | DeniedReason::StepUp | DeniedReason::InvalidToken => {
                &self.access_denied
            }
            DeniedReason::WrongGroup | DeniedReason::MissingScope => &self.group_access_denied,
            _ => &None,
        };
        match own {
            Some(own) => (own.0)(denied).await,
            None => denied.into_response(),
        }
    }
}

#[derive(Clone)]
struct Answer(Arc<dyn Fn(Denied) -> DeniedFuture + Send + Sync>);

impl Answer {
    fn new<F>(answer: impl Fn(Denied) -> F + Send + Sync + 'static) -> Self
    where
        F: Future + Send + 'static,
        F::Output: IntoResponse,
    {
        Self(Arc::new(move |refused| denied(answer(refused))))
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}
