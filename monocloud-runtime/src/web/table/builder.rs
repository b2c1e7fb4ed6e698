//! Lines on their way into one router.
//!
//! A call for each line, and each as small for the compiler as axum's own: there may be a thousand of them.

use std::future::Future;

use axum::Router;
use axum::handler::Handler;
use axum::response::IntoResponse;

use super::guarded::{Arguments, Guards};
use super::method::{self, Method};
use crate::access::{GuardedHandler, Mount};
use crate::client::MonoCloud;
use crate::respond::Failure;
use crate::routes::{ROUTES, resource_metadata};
use crate::web::guard::Guarded;
use crate::web::routes::{routes, routes_with_on_error};

/// Some lines of it, in a router.
#[derive(Debug)]
#[must_use = "what becomes a router are its lines, by `into_router`"]
pub struct Table<S> {
    client: MonoCloud,
    /// Where the library's own routes are.
    own: Vec<String>,
    router: Router<S>,
}

impl<S: Clone + Send + Sync + 'static> Table<S> {
    /// Without a line.
    pub fn new(client: &MonoCloud) -> Self {
        Self {
            client: client.clone(),
            own: ROUTES
                .iter()
                .map(|route| route.path(client).to_owned())
                .chain(resource_metadata::paths(client))
                .collect(),
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
        let guarded = <T::First as Guards>::Policy::HANDLER;
        let place = (guarded.name, guarded.module, guarded.line);
        self.note(methods, path, place, Some(guarded));
        self.with(methods, path, handler)
    }

    /// With a handler that everybody may call. The line stands in this module.
    pub(super) fn public<H, T>(
        self,
        methods: &'static [Method],
        path: &'static str,
        (module, line): (&'static str, u32),
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.note(methods, path, (std::any::type_name::<H>(), module, line), None);
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

    fn with<H: Handler<T, S>, T: 'static>(
        mut self,
        methods: &'static [Method],
        path: &'static str,
        handler: H,
    ) -> Self {
        self.refuse_a_route_of_the_library(path);
        self.router = self.router.route(path, method::router(methods, handler));
        self
    }

    /// For the report about access.
    fn note(
        &self,
        methods: &[Method],
        path: &'static str,
        (handler, module, line): (&'static str, &'static str, u32),
        guarded: Option<&'static GuardedHandler>,
    ) {
        for method in methods {
            let line = Mount {
                path,
                method: method.as_str(),
                handler,
                module,
                line,
            };
            self.client.mounted().add(line, guarded);
        }
    }

    /// Both at one path would be merged, and a handler of the application's answer callbacks.
    fn refuse_a_route_of_the_library(&self, path: &str) {
        assert!(
            self.own.iter().all(|own| own != path),
            "`monocloud_routes!` has a line for `{path}`, where the library has a route of its own, by the settings; give one of the two another path"
        );
    }
}
