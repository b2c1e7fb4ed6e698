//! What visitors read of an [`Error`]: never what is the operator's to know, which is in the log.

use crate::error::Error;

/// A title, a sentence, and what to do about it.
pub(super) struct Words<'a> {
    pub(super) title: &'static str,
    pub(super) text: &'a str,
    pub(super) way_out: WayOut,
}

/// What the first link of a page offers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WayOut {
    SignIn(&'static str),
    Home,
}

impl<'a> Words<'a> {
    pub(super) fn of(error: &'a Error) -> Self {
        let (title, text, way_out) = match error {
            Error::Refused(response) if response.error == "access_denied" => (
                "Sign-in cancelled",
                "The sign-in was cancelled or denied. Nothing has changed.",
                WayOut::SignIn("Sign in again"),
            ),
            Error::UnknownTransaction => (
                "This sign-in is over",
                "It took too long, was finished already, or began in another browser.",
                WayOut::SignIn("Sign in again"),
            ),
            Error::SessionNotKept => (
                "You could not be kept signed in",
                "You signed in several times, and your browser did not bring the sign-in back. Please check that cookies are allowed for this site.",
                WayOut::SignIn("Try again"),
            ),
            Error::NotConfirmed(_) => (
                "Could not confirm your sign-in",
                "The page that you asked for needs you to prove again who you are, and the sign-in service did not confirm that you did.",
                WayOut::SignIn("Sign in again"),
            ),
            Error::LoggedOut => (
                "You were signed out",
                "The sign-in service ended your session while you were signing in.",
                WayOut::SignIn("Sign in again"),
            ),
            Error::SignInTooLarge { .. } | Error::SignInTooLargeForStore { .. } => (
                "Sign-in not possible",
                "Your account comes with more than this site can keep. Please tell whoever runs it.",
                WayOut::SignIn("Sign in again"),
            ),
            Error::Unreachable { .. } => (
                "The sign-in service does not answer",
                "It could not be reached. Please try again in a moment.",
                WayOut::SignIn("Try again"),
            ),
            Error::StoreUnavailable {
                doing: Error::END_THE_SESSION,
                ..
            } => (
                "The sign-out is not certain",
                "The session is over on the machine that you reached, and this site goes on trying to end it on all others.",
                WayOut::Home,
            ),
            Error::StoreUnavailable { .. } => (
                "This page cannot be shown just now",
                "This site cannot look up or keep who is signed in. Please try again in a moment.",
                WayOut::Home,
            ),
            Error::InvalidRequest(_) => (
                "That request cannot be answered",
                "Its address is not complete, or it was made in a way that is not meant here.",
                WayOut::SignIn("Sign in"),
            ),
            Error::CrossSite => (
                "Request refused",
                "The request did not come from a page of this site. Open the page here and try again.",
                WayOut::Home,
            ),
            Error::NoSession | Error::NoRefreshToken | Error::RefreshRefused(_) => (
                "You are signed out",
                "Sign in to go on.",
                WayOut::SignIn("Sign in"),
            ),
            Error::AccessDenied(words) => (
                "Access denied",
                &**words,
                WayOut::SignIn("Sign in as someone else"),
            ),
            Error::SessionTooLarge { .. }
            | Error::RecordTooLarge { .. }
            | Error::InvalidLogoutToken(_)
            | Error::LogoutNotShared
            | Error::StoreCannot(_)
            | Error::TooManyLogouts
            | Error::LogoutNotKept(_)
            | Error::MissingLayer
            | Error::IntrospectionRefused(_)
            | Error::MisplacedRoutes { .. }
            | Error::ResponseStarted => (
                "Something went wrong",
                "This page does not work at the moment. Whoever runs this site finds the reason in its log.",
                WayOut::Home,
            ),
            _ => (
                "Sign-in failed",
                "The sign-in could not be completed. Whoever runs this site finds the reason in its log.",
                WayOut::SignIn("Sign in again"),
            ),
        };
        Self { title, text, way_out }
    }
}
