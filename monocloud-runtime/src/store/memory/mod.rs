//! Sessions in the memory of the process.

mod cell;
mod cells;
mod claims;
mod coordinated;
mod denied;
mod hash;
mod index;
mod log;
mod room;
mod shard;
mod shards;
mod shared_log;

use std::fmt;
use std::future::ready;
use std::time::Duration;

use tokio::time::Instant;

use self::cell::Live;
use self::cells::{Cells, Taken};
use self::claims::Claims;
use self::denied::Member;
use self::index::Index;
use self::log::Logs;
use self::room::Room;
use super::{
    BoxFuture, CLOSED_FOR, Coordinated, Created, IndexKey, Names, NewRecord, Owner, Record, Revision,
    SessionStore, StoreError, StoreKey, Stored, Updated,
};

/// Sessions in the memory of one process: a restart signs everybody out.
///
/// Sessions that are over are swept by and by, without a task of its own. Its memory is bounded by
/// [`max_sessions`](Self::max_sessions): where it is full, an account's own oldest session gives way to its newest, and
/// never to another account's, which is refused with [`StoreError::Full`].
pub struct MemoryStore {
    /// Times are in milliseconds since then.
    began: Instant,
    max_sessions_of_user: u32,
    cells: Cells,
    index: Index,
    claims: Claims,
    logs: Logs,
    sessions: Room,
    denials: Room,
}

impl MemoryStore {
    /// One for a million sessions, a hundred for each account.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            max_sessions_of_user: 100,
            cells: Cells::new(),
            index: Index::new(),
            claims: Claims::default(),
            logs: Logs::new(),
            sessions: Room::new(1_000_000),
            denials: Room::new(1_000_000),
        }
    }

    /// How many sessions there may be at a time, of all accounts together: a million where it is not set. As many denials
    /// may be kept.
    #[must_use]
    pub fn max_sessions(mut self, most: usize) -> Self {
        self.sessions.most = most;
        self.denials.most = most;
        self
    }

    /// How many sessions an account may have at a time, whatever the application says of it: a hundred where it is not set.
    #[must_use]
    pub fn max_sessions_of_user(mut self, most: u32) -> Self {
        self.max_sessions_of_user = most;
        self
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed())
    }

    /// Now, and so much later.
    fn span(&self, length: Duration) -> (u64, u64) {
        let now = self.now();
        (now, now.saturating_add(millis(length)))
    }

    /// Files it, then creates it: a logout finds it under its names, or denies it there.
    fn create_now(&self, key: StoreKey, new: &NewRecord) -> Result<Created, StoreError> {
        let (now, until) = self.span(new.record.remaining);
        self.forget(self.cells.sweep_near(key, now));
        self.forget(self.cells.drop_over(key, now).map(|over| (key, over)));
        match self.cells.taken(key, now) {
            Some(Taken::Live) => return Ok(Created::Exists),
            Some(Taken::Closed) => return Ok(Created::Ended),
            None => {}
        }
        let mut evicted = self.make_room(key, new.names.sub, now)?;
        let member = Member {
            key,
            created_at: new.created_at,
            issued_at: new.issued_at.unwrap_or(i64::MIN),
        };
        let Some(before) = self.file(new.names, member, now) else {
            self.sessions.free(1);
            // Closed before it is unfiled: who else brings it may have been faster than the denial.
            self.close(key, CLOSED_FOR);
            self.unfile(key, new.names);
            return Ok(Created::Denied);
        };
        match self.cells.create(key, Live::new(new, until), now) {
            Ok(()) => {
                evicted.extend(self.too_many(before, key, new, now));
                Ok(Created::Created { evicted })
            }
            // Whoever was faster filed it under these names, too.
            Err(Taken::Live) => {
                self.sessions.free(1);
                Ok(Created::Exists)
            }
            Err(Taken::Closed) => {
                self.sessions.free(1);
                self.unfile(key, new.names);
                Ok(Created::Ended)
            }
        }
    }

    /// Takes a place for a session: a free one, that of a session that is over, or that of the account's own oldest, which
    /// it gives.
    fn make_room(&self, key: StoreKey, sub: IndexKey, now: u64) -> Result<Vec<StoreKey>, StoreError> {
        if self.sessions.take() {
            return Ok(Vec::new());
        }
        self.forget(self.cells.sweep(now));
        if self.sessions.take() {
            return Ok(Vec::new());
        }
        let closed_until = now.saturating_add(millis(CLOSED_FOR));
        for oldest in self.others(key, sub, now) {
            if let Some(live) = self.cells.close(oldest, closed_until) {
                live.names().for_each(|names| self.unfile(oldest, names));
                return Ok(vec![oldest]);
            }
        }
        Err(StoreError::Full)
    }

    /// Files a session under each name; gives what the account had before, unless it is denied somewhere.
    fn file(&self, names: Names, member: Member, now: u64) -> Option<Vec<Member>> {
        let mut of_account = Vec::new();
        for name in names.each() {
            let before = self.index.add(name, member, now)?;
            if name == names.sub {
                of_account = before;
            }
        }
        Some(of_account)
    }

    /// The oldest of an account's sessions beyond what it may have, of those that were filed before this one: of two that
    /// are made at once, one counts the other.
    fn too_many(&self, before: Vec<Member>, key: StoreKey, new: &NewRecord, now: u64) -> Vec<StoreKey> {
        let most = self
            .max_sessions_of_user
            .min(new.most_of_user.unwrap_or(u32::MAX));
        let mut others = self.live(before, key, now);
        let beyond = (others.len() + 1).saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
        others.truncate(beyond);
        others
    }

    /// The live sessions of an account but this one, oldest first.
    fn others(&self, key: StoreKey, sub: IndexKey, now: u64) -> Vec<StoreKey> {
        self.live(self.index.members(sub), key, now)
    }

    fn live(&self, members: Vec<Member>, key: StoreKey, now: u64) -> Vec<StoreKey> {
        let members = members.into_iter().map(|member| member.key);
        members
            .filter(|other| *other != key && self.cells.is_live(*other, now))
            .collect()
    }

    fn write(&self, key: StoreKey, expected: Revision, by: Option<Owner>, record: &Record) -> Updated {
        let (now, until) = self.span(record.remaining);
        self.forget(self.cells.sweep_near(key, now));
        if let Some(names) = record.renamed
            && !self.rename(key, names, now)
        {
            return Updated::Gone;
        }
        let updated = self.cells.write(key, expected, by, record, (now, until));
        if let (Updated::Gone, Some(names)) = (updated, record.renamed) {
            self.unfile(key, names);
        }
        updated
    }

    /// Files a session under further names. What is denied there is over, as if it had been found there.
    fn rename(&self, key: StoreKey, names: Names, now: u64) -> bool {
        let Some(first) = self.cells.rename(key, names, now) else {
            return false;
        };
        let members = self.index.members(first.sub);
        let Some(member) = members.into_iter().find(|member| member.key == key) else {
            return false;
        };
        let is_filed = self.file(names, member, now).is_some();
        if !is_filed {
            self.close(key, CLOSED_FOR);
            self.unfile(key, names);
        }
        is_filed
    }

    /// Whether it was live.
    fn close(&self, key: StoreKey, at_least: Duration) -> bool {
        let (now, until) = self.span(at_least);
        let ended = self.cells.close(key, until);
        let was_live = ended.as_ref().is_some_and(|live| live.until > now);
        self.forget(ended.map(|live| (key, live)));
        was_live
    }

    fn forget(&self, over: impl IntoIterator<Item = (StoreKey, Live)>) {
        for (key, live) in over {
            live.names().for_each(|names| self.unfile(key, names));
            self.sessions.free(1);
        }
    }

    fn unfile(&self, key: StoreKey, names: Names) {
        names.each().for_each(|name| self.index.remove(name, key));
    }
}

impl SessionStore for MemoryStore {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move { Ok(self.cells.get(key, self.now())) })
    }

    fn get_now(&self, key: StoreKey) -> Option<Result<Option<Stored>, StoreError>> {
        Some(Ok(self.cells.get(key, self.now())))
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        Box::pin(async move { self.create_now(key, &new) })
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        Box::pin(async move { Ok(self.write(key, expected, None, &record)) })
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.close(key, at_least);
            Ok(())
        })
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        Some(self)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("MemoryStore");
        text.field("sessions", &self.sessions.taken());
        text.field("max_sessions", &self.sessions.most);
        text.finish_non_exhaustive()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
