//! What the macros write beside a guarded handler.

use std::future::Future;
use std::pin::Pin;

use axum::response::{IntoResponse, Response};

use crate::access::{GuardKind, Requirement};
use crate::guard::Denied;
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
