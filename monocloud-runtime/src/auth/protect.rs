//! A guard in the middle of a handler.

use super::handle::Auth;
use crate::access::Decision;
use crate::guard::{Denied, DeniedReason, Protect, Refused, Terms, decision, refuse};
use crate::identity::User;

impl Auth {
    /// Lets in whom `#[protect]` with these options would let in, and says who it is: for handlers that know only
    /// while they run what a request needs.
    ///
    /// ```
    /// use monocloud_runtime::{Auth, Denied, Protect};
    ///
    /// async fn drafts(auth: Auth) -> Result<String, Denied> {
    ///     let user = auth.protect(Protect::new().groups(["editor", "admin"])).await?;
    ///     Ok(format!("the drafts of {}", user.sub()))
    /// }
    /// ```
    ///
    /// A handler with an error type of its own makes a variant of it, with `From<Denied>`, that answers with what
    /// is in it; [`Denied`] is an error and a response.
    ///
    /// What a handler does before is done whoever asks, and its other extractors have read the request: where the
    /// options are known beforehand, `#[protect]` is the better guard.
    ///
    /// # Errors
    ///
    /// [`Denied`], whose response is the one of `#[protect]`, with [`Protect::api`] that of `#[protect_api]`: to sign in and
    /// come back to the page that was asked for, or 401 for scripts, also for who signed in too long ago or by other
    /// means; 403 for who is in the wrong group or lacks a scope, for a client's own token (RFC 9068 §5), and for what
    /// another site made, also where the handler has a guard with `csrf = false`; 400 for several access tokens; 500, 502
    /// or 503 where the issuer fails.
    pub async fn protect(&self, options: Protect) -> Result<User, Denied> {
        let (auth, asked) = (&self.request, &*self.asked);
        let accept = options.accepts();
        if let Some(pending) = auth.pending_for(accept) {
            pending.await;
        }
        let decided = decision(
            auth,
            &asked.parts.method,
            &asked.parts.headers,
            accept,
            options.csrf,
            |caller, own_site, moment| options.decide(caller, own_site, moment),
        );
        let user = auth.user();
        let decision = match (&decided, user) {
            (Ok(Decision::Allow), Some(user)) => return Ok(user),
            (Ok(Decision::Allow), None) => Decision::NoUser,
            (Ok(decision), _) => *decision,
            (Err(_), _) => Decision::SignedOut,
        };
        let user = auth.user();
        let refused = if let Err(error) = decided {
            Refused::new(DeniedReason::Failed, Terms::Said(options)).because(error)
        } else {
            let (groups, head) = (options.names(), asked.head());
            let reason = refuse(decision, auth, Protect::NAME, user.as_ref(), &groups, head);
            Refused::new(reason, Terms::Said(options))
        };
        Err(Denied::new(
            refused,
            auth.client().clone(),
            asked.parts.clone(),
            asked.page.clone(),
            user,
        ))
    }
}
