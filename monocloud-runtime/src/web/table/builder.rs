//! Lines on their way into one router.
//!
//! A call for each line, and each as small for the compiler as axum's own: there may be a thousand of them.

use std::future::Future;

use axum::Router;
use axum::handler::Handler;
use axum::response::IntoResponse;

use super::guarded::{Arguments, Guards};
use super::method::{self, Method};
use crate::client::MonoCloud;
use crate::respond::Failure;
use crate::routes::ROUTES;
use crate::web::routes::{routes, routes_with_on_error};

/// Some lines of it, in a router.
#[derive(Debug)]
#[must_use = "what becomes a router are its lines, by `into_router`"]
pub struct Table<S> {
    client: MonoCloud,
    router: Router<S>,
}

impl<S: Clone + Send + Sync + 'static> Table<S> {
    /// Without a line.
    pub fn new(client: &MonoCloud) -> Self {
        Self {
            client: client.clone(),
            router: Router::new(),
        }
    }

    /// With a handler that has a guard.
    pub fn guarded<H, T>(self, methods: &'static [Method], path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: Arguments + 'static,
        T::First: Guards,
    {
        self.with(methods, path, handler)
    }

    /// With the library's own routes.
    pub fn into_router(self) -> Router<S> {
        self.router.merge(routes(&self.client))
    }

    /// The same, with an answer of the application's own to their errors.
    pub fn into_router_with_on_error<F, A>(self, on_error: F) -> Router<S>
    where
        F: Fn(Failure) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResponse> + Send + 'static,
    {
        self.router.merge(routes_with_on_error(&self.client, on_error))
    }

    pub(super) fn with<H: Handler<T, S>, T: 'static>(
        mut self,
        methods: &'static [Method],
        path: &'static str,
        handler: H,
    ) -> Self {
        self.refuse_a_route_of_the_library(path);
        self.router = self.router.route(path, method::router(methods, handler));
        self
    }

    /// Both at one path would be merged, and a handler of the application's answer callbacks.
    fn refuse_a_route_of_the_library(&self, path: &str) {
        let own = ROUTES.iter().find(|route| route.path(&self.client) == path);
        assert!(
            own.is_none(),
            "`monocloud_routes!` has a line for `{path}`, where the settings have a route of the library's own; give one of the two another path"
        );
    }
}
