//! One-time values.

use std::time::Duration;

use super::keys::millis;
use super::scripts::{CLAIM, SETTLE};
use super::servers::{Servers, unexpected};
use crate::store::{Claim, IndexKey, Lease, Owner, StoreError};

impl Servers {
    pub(super) async fn claim_value(&self, name: IndexKey, lease: Lease) -> Result<Claim, StoreError> {
        let call = CLAIM
            .on([self.keys.claim(name)])
            .arg(lease.owner)
            .arg(millis(lease.length));
        match self.run(call).await?.first().map(String::as_str) {
            Some("claimed") => Ok(Claim::Claimed),
            Some("in_progress") => Ok(Claim::InProgress),
            Some("done") => Ok(Claim::Done),
            _ => Err(unexpected()),
        }
    }

    /// What is done must stay known though a machine is lost; what is free is claimed again in any case.
    pub(super) async fn settle_value(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> Result<bool, StoreError> {
        let call = SETTLE
            .on([self.keys.claim(name)])
            .arg(owner)
            .arg(keep.map_or(0, millis));
        let said = match keep {
            Some(_) => self.fenced_once(&call).await?,
            None => self.run(call).await?,
        };
        match said.first().map(String::as_str) {
            Some("yes") => Ok(true),
            Some("no") => Ok(false),
            _ => Err(unexpected()),
        }
    }
}
