//! The sessions of who asks: where they are signed in, and the end of that.

use super::handle::Auth;
use crate::client::{SessionId, SessionInfo};
use crate::error::Error;
use crate::respond::SignOut;

impl Auth {
    /// Where the user who asks is signed in, the newest session first; [`SessionInfo::is_this`] is true of the one of this
    /// request. For a page that lets people see and end their sessions.
    ///
    /// ```
    /// use monocloud_runtime::{Auth, Error};
    ///
    /// async fn devices(auth: Auth) -> Result<String, Error> {
    ///     let mut page = String::new();
    ///     for session in auth.sessions().await? {
    ///         page += session.user_agent().unwrap_or("an unknown browser");
    ///         page += if session.is_this() { " (this one)\n" } else { "\n" };
    ///     }
    ///     Ok(page)
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] when nobody is signed in; otherwise those of
    /// [`MonoCloud::sessions`](crate::MonoCloud::sessions).
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        let session = self.session().await.ok_or(Error::NoSession)?;
        let mut sessions = self.client().sessions(session.user().sub()).await?;
        let this = self.request.store_key().map(SessionId::of_key);
        for session in &mut sessions {
            session.mark_this(this);
        }
        Ok(sessions)
    }

    /// Ends one session of the user who asks, which may be the one of this request. `false` where it is not theirs, or
    /// over. What another site sends ends nothing, but for a GET, which any link can cause: ask for a POST.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] when nobody is signed in; otherwise those of
    /// [`MonoCloud::end_session`](crate::MonoCloud::end_session).
    pub async fn end_session(&self, id: &SessionId) -> Result<bool, Error> {
        let session = self.session().await.ok_or(Error::NoSession)?;
        if !self.may_end() {
            return Ok(false);
        }
        if self.request.store_key().map(SessionId::of_key) == Some(*id) {
            self.destroy_session().await?;
            return Ok(true);
        }
        self.client().end_session(session.user().sub(), id).await
    }

    /// Signs the user who asks out in every browser, and at the issuer by the answer that this gives, as
    /// [`Auth::sign_out`] does.
    ///
    /// # Errors
    ///
    /// Those of [`MonoCloud::end_sessions`](crate::MonoCloud::end_sessions) and of [`Auth::sign_out`]. The session of this
    /// request has ended here in any case.
    pub async fn sign_out_everywhere(&self, post_logout_url: Option<&str>) -> Result<SignOut, Error> {
        let user = match self.session().await {
            Some(session) if self.may_end() => Some(session.user().clone()),
            _ => None,
        };
        // The issuer may be slow, and who asked may go away.
        let others = match &user {
            Some(user) => self.client().end_sessions(user.sub()).await,
            None => Ok(()),
        };
        let out = self.sign_out(post_logout_url).await;
        others.and(out)
    }
}
