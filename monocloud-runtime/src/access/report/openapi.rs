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
    /// What is written are Security Scheme and Security Requirement Objects of OpenAPI 3.1. Operations are found by
    /// method and path, as both are written in table and document; a parameter may have another name. Where several lines
    /// have the same, in tables that are nested at different places, and ask for different things, nothing is said. Groups
    /// are no part of OpenAPI.
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
                let entries = self.entries_of(method, path);
                if let Some(security) = self.security_of_all(&entries)
                    && operation.security.is_none()
                    && (!entries.iter().any(|entry| entry.guard == Guard::Public) || !layer_may_ask)
                {
                    let policies = entries.iter().filter_map(|entry| entry.policy.as_ref());
                    asks_for_bearer |= policies.into_iter().any(|policy| policy.accept == "bearer");
                    operation.security = Some(security);
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
    /// call them, each as `GET /orders/{id}`. A test that asserts that there are none fails where somebody forgot one. Of
    /// several lines that have the method and path, a guard before one is enough.
    pub fn unsecured(&self, openapi: &OpenApi) -> Vec<String> {
        let everywhere = openapi.security.as_ref();
        let mut found = Vec::new();
        for (path, item) in &openapi.paths.paths {
            for (method, operation) in operations(item) {
                let security = operation.security.as_ref().or(everywhere);
                let entries = self.entries_of(method, path);
                let is_guarded = entries.iter().any(|entry| entry.guard != Guard::Public);
                if is_guarded && security.is_none_or(|security| is_open(security)) {
                    found.push(format!("{method} {path}"));
                }
            }
        }
        found
    }

    /// As the router chooses: the method's own lines, those of `GET` for `HEAD`, or those of every method.
    fn entries_of(&self, method: &str, path: &str) -> Vec<&Entry> {
        let path = shape(path);
        let of = |method: &str| {
            let entries = self.entries().iter().filter(|entry| {
                entry.method == Some(method) && entry.path.as_deref().is_some_and(|own| shape(own) == path)
            });
            entries.collect::<Vec<_>>()
        };
        let of_head = (method == "HEAD").then_some("GET");
        [Some(method), of_head, Some("ANY")]
            .into_iter()
            .flatten()
            .map(of)
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// Nothing, where there is none or not all ask for the same.
    fn security_of_all(&self, entries: &[&Entry]) -> Option<Vec<SecurityRequirement>> {
        let mut all = entries.iter().map(|entry| self.security_of(entry));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
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
