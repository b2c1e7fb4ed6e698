//! The library's answers as responses of any body.

use bytes::Bytes;
use http::Response;

use crate::error::Error;
use crate::guard::Denied;
use crate::respond::{SignIn, SignOut};

macro_rules! responses {
    ($($(#[$doc:meta])* $type:ty),* $(,)?) => {
        $($(#[$doc])*
        impl<R: From<Bytes>> From<$type> for Response<R> {
            fn from(value: $type) -> Self {
                value.into_answer().map(R::from)
            }
        })*
    };
}

responses! {
    /// JSON with the error's code and its status, or what a guard answers; and a line in the log.
    Error,
    Denied,
    SignIn,
    SignOut,
}
