//! The answer of a handler that signed somebody out.

use super::Answer;
use super::redirect::go;

/// Sends the browser to where a sign-out goes on (303, or `HX-Redirect` for HTMX): the issuer, so that its session
/// ends too, or where it ends. [`Auth::sign_out`](crate::Auth::sign_out) makes it, and has ended the session here already.
#[derive(Clone)]
#[must_use = "only as the answer it takes the browser to the issuer"]
pub struct SignOut {
    location: String,
    by_htmx: bool,
}

impl SignOut {
    pub(crate) fn to(location: String, by_htmx: bool) -> Self {
        Self { location, by_htmx }
    }

    pub(crate) fn into_answer(self) -> Answer {
        go(&self.location, self.by_htmx)
    }

    /// Where it sends the browser. To the issuer it holds the ID token: nothing for a log.
    pub fn location(&self) -> &str {
        &self.location
    }
}

impl std::fmt::Debug for SignOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (page, _) = self.location.split_once('?').unwrap_or((&self.location, ""));
        f.debug_struct("SignOut")
            .field("location", &page)
            .finish_non_exhaustive()
    }
}
