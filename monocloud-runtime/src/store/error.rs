//! Why a store could not say.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Why a store could not say. It never holds a key or a record.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No connection, or it broke.
    #[error("the session store could not be reached: {0}")]
    Unreachable(#[source] Arc<dyn Error + Send + Sync>),
    /// It took too long.
    #[error("the session store did not answer within {0:?}")]
    Timeout(Duration),
    /// It can be read, and not written.
    #[error("the session store takes no writes: {0}")]
    ReadOnly(String),
    /// What was written would not survive the loss of one machine.
    #[error("only {acknowledged} of {needed} replicas have it")]
    NotReplicated {
        /// How many have it.
        acknowledged: u32,
        /// How many must.
        needed: u32,
    },
    /// There is no room, and nothing of the same account could give way.
    #[error("the session store is full")]
    Full,
    /// It would lose sessions, or bring back old ones.
    #[error("the session store is not fit for sessions: {0}")]
    Unfit(String),
    /// Anything else.
    #[error("{0}")]
    Other(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// No connection, or it broke.
    pub fn unreachable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unreachable(error.into().into())
    }

    /// Anything that has no variant of its own.
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(error.into().into())
    }
}
