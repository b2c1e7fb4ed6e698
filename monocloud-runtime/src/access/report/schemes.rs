//! How a request says who asks, as OpenAPI calls it.

/// By the settings of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schemes {
    /// The cookie's name.
    pub(crate) session_cookie: String,
    pub(crate) takes_access_tokens: bool,
}
