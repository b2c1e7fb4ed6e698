//! A store that is as plain as can be, and others that are careless: the contract lets the first pass, and no other.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use monocloud_runtime::store::{
    BoxFuture, Claim, Coordinated, Created, Denial, Exchange, IndexKey, Lease, Listed, LogPage, LogPosition,
    NewRecord, Owner, Record, Revision, SessionStore, SharedLog, StoreError, StoreKey, Stored, Strangers,
    Updated,
};
use monocloud_runtime::testing::store_contract;
use tokio::time::Instant;

use crate::reference::Fault;
use crate::reference::cell::{Answer, Op, later};
use crate::reference::store::Reference;

struct Naive {
    began: Instant,
    all: Mutex<Reference>,
}

impl Naive {
    fn new(fault: Option<Fault>) -> Self {
        Self {
            began: Instant::now(),
            all: Mutex::new(Reference::careless(fault)),
        }
    }

    fn all(&self) -> (MutexGuard<'_, Reference>, u64) {
        (self.all.lock().unwrap(), later(0, self.began.elapsed()))
    }

    /// Where it is careless, the revision that is found after another call may have come in between.
    async fn compared(&self, key: StoreKey, expected: Revision) -> Revision {
        let found = || {
            let (mut all, now) = self.all();
            let stored = all
                .get(key, now)
                .filter(|_| all.fault == Some(Fault::UpdateIsTwoSteps));
            stored.map(|stored| stored.revision)
        };
        if found() != Some(expected) {
            return expected;
        }
        tokio::task::yield_now().await;
        found().unwrap_or(expected)
    }

    fn done<T: Send + 'static>(value: T) -> BoxFuture<'static, Result<T, StoreError>> {
        Box::pin(std::future::ready(Ok(value)))
    }
}

impl SessionStore for Naive {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        let (mut all, now) = self.all();
        Self::done(all.get(key, now))
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Result<Created, StoreError>> {
        let (mut all, now) = self.all();
        Self::done(all.create(key, new, now))
    }

    fn update(
        &self,
        key: StoreKey,
        expected: Revision,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        Box::pin(async move {
            let expected = self.compared(key, expected).await;
            let (mut all, now) = self.all();
            Ok(all.write(key, expected, None, record, now))
        })
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        let (mut all, now) = self.all();
        all.delete(key, later(now, at_least), now);
        Self::done(())
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        Some(self)
    }
}

impl Coordinated for Naive {
    fn begin(
        &self,
        key: StoreKey,
        expected: Revision,
        lease: Lease,
    ) -> BoxFuture<'_, Result<Exchange, StoreError>> {
        let (mut all, now) = self.all();
        match all.step(key, Op::Begin { expected, lease }, now) {
            Answer::Exchange(exchange) => Self::done(exchange),
            answer => panic!("{answer:?}"),
        }
    }

    fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> BoxFuture<'_, Result<Updated, StoreError>> {
        let (mut all, now) = self.all();
        Self::done(all.write(key, expected, Some(owner), record, now))
    }

    fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool) -> BoxFuture<'_, Result<(), StoreError>> {
        let (mut all, now) = self.all();
        all.step(key, Op::Abandon { owner, unclear }, now);
        Self::done(())
    }

    fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> BoxFuture<'_, Result<Vec<StoreKey>, StoreError>> {
        let (mut all, now) = self.all();
        Self::done(all.end_all(&whose, denial, strangers, (now, later(now, lifetime))))
    }

    fn list(&self, sub: Vec<IndexKey>) -> BoxFuture<'_, Result<Vec<Listed>, StoreError>> {
        let (mut all, now) = self.all();
        Self::done(all.list(&sub, now))
    }

    fn touch(&self, key: StoreKey, summary: Bytes) -> BoxFuture<'_, Result<(), StoreError>> {
        let (mut all, now) = self.all();
        all.touch(key, summary, now);
        Self::done(())
    }

    fn claim(&self, name: IndexKey, lease: Lease) -> BoxFuture<'_, Result<Claim, StoreError>> {
        let (mut all, now) = self.all();
        let fault = all.fault;
        Self::done(
            all.claimed(name)
                .claim(lease.owner, (now, later(now, lease.length)), fault),
        )
    }

    fn settle(
        &self,
        name: IndexKey,
        owner: Owner,
        keep: Option<Duration>,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        let (mut all, now) = self.all();
        let (fault, keep_until) = (all.fault, keep.map(|keep| later(now, keep)));
        Self::done(all.claimed(name).settle(owner, now, keep_until, fault))
    }

    fn log(&self) -> Option<&dyn SharedLog> {
        Some(self)
    }
}

impl SharedLog for Naive {
    fn append(
        &self,
        log: IndexKey,
        entries: Vec<Bytes>,
        _keep: Duration,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let (mut all, _) = self.all();
        let fault = all.fault;
        all.log(log).append(entries, fault);
        Self::done(())
    }

    fn read(
        &self,
        log: IndexKey,
        after: Option<LogPosition>,
        patience: Duration,
    ) -> BoxFuture<'_, Result<LogPage, StoreError>> {
        Box::pin(async move {
            let until = Instant::now() + patience;
            loop {
                let page = {
                    let (mut all, _) = self.all();
                    let fault = all.fault;
                    all.log(log).read(after, fault)
                };
                if !page.entries.is_empty() || page.is_anew || Instant::now() >= until {
                    return Ok(page);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
    }

    fn trim(&self, log: IndexKey, until: LogPosition) -> BoxFuture<'_, Result<(), StoreError>> {
        let (mut all, _) = self.all();
        let fault = all.fault;
        all.log(log).trim(until, fault);
        Self::done(())
    }
}

/// What the contract says of such a store, if anything. In paused time, so that nothing is waited for.
async fn complaint(fault: Option<Fault>) -> Option<String> {
    let store: Arc<dyn SessionStore> = Arc::new(Naive::new(fault));
    let checked = async {
        store_contract::basic(&store).await;
        store_contract::coordinated(&store).await;
        store_contract::shared_log(&store).await;
    };
    let panic = AssertUnwindSafe(checked).catch_unwind().await.err()?;
    Some(panic.downcast_ref::<String>().unwrap().clone())
}

#[tokio::test(start_paused = true)]
async fn a_naive_store_keeps_the_whole_contract() {
    assert_eq!(complaint(None).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_careless_store_is_caught() {
    for (fault, property) in [
        (Fault::CreateOverwrites, "nothing_is_created_twice"),
        (
            Fault::UpdateIgnoresTheRevision,
            "an_update_needs_the_revision_it_was_made_of",
        ),
        (Fault::UpdateIsTwoSteps, "of_many_updates_at_once_one_wins"),
        (Fault::UpdateMakesRecords, "keys_do_not_meet"),
        (
            Fault::DeleteLeavesNoTombstone,
            "what_was_deleted_is_not_found_updated_or_created_again",
        ),
        (Fault::NothingExpires, "a_record_ends_when_it_was_told_to"),
        (Fault::RecordsAreCut, "a_record_is_read_as_it_was_written"),
        (Fault::SummariesAreText, "a_list_has_the_live_ones_in_order"),
        (Fault::SummariesAreCut, "a_list_has_the_live_ones_in_order"),
        (Fault::TouchesAreText, "a_touch_is_no_write"),
        (Fault::TouchesAreCut, "a_touch_is_no_write"),
        (Fault::ExchangesBeginWhileOneIsHeld, "one_exchange_at_a_time"),
        (
            Fault::LeasesNeverEnd,
            "a_lease_that_ran_out_is_taken_over_and_said",
        ),
        (
            Fault::TakeoverIsNotSaid,
            "a_lease_that_ran_out_is_taken_over_and_said",
        ),
        (
            Fault::UnclearIsForgotten,
            "an_unclear_exchange_is_told_to_the_next",
        ),
        (
            Fault::WhoGivesUpForgivesOthers,
            "what_was_taken_over_and_given_up_is_taken_over_by_the_next",
        ),
        (
            Fault::CommitNeedsNoOwner,
            "a_commit_is_a_write_and_ends_the_exchange",
        ),
        (Fault::DenialsReplaceEachOther, "denials_add_up"),
        (Fault::CreateIgnoresDenials, "logout_by_sid_ends_it_and_denies_it"),
        (
            Fault::IssuedInTheSameSecondIsSpared,
            "logout_by_sub_spares_what_was_issued_later",
        ),
        (
            Fault::DenialsEndTheSparedToo,
            "logout_by_sub_spares_what_was_issued_later",
        ),
        (Fault::ClaimsAreGivenTwice, "a_claim_is_given_once"),
        (Fault::AnybodySettles, "a_late_owner_settles_nothing"),
        (
            Fault::AppendLosesAnEntry,
            "what_was_appended_is_read_once_and_in_order",
        ),
        (Fault::EntriesAreCut, "an_entry_is_read_as_it_was_appended"),
        (Fault::ReadSkipsAPage, "many_entries_come_in_several_pages"),
        (Fault::EveryPageIsTheEnd, "many_entries_come_in_several_pages"),
        (
            Fault::PositionsOfALostLogAreTaken,
            "a_position_of_another_log_begins_anew",
        ),
        (Fault::LossIsNotSaid, "a_position_of_another_log_begins_anew"),
        (
            Fault::LostLogsAreNotReadAgain,
            "a_position_of_another_log_begins_anew",
        ),
        (
            Fault::TrimTakesTooMuch,
            "what_was_trimmed_is_gone_and_the_rest_stays",
        ),
        (
            Fault::TrimTakesAnyPosition,
            "what_was_trimmed_is_gone_and_the_rest_stays",
        ),
    ] {
        let complaint = complaint(Some(fault)).await.unwrap_or_default();
        assert!(complaint.starts_with(property), "{fault:?}: {complaint:?}");
    }
}
