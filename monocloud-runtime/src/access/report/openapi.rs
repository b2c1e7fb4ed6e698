//! What an OpenAPI document says of who may call an operation.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi};

use super::collect::AccessReport;
use super::entry::{Entry, Guard};

/// The names of the security schemes.
const SESSION: &str = "session";
const BEARER: &str = "bearer";

impl AccessReport {
    /// Completes an OpenAPI document: each operation that says nothing of its `security` and is in a table gets what its
    /// guard asks for, and each of a public line an empty list, unless the layer has
    /// [`protected_routes`](crate::layer::AuthLayer::protected_routes), which may ask for more than the line does. The
    /// schemes are `session`, the session cookie, and `bearer`, an access token with the guard's scopes, where access
    /// tokens are taken. What a document says by itself stays.
    ///
    /// What is written are Security Scheme and Security Requirement Objects of OpenAPI 3.1. Operations are found by method and path, as both are written in table and document; a parameter may have another
    /// name. Groups are no part of OpenAPI.
    ///
    /// ```
    /// use utoipa::openapi::OpenApi;
    ///
    /// fn documented(auth: &monocloud_runtime::MonoCloud, mut openapi: OpenApi) -> OpenApi {
    ///     auth.report().secure(&mut openapi);
    ///     openapi
    /// }
    /// ```
    pub fn secure(&self, openapi: &mut OpenApi) {
        let mut asks_for_bearer = self.schemes.takes_access_tokens;
        let layer_may_ask = self.entries().iter().any(Entry::is_of_the_layer);
        for (path, item) in &mut openapi.paths.paths {
            for (method, operation) in operations_mut(item) {
                if let Some(entry) = self.entry_of(method, path)
                    && operation.security.is_none()
                    && (entry.guard != Guard::Public || !layer_may_ask)
                {
                    asks_for_bearer |= entry
                        .policy
                        .as_ref()
                        .is_some_and(|policy| policy.accept == "bearer");
                    operation.security = Some(self.security_of(entry));
                }
            }
        }
        let components = openapi.components.get_or_insert_with(Components::new);
        let mut add = |name: &str, scheme| {
            let schemes = &mut components.security_schemes;
            schemes
                .entry(name.to_owned())
                .or_insert_with(|| SecurityScheme::into(scheme));
        };
        let cookie = ApiKeyValue::new(&*self.schemes.session_cookie);
        add(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        if asks_for_bearer {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            add(BEARER, SecurityScheme::Http(bearer));
        }
    }

    /// The operations of a document that a guard stands before and that say nothing of their security, or that anybody may
    /// call them, each as
    /// `GET /orders/{id}`. A test that asserts that there are none fails where somebody forgot one.
    pub fn unsecured(&self, openapi: &OpenApi) -> Vec<String> {
        let everywhere = openapi.security.as_ref();
        let mut found = Vec::new();
        for (path, item) in &openapi.paths.paths {
            for (method, operation) in operations(item) {
                let security = operation.security.as_ref().or(everywhere);
                let is_guarded = self
                    .entry_of(method, path)
                    .is_some_and(|entry| entry.guard != Guard::Public);
                if is_guarded && security.is_none_or(|security| is_open(security)) {
                    found.push(format!("{method} {path}"));
                }
            }
        }
        found
    }

    /// As the router chooses: the method's own line, that of `GET` for `HEAD`, or that of every method.
    fn entry_of(&self, method: &str, path: &str) -> Option<&Entry> {
        let path = shape(path);
        let of = |method: &str| {
            self.entries().iter().find(|entry| {
                entry.method == Some(method) && entry.path.as_deref().is_some_and(|own| shape(own) == path)
            })
        };
        let of_head = || (method == "HEAD").then(|| of("GET")).flatten();
        of(method).or_else(of_head).or_else(|| of("ANY"))
    }

    /// One of these is enough.
    fn security_of(&self, entry: &Entry) -> Vec<SecurityRequirement> {
        let Some(policy) = &entry.policy else {
            return Vec::new();
        };
        let takes_session = policy.accept != "bearer";
        let takes_bearer = match policy.accept {
            "session" => false,
            "bearer" => true,
            _ => self.schemes.takes_access_tokens,
        };
        let session = takes_session.then(|| SecurityRequirement::new(SESSION, [""; 0]));
        let bearer = takes_bearer.then(|| SecurityRequirement::new(BEARER, policy.scopes.iter()));
        session.into_iter().chain(bearer).collect()
    }
}

/// Without the names of its parameters, and without the `*` that OpenAPI does not know.
fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut in_braces = false;
    for c in path.chars() {
        if !in_braces || c == '}' {
            shape.push(c);
        }
        in_braces = c == '{' || in_braces && c != '}';
    }
    shape
}

/// No requirement, or one that asks for nothing.
fn is_open(security: &[SecurityRequirement]) -> bool {
    security.is_empty() || security.contains(&SecurityRequirement::default())
}

macro_rules! by_method {
    ($item:ident, $as:ident, $($method:literal $field:ident)*) => {
        [$(($method, $item.$field.$as())),*]
            .into_iter()
            .filter_map(|(method, operation)| Some((method, operation?)))
    };
}

fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    by_method!(item, as_ref, "GET" get "HEAD" head "POST" post "PUT" put "PATCH" patch "DELETE" delete
        "OPTIONS" options "TRACE" trace)
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    by_method!(item, as_mut, "GET" get "HEAD" head "POST" post "PUT" put "PATCH" patch "DELETE" delete
        "OPTIONS" options "TRACE" trace)
}
