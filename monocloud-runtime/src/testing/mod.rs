//! For tests and first steps: a provider in the process, and sessions without a flow.
//!
//! Behind the feature `testing`, which belongs into `[dev-dependencies]`; an example or a
//! quickstart that must run without an issuer uses [`from_env_or_embedded`].
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use monocloud_runtime::testing::{Provider, ProviderUser, embedded, session_cookie};
//! use monocloud_runtime::{User, monocloud_groups, protect};
//! use tower::ServiceExt as _;
//!
//! monocloud_groups! { Admin = "admin" }
//!
//! #[protect(groups = ["admin"])]
//! async fn admin(user: User) -> String {
//!     user.sub().to_owned()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (auth, _provider) = embedded("http://localhost:3000").await?;
//! let app = Router::new().route("/admin", get(admin)).layer(auth.layer());
//!
//! let mira = ProviderUser::new("mira").groups(["admin"]);
//! let request = Request::get("/admin").header("cookie", session_cookie(&auth, &mira));
//! let response = app.oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//! // A request that changes something also says which site made it:
//! // `.header("origin", "http://localhost:3000")`, or it is refused as another site's.
//! # Ok(())
//! # }
//! ```

//! In a service without axum, requests go to [`MonoCloud::serve`](crate::MonoCloud::serve); and where the session must
//! be a real one, [`Provider::sign_in`] stands for the browser and its user:
//!
//! ```
//! use bytes::Bytes;
//! use http::{HeaderMap, Request, Response, header};
//! use http_body_util::{BodyExt as _, Full};
//! use monocloud_runtime::testing::embedded;
//! use monocloud_runtime::{Auth, MonoCloud, Protect};
//!
//! async fn handler(auth: Auth, _: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
//!     match auth.protect(Protect::new()).await {
//!         Ok(user) => Response::new(format!("hello {}", user.sub()).into()),
//!         Err(denied) => denied.into(),
//!     }
//! }
//!
//! async fn get(client: &MonoCloud, url: &str, cookies: &str) -> http::Result<Response<Full<Bytes>>> {
//!     let request = Request::get(url).header(header::COOKIE, cookies).body(Full::default())?;
//!     Ok(client.serve(request, handler).await)
//! }
//!
//! fn location(headers: &HeaderMap) -> &str {
//!     headers[header::LOCATION].to_str().unwrap_or_default()
//! }
//!
//! fn cookies(headers: &HeaderMap) -> String {
//!     let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
//!     set.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (client, provider) = embedded("http://localhost:3000").await?;
//!
//! let denied = get(&client, "/page", "").await?;
//! let begun = get(&client, location(denied.headers()), "").await?;
//! let callback = provider.sign_in(location(begun.headers()), "mira")?;
//! let done = get(&client, &callback, &cookies(begun.headers())).await?;
//! assert_eq!(location(done.headers()), "http://localhost:3000/page");
//!
//! let page = get(&client, "/page", &cookies(done.headers())).await?;
//! assert_eq!(page.headers()[header::CACHE_CONTROL], "private, no-store");
//! assert_eq!(page.into_body().collect().await?.to_bytes(), "hello mira");
//! # Ok(())
//! # }
//! ```

mod embedded;
mod provider;
mod session;
pub mod store_contract;

pub use embedded::{EmbeddedError, embedded, from_env_or_embedded, from_env_or_embedded_with};
pub use provider::{
    AccessTokenFault, ClientAuth, Endpoint, Fault, IntrospectionFault, LogoutAnswer, LogoutTokenFault,
    Provider, ProviderBuilder, ProviderClient, ProviderGroup, ProviderUser, RecordedRequest, SignInError,
    SigningAlg,
};
pub use session::{
    MintedSession, access_token, id_token, open_session, open_session_in_store, refresh_token,
    remembered_refreshes, session_cookie,
};

pub use crate::clock::Clock;
