//! A code is sent by one of the processes that share a store: a second arrival would use up what the first has got
//! (RFC 6749 §4.1.2).

use std::time::Duration;

use tokio::time::Instant;

use super::transaction::Transaction;
use crate::client::{Keeping, MonoCloud};
use crate::crypto;
use crate::error::Error;
use crate::once::Failed;
use crate::session::key_of;
use crate::store::{Claim, IndexKey, Lease, Owner};

/// For so long others know that a code was refused: whoever makes them up is not to fill the store with them.
const REFUSED_FOR: Duration = Duration::from_secs(60);

/// Between two looks at what another process is at.
const PAUSE: Duration = Duration::from_millis(50);

/// A code that is this process's to send.
pub(super) struct Claimed {
    /// Where a store is shared.
    of: Option<(Keeping, IndexKey, Owner)>,
    /// Sessions in it are found by their code; those in cookies are nowhere.
    is_found: bool,
}

/// Claims the code. Nothing, where another process has made a session of it, or, beside cookies, is done with it.
///
/// Whoever dies with it holds others up for half of the response timeout, and so does nobody who is slower: after that the
/// next one tries.
pub(super) async fn claim(
    client: &MonoCloud,
    transaction: &Transaction,
    code: &str,
) -> Result<Option<Claimed>, Failed> {
    let is_found = client.keeping().is_some();
    let claimed = |of| Ok(Some(Claimed { of, is_found }));
    let Some(keeping) = client.sharing() else {
        return claimed(None);
    };
    let key = key_of(&transaction.ticket(code));
    let name = IndexKey::from_bytes(*key.as_bytes());
    let patience = client.settings().calls.response_timeout;
    let (started, owner) = (Instant::now(), Owner::from_bytes(crypto::random()));
    let lease = Lease {
        owner,
        length: patience / 2,
    };
    loop {
        match keeping.claim(name, lease).await.map_err(again)? {
            None => return claimed(None),
            Some(Claim::Claimed) => return claimed(Some((keeping.clone(), name, owner))),
            Some(Claim::Done) if !is_found => return Ok(None),
            Some(Claim::Done) => {
                return Err(Failed {
                    error: Error::UnknownTransaction,
                    may_repeat: false,
                });
            }
            Some(_) => {}
        }
        if keeping.get(key).await.map_err(again)?.is_some() {
            return Ok(None);
        }
        if started.elapsed() >= patience {
            let reason = "other processes began to finish the same sign-in, and were not done in time";
            return Err(again(Error::unreachable("the token endpoint", reason)));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Claimed {
    /// There is a session. Others know for `keep`.
    pub(super) async fn succeeded(self, keep: Duration) {
        if !self.is_found {
            self.settle(Some(keep)).await;
        }
    }

    /// It came to nothing. Others may try, where the code may be good still.
    pub(super) async fn failed(self, may_repeat: bool) {
        self.settle((!may_repeat).then_some(REFUSED_FOR)).await;
    }

    async fn settle(self, keep: Option<Duration>) {
        if let Some((keeping, name, owner)) = self.of {
            // Where the store does not answer, the lease runs out.
            let _ = keeping.settle(name, owner, keep).await;
        }
    }
}

fn again(error: Error) -> Failed {
    Failed {
        error,
        may_repeat: true,
    }
}
