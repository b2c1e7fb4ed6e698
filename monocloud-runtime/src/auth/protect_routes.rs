//! Protected routes, for who asks by themselves.

use super::handle::Auth;
use crate::guard::Denied;
use crate::protected::ProtectedRoutes;

impl Auth {
    /// Lets the request through where [`protected_routes`](crate::layer::AuthLayer::protected_routes) would: where it is
    /// under none of the routes, or may pass all that it is under. For a middleware of one's own, and for services
    /// without axum.
    ///
    /// ```
    /// use axum::extract::{Request, State};
    /// use axum::middleware::Next;
    /// use axum::response::Response;
    /// use monocloud_runtime::protected::ProtectedRoutes;
    /// use monocloud_runtime::{Auth, Denied};
    ///
    /// /// `middleware::from_fn_with_state(routes, internal)`, before `auth.layer()`.
    /// async fn internal(
    ///     State(routes): State<ProtectedRoutes>,
    ///     auth: Auth,
    ///     request: Request,
    ///     next: Next,
    /// ) -> Result<Response, Denied> {
    ///     if request.headers().contains_key("x-internal") {
    ///         auth.protect_routes(&routes).await?;
    ///     }
    ///     Ok(next.run(request).await)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Denied`], whose response is the one of the layer.
    pub async fn protect_routes(&self, routes: &ProtectedRoutes) -> Result<(), Denied> {
        let head = self.asked.head();
        let found = routes.find(self.client(), head);
        routes
            .check(found, &self.request, head)
            .await
            .map_err(|denied| *denied)
    }
}
