//! Whether a request gets through.

use std::collections::BTreeSet;

use http::Method;
use http::header::ACCESS_CONTROL_REQUEST_METHOD;
use http::request::Parts;
use tokio::time::Instant;

use super::entry::{Entry, Side};
use super::request::RouteRequest;
use super::routes::{Found, ProtectedRoutes};
use crate::access::paths::Unreadable;
use crate::access::{Accept, Decision};
use crate::guard::{Denied, DeniedReason, Refused, decision, refuse};
use crate::request::{Head, RequestAuth, log};

impl ProtectedRoutes {
    /// Lets the request through, or says who answers it.
    pub(crate) async fn check(
        &self,
        found: Found,
        auth: &RequestAuth,
        head: Head<'_>,
    ) -> Result<(), Box<Denied>> {
        let (entries, side) = match found {
            Found::Nothing => return Ok(()),
            Found::Unreadable { why, side } => return Err(self.unreadable(why, side, auth, head)),
            Found::Under { entries, side } => (entries, side),
        };
        let under = self.under(entries, auth, head).await;
        let Some(first) = under.first() else {
            return Ok(());
        };
        for entry in &under {
            entry.note_match();
        }
        if is_preflight(head.parts) {
            let refused = Refused::new(DeniedReason::Preflight, first.terms(side));
            return Err(denied(refused, auth, head));
        }
        decide(&under, side, auth, head).await
    }

    /// The entries that the request is under, after predicates were asked.
    async fn under(&self, mut entries: BTreeSet<usize>, auth: &RequestAuth, head: Head<'_>) -> Vec<&Entry> {
        let compiled = self.compiled();
        let limit = auth.client().settings().calls.response_timeout;
        let mut asked = None;
        for (at, predicate) in &compiled.predicates {
            if entries.contains(at) {
                continue;
            }
            let (request, by) =
                asked.get_or_insert_with(|| (RouteRequest::new(head), Instant::now() + limit));
            let entry = &compiled.entries[*at];
            if predicate.says_yes(request.clone(), *by, entry).await {
                entries.insert(*at);
            }
        }
        entries.into_iter().map(|at| &*compiled.entries[at]).collect()
    }

    /// Whatever is behind might make anything of it, so nobody gets there.
    fn unreadable(&self, why: Unreadable, side: Side, auth: &RequestAuth, head: Head<'_>) -> Box<Denied> {
        let first = &self.compiled().entries[0];
        let path = log::path(head);
        tracing::debug!(
            name: "monocloud.protected_routes.unreadable",
            path,
            %why,
            "refused a path that cannot be read in one way"
        );
        log::denied(
            auth.client(),
            "protected_routes",
            "unreadable path",
            None,
            &[],
            head,
        );
        denied(
            Refused::new(DeniedReason::UnreadablePath, first.terms(side)),
            auth,
            head,
        )
    }
}

/// All of them must let the request in; whoever is further from that answers.
async fn decide(under: &[&Entry], side: Side, auth: &RequestAuth, head: Head<'_>) -> Result<(), Box<Denied>> {
    let accepts = |entry: &&Entry| entry.protect(side).accepts();
    let accept = if under.iter().any(|entry| accepts(entry) == Accept::Session) {
        Accept::Session
    } else {
        Accept::Any
    };
    if let Some(pending) = auth.pending_for(accept) {
        pending.await;
    }
    let Parts { method, headers, .. } = head.parts;
    let csrf = under.iter().all(|entry| entry.protect(side).csrf);
    let mut refusing = under[0];
    let decided = decision(auth, method, headers, accept, csrf, |caller, own_site, moment| {
        let refused = under
            .iter()
            .map(|entry| (entry, entry.protect(side).decide(caller, own_site, moment)))
            .filter(|(_, decision)| *decision != Decision::Allow)
            .min_by_key(|(_, decision)| distance(*decision));
        refused.map_or(Decision::Allow, |(entry, decision)| {
            refusing = entry;
            decision
        })
    });
    let terms = refusing.terms(side);
    let refused = match decided {
        Ok(Decision::Allow) => return Ok(()),
        Err(error) => Refused::new(DeniedReason::Failed, terms).because(error),
        Ok(decision) => {
            let (user, groups) = (auth.user(), refusing.protect(side).names());
            Refused::new(
                refuse(decision, auth, refusing, user.as_ref(), &groups, head),
                terms,
            )
        }
    };
    Err(denied(refused, auth, head))
}

/// From being let in, the smallest being the furthest: nobody signs in again only to read that the page is not for
/// them.
fn distance(decision: Decision) -> u8 {
    match decision {
        Decision::InvalidRequest | Decision::InvalidToken => 0,
        Decision::SignedOut => 1,
        Decision::CrossSite => 2,
        Decision::WrongGroup => 3,
        Decision::MissingScope => 4,
        Decision::StepUp => 5,
        Decision::NoUser | Decision::CheckFailed => 6,
        Decision::Allow => 7,
    }
}

fn denied(refused: Refused, auth: &RequestAuth, head: Head<'_>) -> Box<Denied> {
    Box::new(Denied::new(
        refused,
        auth.client().clone(),
        head.parts.clone(),
        head.page(),
        auth.user(),
    ))
}

/// A question of the browser's own before a call to another origin (Fetch, CORS protocol). It brings neither cookie nor
/// token, so nobody can be asked who is there; a layer around this one that knows CORS has answered it before.
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
