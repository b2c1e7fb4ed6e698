//! For tests and first steps: a provider in the process, and sessions without a flow.
//!
//! Behind the feature `testing`, which belongs into `[dev-dependencies]`; an example or a
//! quickstart that must run without an issuer uses [`from_env_or_embedded`].
//!
//! ```
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

mod embedded;
mod provider;
mod session;

pub use embedded::{EmbeddedError, embedded, from_env_or_embedded, from_env_or_embedded_with};
pub use provider::{
    ClientAuth, Endpoint, Fault, Provider, ProviderBuilder, ProviderClient, ProviderGroup, ProviderUser,
    RecordedRequest, SigningAlg,
};
pub use session::{MintedSession, access_token, id_token, open_session, refresh_token, session_cookie};

pub use crate::clock::Clock;
