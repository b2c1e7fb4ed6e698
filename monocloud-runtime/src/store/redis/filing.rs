//! Which sessions there are under a name, and what is denied there.
//!
//! A session is filed before it is created, and denied before it is ended: so no step takes two keys of different slots.
//! Members and denials of a name are two keys of one slot: while a Cluster moves it, nothing is filed or denied there.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{join_all, try_join_all};
use redis::Value;

use super::keys::{Member, millis};
use super::scripts::{ADD, DENY};
use super::servers::{Servers, unexpected};
use super::sessions::Ended;
use crate::store::{
    CLOSED_FOR, Created, Denial, IndexKey, Listed, Names, NewRecord, Owner, Record, Revision, StoreError,
    StoreKey, Strangers, Updated,
};

/// So many sessions of an account are looked at, or ended, at once: a call of its own is each.
const AT_ONCE: usize = 256;

/// What nobody signs in for, and what clocks of applications do not differ by, in milliseconds.
const A_DAY: i64 = 86_400_000;

impl Servers {
    pub(super) async fn create(&self, key: StoreKey, new: &NewRecord) -> Result<Created, StoreError> {
        if let Some(taken) = self.taken(key).await? {
            return Ok(taken);
        }
        let member = Member {
            key,
            issued_at: new.issued_at,
            created_at: new.created_at,
        };
        let filed = new.names.each().map(async |name| {
            let asks = name == new.names.sub && new.most_of_user.is_some();
            self.add(name, member.text(), member.created_at, millis(new.longest), asks)
                .await
        });
        let filed: Option<Vec<_>> = try_join_all(filed).await?.into_iter().collect();
        let Some(before) = filed else {
            // Closed before it is unfiled: who else brings it may have been faster than the denial.
            self.close(key, CLOSED_FOR).await?;
            self.unfile(new.names.each().map(|name| name.to_string()), &member.text())
                .await;
            return Ok(Created::Denied);
        };
        match self.create_record(&member, new).await? {
            Created::Created { .. } => Ok(Created::Created {
                evicted: self.too_many(before.concat(), &member, new).await,
            }),
            Created::Ended => {
                self.unfile(new.names.each().map(|name| name.to_string()), &member.text())
                    .await;
                Ok(Created::Ended)
            }
            other => Ok(other),
        }
    }

    pub(super) async fn write(
        &self,
        key: StoreKey,
        expected: Revision,
        by: Option<Owner>,
        record: &Record,
    ) -> Result<Updated, StoreError> {
        let Some(names) = record.renamed else {
            return self.update_record(key, expected, by, record).await;
        };
        let Some(member) = self.rename(key, names).await? else {
            return Ok(Updated::Gone);
        };
        let updated = self.update_record(key, expected, by, record).await?;
        if updated == Updated::Gone {
            self.unfile(names.each().map(|name| name.to_string()), &member)
                .await;
        }
        Ok(updated)
    }

    /// Files a session under further names. What is denied there is over, as if it had been found there.
    async fn rename(&self, key: StoreKey, names: Names) -> Result<Option<String>, StoreError> {
        let Some(filed) = self.rename_record(key, names).await? else {
            return Ok(None);
        };
        let add = |name| self.add(name, filed.member.clone(), filed.created_at, filed.longest, false);
        if try_join_all(names.each().map(add)).await?.contains(&None) {
            self.end(key, CLOSED_FOR).await?;
            return Ok(None);
        }
        Ok(Some(filed.member))
    }

    /// Ends a session, and takes it out of the index. It is over once it is closed, whatever becomes of the rest.
    pub(super) async fn end(&self, key: StoreKey, at_least: Duration) -> Result<bool, StoreError> {
        let Ended {
            was_live,
            names,
            member,
        } = self.close(key, at_least).await?;
        self.unfile(names, &member).await;
        Ok(was_live)
    }

    pub(super) async fn end_all(
        &self,
        whose: &[IndexKey],
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> Result<Vec<StoreKey>, StoreError> {
        let mut ended = Vec::new();
        for name in whose {
            let mut denied = self.deny(*name, denial, strangers, lifetime).await?;
            denied.retain(|member| member.is_denied_by(denial));
            // Each is tried, though one fails.
            let mut failed = Ok(());
            for members in denied.chunks(AT_ONCE) {
                let (over, error) = self.end_filed(*name, members).await;
                ended.extend(over);
                failed = failed.and(error);
            }
            failed?;
        }
        Ok(ended)
    }

    /// Ends those, and says which were live.
    async fn end_filed(&self, name: IndexKey, members: &[Member]) -> (Vec<StoreKey>, Result<(), StoreError>) {
        let under = name.to_string();
        let ends = members.iter().map(async |member| {
            let ended = self.close(member.key, CLOSED_FOR).await?;
            let others = ended.names.into_iter().filter(|name| *name != under);
            self.unfile(others, &ended.member).await;
            Ok::<_, StoreError>(ended.was_live)
        });
        let outcomes = join_all(ends).await;
        let (mut live, mut over, mut failed) = (Vec::new(), Vec::new(), Ok(()));
        for (member, outcome) in members.iter().zip(outcomes) {
            match outcome {
                Ok(was_live) => {
                    live.extend(was_live.then_some(member.key));
                    // One that is being created does not know yet where it is filed.
                    over.push(member.text());
                }
                Err(error) => failed = Err(error),
            }
        }
        self.unfile_all(&under, &over).await;
        (live, failed)
    }

    pub(super) async fn list(&self, sub: &[IndexKey]) -> Result<Vec<Listed>, StoreError> {
        let names = sub.iter().map(|name| self.members(*name));
        let mut members = try_join_all(names).await?.concat();
        members.sort_by_key(|member| (member.created_at, member.key));
        members.dedup_by_key(|member| member.key);
        let mut listed = Vec::new();
        for members in members.chunks(AT_ONCE) {
            let summaries = self.summaries(members).await?;
            for (member, summary) in members.iter().zip(summaries) {
                listed.extend(summary.map(|summary| Listed {
                    key: member.key,
                    summary,
                }));
            }
        }
        Ok(listed)
    }

    /// Of each that is live.
    async fn summaries(&self, members: &[Member]) -> Result<Vec<Option<Bytes>>, StoreError> {
        try_join_all(members.iter().map(|member| self.summary(member.key))).await
    }

    /// Files it, unless it is denied there; gives who was there before, where that `asks` for them.
    async fn add(
        &self,
        name: IndexKey,
        member: String,
        created_at: i64,
        longest: u128,
        asks: bool,
    ) -> Result<Option<Vec<Member>>, StoreError> {
        let issued_at = member.split_once('.').map_or("", |(_, issued_at)| issued_at);
        let call = ADD
            .on([self.keys.members(&name.to_string()), self.keys.denials(name)])
            .arg(&member)
            .arg(created_at)
            .arg(issued_at)
            .arg(longest)
            .arg(u8::from(asks));
        let told = self.fenced(&call).await?;
        match told.split_first() {
            Some((what, before)) if what == "added" => read_members(before).map(Some),
            Some((what, _)) if what == "denied" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn deny(
        &self,
        name: IndexKey,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> Result<Vec<Member>, StoreError> {
        let (kind, value) = match denial {
            Denial::Every => ("all", 1),
            Denial::IssuedUntil(seconds) => ("issued", seconds),
            Denial::CreatedBefore(millis) => ("created", millis),
        };
        let call = DENY
            .on([self.keys.members(&name.to_string()), self.keys.denials(name)])
            .arg(kind)
            .arg(value)
            .arg(millis(lifetime))
            .arg(u8::from(strangers == Strangers::PassOver));
        read_members(&self.fenced(&call).await?)
    }

    /// Oldest first.
    async fn members(&self, name: IndexKey) -> Result<Vec<Member>, StoreError> {
        let key = self.keys.members(&name.to_string());
        let mut command = redis::cmd("ZRANGE");
        command.arg(&key).arg(0).arg(-1).arg("WITHSCORES");
        let told = self.read(&key, command).await?;
        let told: Vec<String> = redis::from_redis_value(told).map_err(|_| unexpected())?;
        let mut members = read_members(&told)?;
        members.sort_by_key(|member| (member.created_at, member.key));
        Ok(members)
    }

    /// Of a live session.
    async fn summary(&self, key: StoreKey) -> Result<Option<Bytes>, StoreError> {
        let name = self.keys.session(key);
        let mut command = redis::cmd("HGET");
        command.arg(&name).arg("m");
        match self.read(&name, command).await? {
            Value::BulkString(summary) => Ok(Some(summary.into())),
            Value::Nil => Ok(None),
            _ => Err(unexpected()),
        }
    }

    /// The account's oldest beyond what it may have, of those that were filed before this one: of two that are made at once,
    /// one counts the other. The session is there whether or not they can be told, and the next one tells them again.
    async fn too_many(&self, mut others: Vec<Member>, member: &Member, new: &NewRecord) -> Vec<StoreKey> {
        let Some(most) = new.most_of_user else {
            return Vec::new();
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        others.retain(|other| other.key != member.key);
        if others.len() < most {
            return Vec::new();
        }
        others.sort_by_key(|other| (other.created_at, other.key));
        let others = async {
            let (mut live, mut over) = (Vec::new(), Vec::new());
            for others in others.chunks(AT_ONCE) {
                let summaries = self.summaries(others).await?;
                for (other, summary) in others.iter().zip(summaries) {
                    if summary.is_some() {
                        live.push(other.key);
                    // Who is younger may be about to be created.
                    } else if other.created_at < new.created_at - A_DAY {
                        over.push(other.text());
                    }
                }
            }
            self.unfile_all(&new.names.sub.to_string(), &over).await;
            Ok::<_, StoreError>(live)
        };
        let mut others = others.await.unwrap_or_default();
        others.truncate((others.len() + 1).saturating_sub(most));
        others
    }

    async fn unfile(&self, names: impl IntoIterator<Item = String>, member: &str) {
        let members = [member.to_owned()];
        let removals = names
            .into_iter()
            .map(async |name| self.unfile_all(&name, &members).await);
        join_all(removals).await;
    }

    /// What stays is an entry without a session, which is passed over, and is dropped in time.
    async fn unfile_all(&self, name: &str, members: &[String]) {
        if members.is_empty() {
            return;
        }
        let key = self.keys.members(name);
        let mut command = redis::cmd("ZREM");
        command.arg(&key).arg(members);
        if let Err(error) = self.read(&key, command).await {
            tracing::debug!(name: "monocloud.redis.unfile", "an entry of a session that is over stays: {error}");
        }
    }
}

fn read_members(told: &[String]) -> Result<Vec<Member>, StoreError> {
    let pairs = told.chunks(2).map(|pair| match pair {
        [member, score] => Member::read(member, score),
        _ => None,
    });
    pairs.collect::<Option<_>>().ok_or_else(unexpected)
}
