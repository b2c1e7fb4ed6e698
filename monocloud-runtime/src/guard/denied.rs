//! A request that was not let in, for handlers.

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::answer::{Refused, answer, as_someone_else, return_url, sign_in_address};
use super::reason::DeniedReason;
use crate::client::MonoCloud;
use crate::identity::User;
use crate::request::AskedPage;
use crate::respond::Answer;
use crate::sign_in::SignInUrl;
use crate::sign_out::SignOutUrl;

/// A request that a guard did not let in: what `on_access_denied` and `on_group_access_denied` get, and the error of
/// [`Auth::protect`](crate::Auth::protect).
///
/// As a response it is what the guard would have answered without a handler.
pub struct Denied {
    refused: Refused,
    client: MonoCloud,
    parts: Box<Parts>,
    page: AskedPage,
    user: Option<User>,
}

impl Denied {
    pub(crate) fn new(
        refused: Refused,
        client: MonoCloud,
        parts: Parts,
        page: AskedPage,
        user: Option<User>,
    ) -> Self {
        Self {
            // No cookie speaks for who sent it, also where an application looks.
            user: user.filter(|_| refused.reason != DeniedReason::CrossSite),
            refused,
            client,
            parts: Box::new(parts),
            page,
        }
    }

    /// What the `check` of the guard said to whoever asks, with [`AccessDenied`](crate::hooks::AccessDenied).
    pub fn words(&self) -> Option<&str> {
        self.refused.words.as_deref()
    }

    /// Why.
    pub fn reason(&self) -> DeniedReason {
        self.refused.reason
    }

    /// Who is signed in, if anybody: nobody where another site made the request.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// The groups that the guard asks for.
    pub fn groups(&self) -> Vec<&str> {
        self.refused.terms.groups()
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The request's URI, as it was sent.
    pub fn uri(&self) -> &Uri {
        self.page.uri()
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The request's extensions, in which layers put what an application shares. [`Auth::protect`](crate::Auth::protect)
    /// has none of them: a handler extracts what it shares.
    pub fn extensions(&self) -> &http::Extensions {
        &self.parts.extensions
    }

    /// Where to sign in and come back from.
    pub fn sign_in_url(&self) -> String {
        let back = return_url(&self.client, &self.refused, self.page.head(&self.parts));
        sign_in_address(&self.refused, self.user.as_ref(), &self.client, back)
    }

    /// The `WWW-Authenticate` of the answer, which tells a client what to do differently: where somebody has to prove
    /// again, or better, who they are ([`DeniedReason::StepUp`], RFC 9470 §3), and wherever access tokens are taken
    /// (RFC 6750 §3).
    pub fn challenge(&self) -> Option<HeaderValue> {
        self.refused.challenge(&self.client)
    }

    /// Where to sign in as somebody else and come back from: the issuer asks which account it is to be.
    pub fn sign_in_as_someone_else_url(&self) -> SignInUrl {
        as_someone_else(&self.refused, &self.client, self.page.head(&self.parts))
    }

    /// Where to sign out.
    pub fn sign_out_url(&self) -> SignOutUrl {
        self.client.sign_out_url()
    }
}

impl Denied {
    /// The library's own answer.
    pub(crate) fn into_answer(self) -> Answer {
        let head = self.page.head(&self.parts);
        answer(&self.refused, self.user.as_ref(), &self.client, head)
    }
}

impl std::fmt::Debug for Denied {
    /// Without the headers, which hold cookies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Denied")
            .field("reason", &self.refused.reason)
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Display for Denied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.reason() {
            DeniedReason::SignedOut => "nobody is signed in",
            DeniedReason::WrongGroup => "whoever is signed in is not in the groups that are asked for",
            DeniedReason::StepUp => "whoever is signed in has to prove again, or better, who they are",
            DeniedReason::InvalidToken => "the access token is no good",
            DeniedReason::InvalidRequest => "the request has several access tokens",
            DeniedReason::CheckFailed => "the application's own check said no",
            DeniedReason::NoUser => "the access token is a client's own, and a person is asked for",
            DeniedReason::Failed => "it could not be found out who calls",
            DeniedReason::MissingScope => "the access token lacks a scope that is asked for",
            DeniedReason::CrossSite => "another site made the browser send the request",
            DeniedReason::UnreadablePath => "the path of the request cannot be read for certain",
            DeniedReason::Preflight => "a preflight brings nothing that says who asks",
        })
    }
}

impl std::error::Error for Denied {}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{Denied, DeniedReason, Refused};
    use crate::client::MonoCloud;
    use crate::guard::{Protect, Terms};
    use crate::request::Head;

    #[test]
    fn debug_shows_no_cookie_and_no_query() {
        let client = MonoCloud::of_tests();
        let request = Request::get("/page?token=in-the-query").header("cookie", "session=in-the-cookie");
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let page = Head::whole(&parts).page();
        let denied = Denied::new(
            Refused::new(DeniedReason::WrongGroup, Terms::Said(Protect::new())),
            client,
            parts,
            page,
            None,
        );
        let shown = format!("{denied:?} {denied}");
        assert!(shown.contains("/page") && shown.contains("WrongGroup"), "{shown}");
        assert!(!shown.contains("in-the-"), "{shown}");
    }
}
