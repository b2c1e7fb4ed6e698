//! What the macros write beside a guarded handler.

use std::future::Future;
use std::pin::Pin;

use axum::response::{IntoResponse, Response};

use crate::access::{GuardKind, Requirement};
use crate::guard::{Check, Denied, DeniedReason};
use crate::sign_in::GuardParams;

/// What a guard asks for and answers.
#[derive(Debug)]
pub struct Policy {
    /// Whom it answers.
    pub kind: GuardKind,
    /// Who may pass.
    pub requirement: Requirement<'static>,
    /// Where a sign-in ends, in place of the page that was asked for.
    pub return_url: Option<&'static str>,
    /// What a sign-in asks for, in place of what the settings say.
    pub auth_params: Option<&'static GuardParams>,
    /// What the application has to say about who would be let in.
    pub check: Option<Check>,
    /// Answers who has to sign in, or to sign in again.
    pub on_access_denied: Option<DeniedHandler>,
    /// Answers who is signed in and in the wrong group.
    pub on_group_access_denied: Option<DeniedHandler>,
}

impl Policy {
    /// A page for whoever is signed in.
    pub const PAGE: Self = Self {
        kind: GuardKind::Page,
        requirement: Requirement::PAGE,
        return_url: None,
        auth_params: None,
        check: None,
        on_access_denied: None,
        on_group_access_denied: None,
    };

    /// An API for whoever is signed in.
    pub const API: Self = Self {
        kind: GuardKind::Api,
        requirement: Requirement::API,
        ..Self::PAGE
    };
}

impl Policy {
    /// The application's own handler for who is denied for this reason.
    pub(super) fn handler_of(&self, reason: DeniedReason) -> Option<DeniedHandler> {
        match reason {
            DeniedReason::SignedOut | DeniedReason::StepUp | DeniedReason::InvalidToken => {
                self.on_access_denied
            }
            DeniedReason::WrongGroup | DeniedReason::MissingScope | DeniedReason::CheckFailed => {
                self.on_group_access_denied
            }
            _ => None,
        }
    }
}

/// A handler of the application's own for who is denied.
pub type DeniedHandler = fn(Denied) -> DeniedFuture;

/// What such a handler returns, once [`denied`] has made it one type for all.
pub type DeniedFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Makes the future of a handler one type for all.
pub fn denied<F>(future: F) -> DeniedFuture
where
    F: Future + Send + 'static,
    F::Output: IntoResponse,
{
    Box::pin(async move { future.await.into_response() })
}
