//! The guard: the first extractor of a handler, so that whoever is denied is denied before anything
//! else is read.
//!
//! What a guard asks for is data, a [`Policy`] that the macros write; one function interprets it.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;

use super::policy::{DeniedFuture, Policy};
use crate::access::{Decision, GuardedHandler, decide};
use crate::guard::{Check, Denied, Objection, Refused, Terms, answer, ask, decision, failed, refuse};
use crate::http_client::BoxFuture;
use crate::request::RequestAuth;
use crate::respond::Answer;
use crate::web::layer::request_auth;
use crate::web::original_uri::head;
use crate::web::respond::served;

/// The marker that a guarded handler has beside it.
pub trait Guarded {
    /// What its guard asks for.
    const POLICY: &'static Policy;

    /// Itself, for the report about access.
    const HANDLER: &'static GuardedHandler;
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
        let by = HandlerOf(std::any::type_name::<P>());
        let refusal = match verdict(parts, P::POLICY, by) {
            Verdict::Now(refusal) => refusal,
            Verdict::Later(refusal) => refusal.await,
        };
        match refusal {
            None => Ok(Self(PhantomData)),
            Some(Refusal::Own(answer)) => Err(served(answer)),
            Some(Refusal::Handler(answer)) => Err(answer.await),
        }
    }
}

/// What a guard says: nothing, where somebody is let in.
enum Verdict<'a> {
    Now(Option<Refusal>),
    /// Where the issuer or the application is asked first.
    Later(BoxFuture<'a, Option<Refusal>>),
}

/// What answers whom a guard does not let in.
enum Refusal {
    Own(Answer),
    Handler(DeniedFuture),
}

fn verdict<'a>(parts: &'a Parts, policy: &'static Policy, by: HandlerOf) -> Verdict<'a> {
    let auth = match request_auth(parts) {
        Ok(auth) => auth,
        Err(error) => return Verdict::Now(Some(Refusal::Own(failed(policy.kind, error, &parts.headers)))),
    };
    let asked = Asked {
        auth,
        parts,
        policy,
        by,
    };
    match (auth.pending_for(policy.requirement.accept), policy.check) {
        (None, None) => Verdict::Now(asked.refusal()),
        (pending, check) => Verdict::Later(Box::pin(async move {
            if let Some(pending) = pending {
                pending.await;
            }
            match (asked.refusal(), check) {
                (None, Some(check)) => asked.objection(check).await,
                (refusal, _) => refusal,
            }
        })),
    }
}

/// A request for a guarded handler.
#[derive(Clone, Copy)]
struct Asked<'a> {
    auth: &'a RequestAuth,
    parts: &'a Parts,
    policy: &'static Policy,
    by: HandlerOf,
}

impl Asked<'_> {
    /// By what the guard itself asks for.
    fn refusal(self) -> Option<Refusal> {
        let (auth, parts, requirement) = (self.auth, self.parts, &self.policy.requirement);
        let decision = decision(
            auth,
            &parts.method,
            &parts.headers,
            requirement.accept,
            requirement.csrf,
            |caller, own_site, moment| decide(caller, requirement, own_site, moment),
        );
        match decision {
            Ok(Decision::Allow) => None,
            Ok(decision) => Some(self.refused(decision, None)),
            Err(error) => Some(Refusal::Own(failed(self.policy.kind, error, &parts.headers))),
        }
    }

    /// By what the application says of whom the guard itself would let in.
    async fn objection(self, check: Check) -> Option<Refusal> {
        let objection = ask(check, self.parts, self.by, self.auth).await.err()?;
        Some(self.refused(Decision::CheckFailed, Some(objection)))
    }

    fn refused(self, decision: Decision, objection: Option<Objection>) -> Refusal {
        let Self {
            auth,
            parts,
            policy,
            by,
        } = self;
        let (user, head, client) = (auth.user(), head(parts), auth.client());
        let groups = policy.requirement.groups;
        let reason = refuse(decision, auth, by, user.as_ref(), groups, head);
        let terms = Terms::Written {
            kind: policy.kind,
            requirement: &policy.requirement,
            auth_params: policy.auth_params,
            return_url: policy.return_url,
        };
        let refused = Refused::new(reason, terms).objected(objection);
        match policy.handler_of(reason) {
            Some(handler) => {
                let denied = Denied::new(refused, client.clone(), parts.clone(), head.page(), user);
                Refusal::Handler(handler(denied))
            }
            None => Refusal::Own(answer(&refused, user.as_ref(), client, head)),
        }
    }
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
