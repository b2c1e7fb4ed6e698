//! The methods of a line.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, any, on};

/// A method that axum has a route for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Also `HEAD`, where no line has that.
    Get,
    /// Without a body.
    Head,
    /// Takes something.
    Post,
    /// Replaces something.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
    /// What a page of another origin asks before its request.
    Options,
    /// The request as it arrived.
    Trace,
    /// A WebSocket over HTTP/2.
    Connect,
    /// Whatever no other line of the path has.
    Any,
}

impl Method {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
            Self::Connect => "CONNECT",
            Self::Any => "ANY",
        }
    }

    /// Nothing where every method is meant.
    const fn filter(self) -> Option<MethodFilter> {
        Some(match self {
            Self::Get => MethodFilter::GET,
            Self::Head => MethodFilter::HEAD,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
            Self::Options => MethodFilter::OPTIONS,
            Self::Trace => MethodFilter::TRACE,
            Self::Connect => MethodFilter::CONNECT,
            Self::Any => return None,
        })
    }
}

/// One handler for all of the methods.
pub(super) fn router<H, T, S>(methods: &[Method], handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let filters = methods.iter().map(|method| method.filter());
    let filter = filters.reduce(|all, one| Some(all?.or(one?)));
    match filter.flatten() {
        Some(filter) => on(filter, handler),
        None => any(handler),
    }
}
