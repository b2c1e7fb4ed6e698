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

pub use embedded::{EmbeddedError, embedded, from_env_or_embedded};
pub use provider::{
    ClientAuth, Endpoint, Fault, Provider, ProviderBuilder, ProviderClient, ProviderGroup, ProviderUser,
    RecordedRequest, SigningAlg,
};

pub use crate::clock::Clock;

use crate::client::MonoCloud;
use crate::identity::User;
use crate::session::{NewSession, Session};

/// The value of the `Cookie` header for a session of `user`, as a sign-in that just ended would
/// have set it: guarded handlers are tested through the router with it.
///
/// # Panics
///
/// When the claims are too large for cookies.
pub fn session_cookie(client: &MonoCloud, user: impl Into<User>) -> String {
    let new = NewSession {
        user: user.into(),
        auth_time: Some(client.now()),
        id_token: None,
        access_token: None,
    };
    let session = Session::start(new, client.settings().session_lifetime, client.now());
    crate::request::request_header(client, &session).expect("the user's claims fit into cookies")
}

/// The session that a `Cookie` header's value carries, if there is one and it is good: what a test
/// looks into after a response has set cookies.
pub fn open_session(client: &MonoCloud, cookies: &str) -> Option<Session> {
    let mut headers = http::HeaderMap::new();
    headers.insert(http::header::COOKIE, cookies.parse().ok()?);
    crate::request::session_of(client, &headers)
}

impl From<&ProviderUser> for User {
    /// With all claims, whatever scopes would release.
    fn from(user: &ProviderUser) -> Self {
        Self::from_claims(user.to_claims())
    }
}

impl From<ProviderUser> for User {
    fn from(user: ProviderUser) -> Self {
        Self::from(&user)
    }
}
