//! All of a store, behind one lock: each operation happens as a whole.

use std::collections::BTreeMap;

use bytes::Bytes;
use monocloud_runtime::store::{
    CLOSED_FOR, Created, Denial, IndexKey, Listed, Names, NewRecord, Owner, Record, Revision, StoreKey,
    Stored, Strangers, Updated,
};

use super::Fault;
use super::cell::{Answer, Cell, Op, later};
use super::claim::Claimed;
use super::index::{Index, Member};
use super::log::Log;

/// In bytes.
const LONGEST_RECORD: usize = 256 * 1_024;
const LONGEST_SUMMARY: usize = 1_024;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    sealed: Bytes,
    summary: Bytes,
}

#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) fault: Option<Fault>,
    cells: BTreeMap<StoreKey, Cell<Kept>>,
    /// What each session was ever filed under.
    filed: BTreeMap<StoreKey, Vec<Names>>,
    indexes: BTreeMap<IndexKey, Index>,
    claims: BTreeMap<IndexKey, Claimed>,
    logs: BTreeMap<IndexKey, Log>,
}

impl Reference {
    pub(crate) fn careless(fault: Option<Fault>) -> Self {
        Self {
            fault,
            ..Self::default()
        }
    }

    pub(crate) fn get(&mut self, key: StoreKey, now: u64) -> Option<Stored> {
        match self.step(key, Op::Get, now) {
            Answer::Got(Some((kept, revision))) => Some(Stored {
                sealed: kept.sealed,
                revision,
            }),
            _ => None,
        }
    }

    pub(crate) fn create(&mut self, key: StoreKey, new: NewRecord, now: u64) -> Created {
        let fault = self.fault;
        match self.cell(key) {
            Cell::Closed { until } if *until > now => return Created::Ended,
            cell if cell.live(now).is_some() && fault != Some(Fault::CreateOverwrites) => {
                return Created::Exists;
            }
            _ => {}
        }
        for names in self.filed.remove(&key).unwrap_or_default() {
            self.unfile(key, names);
        }
        let member = Member {
            key,
            created_at: new.created_at,
            issued_at: new.issued_at,
        };
        for name in new.names.each() {
            if !self.index(name).add(member, now, fault) {
                self.delete(key, later(now, CLOSED_FOR), now);
                self.unfile(key, new.names);
                return Created::Denied;
            }
        }
        self.filed.entry(key).or_default().push(new.names);
        let most = new.most_of_user.and_then(|most| usize::try_from(most).ok());
        let (record, until) = kept(new.record, now, fault);
        match self.step(key, Op::Create { record, until }, now) {
            Answer::Created(Created::Created { .. }) => Created::Created {
                evicted: most
                    .map(|most| self.beyond(key, new.names.sub, most, now))
                    .unwrap_or_default(),
            },
            Answer::Created(created) => created,
            answer => panic!("{answer:?}"),
        }
    }

    /// Of an update, or of a commit by an owner.
    pub(crate) fn write(
        &mut self,
        key: StoreKey,
        expected: Revision,
        by: Option<Owner>,
        record: Record,
        now: u64,
    ) -> Updated {
        if let Some(names) = record.renamed
            && !self.rename(key, names, now)
        {
            return Updated::Gone;
        }
        let (record, until) = kept(record, now, self.fault);
        let op = match by {
            None => Op::Update {
                expected,
                record,
                until,
            },
            Some(owner) => Op::Commit {
                expected,
                owner,
                record,
                until,
            },
        };
        match self.step(key, op, now) {
            Answer::Updated(updated) => updated,
            answer => panic!("{answer:?}"),
        }
    }

    /// What is denied under its new names is over.
    fn rename(&mut self, key: StoreKey, names: Names, now: u64) -> bool {
        let fault = self.fault;
        let first = self.filed.get(&key).and_then(|filed| filed.first().copied());
        let members = first
            .map(|first| self.index(first.sub).members.clone())
            .unwrap_or_default();
        let member = members.into_iter().find(|member| member.key == key);
        let Some(member) = member.filter(|_| self.cell(key).live(now).is_some()) else {
            return false;
        };
        self.filed.entry(key).or_default().push(names);
        let is_filed = names.each().all(|name| self.index(name).add(member, now, fault));
        if !is_filed {
            self.delete(key, later(now, CLOSED_FOR), now);
        }
        is_filed
    }

    pub(crate) fn delete(&mut self, key: StoreKey, until: u64, now: u64) -> bool {
        let was_live = self.step(key, Op::Delete { until }, now) == Answer::Deleted(true);
        for names in self.filed.get(&key).cloned().unwrap_or_default() {
            self.unfile(key, names);
        }
        was_live
    }

    pub(crate) fn end_all(
        &mut self,
        whose: &[IndexKey],
        denial: Denial,
        strangers: Strangers,
        (now, until): (u64, u64),
    ) -> Vec<StoreKey> {
        let fault = self.fault;
        let mut ended = Vec::new();
        for name in whose {
            for key in self.index(*name).deny(denial, strangers, (now, until), fault) {
                if self.delete(key, later(now, CLOSED_FOR), now) {
                    ended.push(key);
                }
            }
        }
        ended
    }

    pub(crate) fn list(&mut self, sub: &[IndexKey], now: u64) -> Vec<Listed> {
        let mut members: Vec<Member> = Vec::new();
        for name in sub {
            members.extend(self.index(*name).members.iter());
        }
        members.sort_by_key(|member| (member.created_at, member.key));
        members.dedup_by_key(|member| member.key);
        let mut listed = Vec::new();
        for Member { key, .. } in members {
            if let Some(live) = self.cell(key).live(now) {
                let summary = live.record.summary.clone();
                listed.push(Listed { key, summary });
            }
        }
        listed
    }

    pub(crate) fn touch(&mut self, key: StoreKey, summary: Bytes, now: u64) {
        let summary = match self.fault {
            Some(Fault::TouchesAreText) => as_text(&summary),
            Some(Fault::TouchesAreCut) => cut(summary, LONGEST_SUMMARY),
            _ => summary,
        };
        if let Some(live) = self.cell(key).live_mut(now) {
            live.record.summary = summary;
        }
    }

    pub(crate) fn claimed(&mut self, name: IndexKey) -> &mut Claimed {
        self.claims.entry(name).or_default()
    }

    pub(crate) fn log(&mut self, name: IndexKey) -> &mut Log {
        self.logs.entry(name).or_default()
    }

    /// What belongs to the cell alone.
    pub(crate) fn step(&mut self, key: StoreKey, op: Op<Kept>, now: u64) -> Answer<Kept> {
        let fault = self.fault;
        self.cell(key).step(op, now, fault)
    }

    /// The account's oldest but this one, if there are more than so many.
    fn beyond(&mut self, key: StoreKey, sub: IndexKey, most: usize, now: u64) -> Vec<StoreKey> {
        let members = self
            .index(sub)
            .members
            .clone()
            .into_iter()
            .map(|member| member.key);
        let mut others: Vec<StoreKey> = members.filter(|other| *other != key).collect();
        others.retain(|other| self.cell(*other).live(now).is_some());
        others.truncate((others.len() + 1).saturating_sub(most));
        others
    }

    fn unfile(&mut self, key: StoreKey, names: Names) {
        for name in names.each() {
            self.index(name).remove(key);
        }
    }

    fn cell(&mut self, key: StoreKey) -> &mut Cell<Kept> {
        self.cells.entry(key).or_insert(Cell::Absent)
    }

    fn index(&mut self, name: IndexKey) -> &mut Index {
        self.indexes.entry(name).or_default()
    }
}

fn kept(record: Record, now: u64, fault: Option<Fault>) -> (Kept, u64) {
    let until = later(now, record.remaining);
    let Record {
        mut sealed,
        mut summary,
        ..
    } = record;
    match fault {
        Some(Fault::RecordsAreCut) => sealed = cut(sealed, LONGEST_RECORD),
        Some(Fault::SummariesAreText) => summary = as_text(&summary),
        Some(Fault::SummariesAreCut) => summary = cut(summary, LONGEST_SUMMARY),
        _ => {}
    }
    (Kept { sealed, summary }, until)
}

/// One byte short of the longest.
fn cut(mut bytes: Bytes, longest: usize) -> Bytes {
    bytes.truncate(longest - 1);
    bytes
}

fn as_text(bytes: &Bytes) -> Bytes {
    String::from_utf8_lossy(bytes).into_owned().into()
}
