//! A request for a route, whatever brings it.

use bytes::Bytes;
use http::request::Parts;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::request::AskedPage;

pub(crate) struct Received {
    pub(crate) parts: Parts,
    /// As it was sent.
    pub(crate) page: AskedPage,
    pub(crate) body: Body,
}

pub(crate) type Body = UnsyncBoxBody<Bytes, BrokeOff>;

/// Whoever sent it knows why.
#[derive(Debug, thiserror::Error)]
#[error("the body broke off")]
pub(crate) struct BrokeOff;

/// The one type for all.
pub(crate) fn boxed(body: impl http_body::Body<Data = Bytes> + Send + 'static) -> Body {
    body.map_err(|_| BrokeOff).boxed_unsync()
}
