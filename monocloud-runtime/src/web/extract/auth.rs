//! The handle that handlers work with.

use http::HeaderMap;
use http::header::COOKIE;
use http::request::Parts;

use crate::error::Error;
use crate::request::RequestAuth;
use crate::session::Session;
use crate::web::layer::request_auth;

/// The authentication of the request: reads, changes and ends its session.
///
/// An extractor. It works for whoever is signed in and whoever is not; without
/// [`MonoCloud::layer`](crate::MonoCloud::layer) it answers 500.
#[derive(Clone)]
pub struct Auth {
    request: RequestAuth,
    cookies: HeaderMap,
}

#[expect(clippy::unused_async, reason = "a session in a store will be waited for")]
impl Auth {
    pub(super) fn of(parts: &Parts) -> Result<Self, Error> {
        let request = request_auth(parts)?.clone();
        let mut cookies = HeaderMap::new();
        for cookie in parts.headers.get_all(COOKIE) {
            cookies.append(COOKIE, cookie.clone());
        }
        // Whoever holds this may answer by who asks, also in a body that is still to come.
        request.session(&cookies);
        Ok(Self { request, cookies })
    }

    /// The session, if somebody is signed in.
    pub async fn session(&self) -> Option<Session> {
        self.request.session(&self.cookies)
    }

    /// Whether somebody is signed in.
    pub async fn is_authenticated(&self) -> bool {
        self.session().await.is_some()
    }

    /// Whether the user is in any of the groups, each a name or an id. Nobody is in none.
    pub async fn is_user_in_group<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        let groups: Vec<G> = groups.into_iter().collect();
        let groups: Vec<&str> = groups.iter().map(AsRef::as_ref).collect();
        self.session()
            .await
            .is_some_and(|session| session.user().is_in_groups(&groups, false, None))
    }

    /// Keeps what was changed in the session. Of two requests at once, the last to answer wins.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] when `session` is not the one of this request, or it ended meanwhile;
    /// [`Error::SessionTooLarge`] when it does not fit into cookies; [`Error::ResponseStarted`] when
    /// the response's head is already sent. The session is then as it was.
    pub async fn update_session(&self, session: Session) -> Result<(), Error> {
        let current = self.session().await.ok_or(Error::NoSession)?;
        if current.id() != session.id() || self.request.client().ended().contains(session.id()) {
            return Err(Error::NoSession);
        }
        self.request.set_session(&self.cookies, session)
    }

    /// Ends the session here, without asking the issuer. Copies of its cookie are refused from now
    /// on.
    pub async fn destroy_session(&self) {
        self.request.end_session(&self.cookies);
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth")
    }
}
