//! One request without a web framework: from a request to one response, with all of its headers.

mod responses;

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};

use crate::access::GuardKind;
use crate::auth::Auth;
use crate::client::{MonoCloud, RESOURCE_METADATA};
use crate::guard::failed;
use crate::request::{Head, RequestAuth, anybody};
use crate::respond::{Answer, Failure};
use crate::routes::{ROUTES, Received, boxed, resource_metadata};

impl MonoCloud {
    /// Answers one request of a service that is no axum router, such as one of bare hyper: with the crate `http` 1 and a
    /// runtime of tokio that has its timer, where nothing has shortened the request's URI.
    ///
    /// A request for one of the library's own [`routes`](Self::routes) is answered here. Every other one goes to
    /// `handler`, with the [`Auth`] that knows who asks; what that decides is written into the response that
    /// `handler` returns: the cookies of the session, and the headers that keep what is one person's out of caches.
    /// Who asks is known under the same rules as behind [`layer`](Self::layer), which is for routers and tower: of a
    /// request that another site made, nobody. Whatever `handler` answers counts as an answer to who asks, and stays out
    /// of caches unless it says otherwise: answer what is everybody's, such as style sheets, before this.
    ///
    /// Bodies of requests are any whose data are [`Bytes`], and those of responses any that come of them, such as
    /// `http_body_util::Full<Bytes>`; for others, such as `BoxBody`, there is [`serve_with`](Self::serve_with). What the library answers becomes such a response with `into()`:
    /// [`Denied`](crate::Denied), [`SignIn`](crate::SignIn), [`SignOut`](crate::SignOut) and [`Error`](crate::Error).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use monocloud_runtime::{Auth, MonoCloud, Protect};
    ///
    /// async fn answer(client: &MonoCloud, request: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
    ///     client.serve(request, handler).await
    /// }
    ///
    /// async fn handler(auth: Auth, request: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
    ///     match request.uri().path() {
    ///         "/admin" => match auth.protect(Protect::new().groups(["admin"])).await {
    ///             Ok(user) => Response::new(format!("hello {}", user.sub()).into()),
    ///             Err(denied) => denied.into(),
    ///         },
    ///         _ => Response::new(format!("<a href=\"{}\">Sign in</a>", auth.sign_in_url()).into()),
    ///     }
    /// }
    /// ```
    pub async fn serve<B, R, F>(
        &self,
        request: Request<B>,
        handler: impl FnOnce(Auth, Request<B>) -> F,
    ) -> Response<R>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        R: From<Bytes>,
        F: Future<Output = Response<R>>,
    {
        self.serve_with(request, R::from, handler).await
    }

    /// The same for bodies that do not come of [`Bytes`] by themselves: `body` makes one of an answer of the library's.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::combinators::BoxBody;
    /// use http_body_util::{BodyExt as _, Full};
    /// use monocloud_runtime::{Auth, MonoCloud, Protect};
    ///
    /// type Body = BoxBody<Bytes, Infallible>;
    ///
    /// fn whole(bytes: Bytes) -> Body {
    ///     Full::new(bytes).boxed()
    /// }
    ///
    /// async fn answer(client: &MonoCloud, request: Request<Full<Bytes>>) -> Response<Body> {
    ///     client.serve_with(request, whole, handler).await
    /// }
    ///
    /// async fn handler(auth: Auth, _: Request<Full<Bytes>>) -> Response<Body> {
    ///     match auth.protect(Protect::new()).await {
    ///         Ok(user) => Response::new(whole(user.sub().to_owned().into())),
    ///         Err(denied) => Response::<Bytes>::from(denied).map(whole),
    ///     }
    /// }
    /// ```
    pub async fn serve_with<B, R, F>(
        &self,
        mut request: Request<B>,
        body: impl FnOnce(Bytes) -> R,
        handler: impl FnOnce(Auth, Request<B>) -> F,
    ) -> Response<R>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        F: Future<Output = Response<R>>,
    {
        let outer = request.extensions().get::<RequestAuth>();
        // As with two layers of one client, the outer one writes.
        let (auth, writes) = match outer.filter(|outer| outer.client().is(self)) {
            Some(outer) => (outer.clone(), false),
            None => (RequestAuth::new(self.clone(), request.headers_mut()), true),
        };
        request.extensions_mut().insert(auth.clone());
        let mut response = match self.own_answer(&auth, request).await {
            Ok(answer) => answer.map(body),
            Err(request) => {
                let (parts, sent) = request.into_parts();
                if let Some(pending) = auth.pending() {
                    pending.await;
                }
                // Nobody is refused yet: what another site made is found again by whoever asks the handle.
                let _ = auth.identify(&parts.method, &parts.headers, anybody);
                if let Some(error) = auth.trouble() {
                    failed(GuardKind::Page, error, &parts.headers).map(body)
                } else {
                    let handle = Auth::new(auth.clone(), Head::whole(&parts));
                    handler(handle, Request::from_parts(parts, sent)).await
                }
            }
        };
        if writes {
            auth.finish(response.headers_mut());
        }
        response
    }

    /// The answer of the route that the request is for, or the request.
    async fn own_answer<B>(&self, auth: &RequestAuth, request: Request<B>) -> Result<Answer, Request<B>>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
    {
        let path = request.uri().path();
        if path.starts_with(RESOURCE_METADATA) && resource_metadata::paths(self).iter().any(|own| own == path)
        {
            return Ok(resource_metadata::answer(self, request.method()).await);
        }
        let base = self.settings().site.app_url.base();
        let is_for = |route: &str| path == route || path.strip_prefix(base) == Some(route);
        let Some(route) = ROUTES.into_iter().find(|route| is_for(route.path(self))) else {
            return Err(request);
        };
        let (parts, body) = request.into_parts();
        let received = Received {
            page: Head::whole(&parts).page(),
            parts,
            body: boxed(body),
        };
        let answered = route.answer(auth.clone(), received).await;
        Ok(answered.unwrap_or_else(Failure::into_answer))
    }
}
