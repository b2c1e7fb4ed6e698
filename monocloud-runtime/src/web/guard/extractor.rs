//! The guard: the first extractor of a handler, so that whoever is denied is denied before anything
//! else is read.
//!
//! What a guard asks for is data, a [`Policy`] that the macros write; one function interprets it.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use super::policy::{DeniedFuture, Policy};
use crate::access::{Decision, decide};
use crate::guard::{Denied, DeniedReason, Refused, Terms, answer, decision, failed, refuse};
use crate::respond::Answer;
use crate::web::layer::request_auth;
use crate::web::original_uri::head;
use crate::web::respond::served;

/// The marker that a guarded handler has beside it.
pub trait Guarded {
    /// What its guard asks for.
    const POLICY: &'static Policy;
}

/// The extractor that lets in, or answers.
pub struct Guard<P>(PhantomData<fn() -> P>);

impl<P> std::fmt::Debug for Guard<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

impl<P: Guarded, S: Send + Sync> FromRequestParts<S> for Guard<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        match refusal(parts, P::POLICY, HandlerOf(std::any::type_name::<P>())) {
            None => Ok(Self(PhantomData)),
            Some(Refusal::Own(answer)) => Err(served(answer)),
            Some(Refusal::Handler(answer)) => Err(answer.await),
        }
    }
}

/// What answers whom a guard does not let in.
enum Refusal {
    Own(Answer),
    Handler(DeniedFuture),
}

/// Nothing, where somebody is let in.
fn refusal(parts: &Parts, policy: &'static Policy, by: HandlerOf) -> Option<Refusal> {
    let auth = match request_auth(parts) {
        Ok(auth) => auth,
        Err(error) => return Some(Refusal::Own(failed(policy.kind, error, &parts.headers))),
    };
    let requirement = &policy.requirement;
    let decision = decision(
        auth,
        &parts.method,
        &parts.headers,
        requirement.csrf,
        |caller, own_site, moment| decide(caller, requirement, own_site, moment),
    );
    if decision == Decision::Allow {
        return None;
    }
    let (user, head) = (auth.user(), head(parts));
    let reason = refuse(decision, auth, by, user.as_ref(), requirement.groups, head);
    let handler = match reason {
        DeniedReason::SignedOut | DeniedReason::StepUp | DeniedReason::InvalidToken => {
            policy.on_access_denied
        }
        DeniedReason::WrongGroup | DeniedReason::MissingScope => policy.on_group_access_denied,
        DeniedReason::CrossSite => None,
    };
    let terms = Terms::Written {
        kind: policy.kind,
        requirement,
        auth_params: policy.auth_params,
        return_url: policy.return_url,
    };
    let client = auth.client();
    Some(match handler {
        Some(handler) => {
            let denied = Denied::new(reason, terms, client.clone(), parts.clone(), head.page(), user);
            Refusal::Handler(handler(denied))
        }
        None => Refusal::Own(answer(&Refused { reason, terms }, user.as_ref(), client, head)),
    })
}

/// The handler that a marker is of: `shop::orders::list` of `shop::orders::__Policy_list_12`, which is that
/// at line 12.
#[derive(Clone, Copy)]
struct HandlerOf(&'static str);

impl std::fmt::Display for HandlerOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (path, line) = self.0.rsplit_once('_').unwrap_or((self.0, ""));
        let path = if line.bytes().all(|byte| byte.is_ascii_digit()) {
            path
        } else {
            self.0
        };
        path.split("__Policy_").try_for_each(|part| f.write_str(part))
    }
}

#[cfg(test)]
mod tests {
    use super::HandlerOf;

    #[test]
    fn the_log_calls_a_handler_what_the_source_calls_it() {
        for (marker, path) in [
            ("shop::__Policy_list_12", "shop::list"),
            ("shop::orders::__Policy_by_id_7", "shop::orders::by_id"),
            ("shop::orders::__Policy_list", "shop::orders::list"),
        ] {
            assert_eq!(HandlerOf(marker).to_string(), path);
        }
    }
}
