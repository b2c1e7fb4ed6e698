//! What handlers take to know who asks.

mod extractors;
mod rejection;

pub use rejection::Rejection;
