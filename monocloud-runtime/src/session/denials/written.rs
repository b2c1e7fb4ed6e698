//! Whether what is over is where a restart or another process finds it.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::error::Error;
use crate::store::StoreError;

/// It is, soon, or is not.
#[must_use = "nobody may hear that it is done before"]
#[derive(Default)]
pub(crate) struct Written(Vec<oneshot::Receiver<Result<(), NotWritten>>>);

/// Why it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotWritten {
    /// On the disk.
    File(String),
    /// Told to the others.
    Untold(String),
}

impl Written {
    /// There is nowhere to write it, or nothing new.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    pub(super) fn soon(told: oneshot::Receiver<Result<(), NotWritten>>) -> Self {
        Self(vec![told])
    }

    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Waits for it. `doing` is what cannot be said to be done where the others were not told.
    pub(crate) async fn done(self, doing: &'static str) -> Result<(), Error> {
        let mut outcome = Ok(());
        for told in self.0 {
            let told = told.await;
            let told =
                told.unwrap_or_else(|_| Err(NotWritten::File("nothing is written any more".to_owned())));
            outcome = outcome.and(told);
        }
        outcome.map_err(|why| match why {
            NotWritten::File(why) => Error::LogoutNotKept(why),
            NotWritten::Untold(why) => Error::StoreUnavailable {
                doing,
                source: Some(Arc::new(StoreError::other(why.clone()))),
                reason: why,
            },
        })
    }
}
