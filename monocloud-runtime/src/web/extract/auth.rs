//! The handle that handlers work with.

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
}

#[expect(clippy::unused_async, reason = "a session in a store will be waited for")]
impl Auth {
    pub(super) fn of(parts: &Parts) -> Result<Self, Error> {
        let request = request_auth(parts)?.clone();
        // Whoever holds this may answer by who asks, also in a body that is still to come.
        request.with_record(|_| ());
        Ok(Self { request })
    }

    /// The session, if somebody is signed in.
    pub async fn session(&self) -> Option<Session> {
        self.request.session()
    }

    /// Whether somebody is signed in.
    pub async fn is_authenticated(&self) -> bool {
        self.request.with_record(|record| record.is_some())
    }

    /// Whether the user is in any of the groups, each a name or an id. Nobody is in none.
    pub async fn is_user_in_group<G: AsRef<str>>(&self, groups: impl IntoIterator<Item = G>) -> bool {
        self.request.user().is_some_and(|user| user.is_in_any(groups))
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
        if current.record().id() != session.record().id()
            || self.request.client().ended().contains(session.record().id())
        {
            return Err(Error::NoSession);
        }
        self.request.set_session(session)
    }

    /// Ends the session here, without asking the issuer. Copies of its cookie are refused from now
    /// on.
    pub async fn destroy_session(&self) {
        self.request.end_session();
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth")
    }
}
