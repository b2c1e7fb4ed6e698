//! Logs that processes share: each a stream, and a head that says which epoch of the log it is, and where its last entry
//! stands. Where the servers lose both, whoever comes next begins a new epoch.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use redis::Value;

use super::connection::Together;
use super::keys::millis;
use super::scripts::{APPEND, TRIM};
use super::servers::{Servers, unexpected};
use crate::crypto;
use crate::store::{IndexKey, LogPage, LogPosition, StoreError};

const PAGE: usize = 1_000;

/// What was read at once.
struct Read {
    epoch: Option<[u8; 16]>,
    /// Where the last entry stood that ever was appended.
    last: (u64, u64),
    length: u64,
    entries: Vec<Appended>,
}

impl Servers {
    pub(super) async fn append_entries(
        &self,
        log: IndexKey,
        entries: Vec<Bytes>,
        keep: Duration,
    ) -> Result<(), StoreError> {
        for page in entries.chunks(PAGE) {
            self.append_page(log, page, keep).await?;
        }
        Ok(())
    }

    /// Says which epoch of the log it is.
    async fn append_page(
        &self,
        log: IndexKey,
        entries: &[Bytes],
        keep: Duration,
    ) -> Result<[u8; 16], StoreError> {
        let new: [u8; 16] = crypto::random();
        let mut call = APPEND
            .on([self.keys.log(log), self.keys.log_head(log)])
            .arg(URL_SAFE_NO_PAD.encode(new))
            .arg(millis(keep));
        for entry in entries {
            call = call.bytes(entry.clone());
        }
        match self.fenced(&call).await?.as_slice() {
            [epoch] => read_epoch(epoch),
            _ => Err(unexpected()),
        }
    }

    pub(super) async fn trim_entries(&self, log: IndexKey, until: LogPosition) -> Result<(), StoreError> {
        let (time, number) = until.entry;
        let first = match number.checked_add(1) {
            Some(number) => format!("{time}-{number}"),
            None => format!("{}-0", time.saturating_add(1)),
        };
        let call = TRIM
            .on([self.keys.log(log), self.keys.log_head(log)])
            .arg(URL_SAFE_NO_PAD.encode(until.epoch))
            .arg(first);
        self.run(call).await.map(drop)
    }

    pub(super) async fn read_entries(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> Result<LogPage, StoreError> {
        // What waits for longer counts as silent; who reads for the first time wants to know what there is.
        let patience = match after {
            Some(_) => patience.min(self.target.address.timeout / 4),
            None => Duration::ZERO,
        };
        let from = after.map_or((0, 0), |after| after.entry);
        let read = self.page(log, from, patience).await?;
        let beginning = |epoch, is_anew| LogPage {
            is_anew,
            ..LogPage::new(Vec::new(), LogPosition { epoch, entry: (0, 0) })
        };
        let Some(epoch) = read.epoch else {
            let epoch = self.append_page(log, &[], Duration::ZERO).await?;
            return Ok(beginning(epoch, after.is_some()));
        };
        // Servers that went back to what they had saved, or had been told, have the log as it was.
        if after.is_some_and(|after| after.epoch != epoch) || read.last < from {
            return Ok(beginning(epoch, true));
        }
        let entry = read.entries.last().map_or(from, |(at, _)| *at);
        Ok(LogPage {
            is_anew: false,
            is_end: read.entries.len() < PAGE,
            length: read.length,
            position: LogPosition { epoch, entry },
            entries: read.entries.into_iter().map(|(_, entry)| entry).collect(),
        })
    }

    /// What stands behind a place.
    async fn page(
        &self,
        log: IndexKey,
        (time, number): (u64, u64),
        patience: Duration,
    ) -> Result<Read, StoreError> {
        let (key, name) = (self.keys.log(log), self.keys.log_head(log));
        let mut known = redis::cmd("HMGET");
        known.arg(&name).arg("epoch").arg("last");
        let mut length = redis::cmd("XLEN");
        length.arg(&key);
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(PAGE);
        // None at all is for ever.
        read.arg("BLOCK").arg(millis(patience).max(1));
        read.arg("STREAMS").arg(&key).arg(format!("{time}-{number}"));
        let together = Together::new(&key, vec![known, length, read]).repeatable();
        let answers = self.follow(together).await?;
        let [known, length, entries] = <[Value; 3]>::try_from(answers).map_err(|_| unexpected())?;
        let [epoch, last]: [Option<String>; 2] = redis::from_redis_value(known).map_err(|_| unexpected())?;
        let last = last.map_or(Some((0, 0)), |last| place(&last));
        Ok(Read {
            epoch: epoch.map(|epoch| read_epoch(&epoch)).transpose()?,
            last: last.ok_or_else(unexpected)?,
            length: redis::from_redis_value(length).map_err(|_| unexpected())?,
            entries: appended(entries).ok_or_else(unexpected)?,
        })
    }
}

/// Where an entry stands, and what it says.
type Appended = ((u64, u64), Bytes);

fn appended(told: Value) -> Option<Vec<Appended>> {
    let Value::Array(streams) = told else {
        return matches!(told, Value::Nil).then(Vec::new);
    };
    let [Value::Array(stream)] = <[Value; 1]>::try_from(streams).ok()? else {
        return None;
    };
    let [_, Value::Array(entries)] = <[Value; 2]>::try_from(stream).ok()? else {
        return None;
    };
    let entry = |told| {
        let Value::Array(entry) = told else { return None };
        let [Value::BulkString(at), Value::Array(fields)] = <[Value; 2]>::try_from(entry).ok()? else {
            return None;
        };
        let [_, Value::BulkString(entry)] = <[Value; 2]>::try_from(fields).ok()? else {
            return None;
        };
        Some((place(std::str::from_utf8(&at).ok()?)?, entry.into()))
    };
    entries.into_iter().map(entry).collect()
}

fn place(text: &str) -> Option<(u64, u64)> {
    let (time, number) = text.split_once('-')?;
    Some((time.parse().ok()?, number.parse().ok()?))
}

fn read_epoch(text: &str) -> Result<[u8; 16], StoreError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| unexpected())?;
    bytes.try_into().map_err(|_| unexpected())
}
