//! The record of one session: reads, and each write as one script.

use std::time::Duration;

use bytes::Bytes;
use redis::Value;

use super::keys::{Member, millis};
use super::scripts::{ABANDON, BEGIN, CREATE, DELETE, RENAME, TOUCH, UPDATE};
use super::servers::{Servers, unexpected};
use crate::store::{
    Created, Exchange, Lease, Names, NewRecord, Owner, Record, Revision, StoreError, StoreKey, Stored,
    Updated,
};

/// What was ended.
pub(super) struct Ended {
    pub(super) was_live: bool,
    /// What it was filed under, and as what.
    pub(super) names: Vec<String>,
    pub(super) member: String,
}

/// What is needed to file a session under further names.
pub(super) struct Filed {
    pub(super) member: String,
    pub(super) created_at: i64,
    pub(super) longest: u128,
}

impl Servers {
    pub(super) async fn get(&self, key: StoreKey) -> Result<Option<Stored>, StoreError> {
        let mut command = redis::cmd("HMGET");
        let name = self.keys.session(key);
        command.arg(&name).arg("r").arg("v");
        match self.read(&name, command).await? {
            Value::Array(found) => match <[Value; 2]>::try_from(found) {
                Ok([Value::BulkString(sealed), revision]) => Ok(Some(Stored {
                    sealed: Bytes::from(sealed),
                    revision: Revision::new(redis::from_redis_value(revision).map_err(|_| unexpected())?),
                })),
                Ok([Value::Nil, Value::Nil]) => Ok(None),
                _ => Err(unexpected()),
            },
            _ => Err(unexpected()),
        }
    }

    /// Why it cannot be created.
    pub(super) async fn taken(&self, key: StoreKey) -> Result<Option<Created>, StoreError> {
        let mut command = redis::cmd("HMGET");
        let name = self.keys.session(key);
        command.arg(&name).arg("v").arg("x");
        let found = self.read(&name, command).await?;
        let [live, closed]: [Option<String>; 2] = redis::from_redis_value(found).map_err(|_| unexpected())?;
        Ok(match (live, closed) {
            (_, Some(_)) => Some(Created::Ended),
            (Some(_), None) => Some(Created::Exists),
            (None, None) => None,
        })
    }

    /// Only the record: it is filed already.
    pub(super) async fn create_record(
        &self,
        member: &Member,
        new: &NewRecord,
    ) -> Result<Created, StoreError> {
        let names: Vec<String> = new.names.each().map(|name| name.to_string()).collect();
        let call = CREATE
            .on([self.keys.session(member.key)])
            .bytes(new.record.sealed.clone())
            .bytes(new.record.summary.clone())
            .arg(names.join(" "))
            .arg(member.text())
            .arg(new.created_at)
            .arg(millis(new.longest))
            .arg(millis(new.record.remaining));
        match self.run(call).await?.first().map(String::as_str) {
            Some("created") => Ok(Created::Created { evicted: Vec::new() }),
            Some("exists") => Ok(Created::Exists),
            Some("ended") => Ok(Created::Ended),
            _ => Err(unexpected()),
        }
    }

    pub(super) async fn update_record(
        &self,
        key: StoreKey,
        expected: Revision,
        by: Option<Owner>,
        record: &Record,
    ) -> Result<Updated, StoreError> {
        let call = UPDATE
            .on([self.keys.session(key)])
            .arg(expected.get())
            .bytes(record.sealed.clone())
            .bytes(record.summary.clone())
            .arg(millis(record.remaining))
            .arg(by.map(|owner| owner.to_string()).unwrap_or_default());
        let said = self.run(call).await?;
        match said.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["updated"] => Ok(Updated::Updated),
            ["conflict", revision] => Ok(Updated::Conflict(revision_of(revision)?)),
            ["gone"] => Ok(Updated::Gone),
            ["not_owner"] => Ok(Updated::NotOwner),
            _ => Err(unexpected()),
        }
    }

    /// Notes what it is filed under, before it is. None where there is no live one.
    pub(super) async fn rename_record(
        &self,
        key: StoreKey,
        names: Names,
    ) -> Result<Option<Filed>, StoreError> {
        let mut call = RENAME.on([self.keys.session(key)]);
        for name in names.each() {
            call = call.arg(name);
        }
        match self.run(call).await?.as_slice() {
            [] => Ok(None),
            [member, created_at, longest] => Ok(Some(Filed {
                member: member.clone(),
                created_at: created_at.parse().map_err(|_| unexpected())?,
                longest: longest.parse().map_err(|_| unexpected())?,
            })),
            _ => Err(unexpected()),
        }
    }

    pub(super) async fn close(&self, key: StoreKey, at_least: Duration) -> Result<Ended, StoreError> {
        let call = DELETE.on([self.keys.session(key)]).arg(millis(at_least));
        match self.fenced(&call).await?.as_slice() {
            [was_live, names, member] => Ok(Ended {
                was_live: was_live == "live",
                names: names.split_whitespace().map(str::to_owned).collect(),
                member: member.clone(),
            }),
            _ => Err(unexpected()),
        }
    }

    pub(super) async fn touch_record(&self, key: StoreKey, summary: Bytes) -> Result<(), StoreError> {
        let call = TOUCH.on([self.keys.session(key)]).bytes(summary);
        self.run(call).await.map(drop)
    }

    pub(super) async fn begin_exchange(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
    ) -> Result<Exchange, StoreError> {
        let call = BEGIN
            .on([self.keys.session(key)])
            .arg(expected.get())
            .arg(lease.owner)
            .arg(millis(lease.length));
        let said = self.run(call).await?;
        match said.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["begun", taken_over, unclear] => Ok(Exchange::Begun {
                taken_over: *taken_over == "1",
                unclear: *unclear == "1",
            }),
            ["busy", left] => Ok(Exchange::Busy {
                left: Duration::from_millis(left.parse().map_err(|_| unexpected())?),
            }),
            ["newer", revision] => Ok(Exchange::Newer(revision_of(revision)?)),
            ["gone"] => Ok(Exchange::Gone),
            _ => Err(unexpected()),
        }
    }

    pub(super) async fn abandon_exchange(
        &self,
        key: StoreKey,
        owner: Owner,
        unclear: bool,
    ) -> Result<(), StoreError> {
        let call = ABANDON
            .on([self.keys.session(key)])
            .arg(owner)
            .arg(u8::from(unclear));
        self.run(call).await.map(drop)
    }
}

fn revision_of(text: &str) -> Result<Revision, StoreError> {
    text.parse().map(Revision::new).map_err(|_| unexpected())
}
