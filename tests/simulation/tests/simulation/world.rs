//! What a run has beside the application: the issuer, the clock, what goes wrong.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use monocloud_runtime::testing::Clock;

use crate::chance::Chance;
use crate::ends::Shares;
use crate::issuer::Issuer;
use crate::ledger::Ledger;
use crate::plan::{Fault, Outage, Plan};
use crate::told::Logouts;
use crate::trouble::{Call, Mishap};

/// A clock that was set back by less than this makes no session one from the future.
pub(crate) const MOST_BACK: i64 = 50;

pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) issuer: Issuer,
    pub(crate) ledger: Ledger,
    pub(crate) logouts: Logouts,
    clock: Clock,
    latest: AtomicI64,
    is_calm: AtomicBool,
    faults: Mutex<VecDeque<Fault>>,
    outages: Mutex<VecDeque<Outage>>,
    mishaps: Mutex<BTreeMap<Call, VecDeque<Mishap>>>,
}

impl World {
    pub(crate) fn new(plan: &Plan, clock: Clock) -> Arc<Self> {
        let mut mishaps = BTreeMap::<_, VecDeque<_>>::new();
        if let Some(fleet) = plan.place.fleet() {
            for (call, mishap) in &fleet.mishaps {
                mishaps.entry(*call).or_default().push_back(*mishap);
            }
        }
        Arc::new(Self {
            chance: Chance::new(plan.seed),
            issuer: Issuer::new(clock.clone(), plan.lifetime, plan.large),
            ledger: Ledger::new(Shares::of(&plan.place)),
            logouts: Logouts::default(),
            latest: AtomicI64::new(clock.now()),
            clock,
            is_calm: AtomicBool::new(true),
            faults: Mutex::new(plan.faults.iter().copied().collect()),
            outages: Mutex::new(plan.outages.iter().copied().collect()),
            mishaps: Mutex::new(mishaps),
        })
    }

    /// What time it is.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The latest that it ever was.
    pub(crate) fn latest(&self) -> i64 {
        self.latest.load(Ordering::Relaxed)
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::Relaxed)
    }

    /// Whether nothing goes wrong for a while.
    pub(crate) fn calm(&self, is_calm: bool) {
        self.is_calm.store(is_calm, Ordering::Relaxed);
    }

    /// What goes wrong with the next refresh.
    pub(crate) fn next_fault(&self) -> Fault {
        self.next(&self.faults).unwrap_or(Fault::None)
    }

    /// What goes wrong with the next call that is none.
    pub(crate) fn next_outage(&self) -> Outage {
        self.next(&self.outages).unwrap_or(Outage::None)
    }

    /// What goes wrong with the next call of the store of this kind.
    pub(crate) fn next_mishap(&self, call: Call) -> Mishap {
        let mut mishaps = self.mishaps.lock().unwrap_or_else(PoisonError::into_inner);
        let next = (!self.is_calm()).then(|| mishaps.get_mut(&call)?.pop_front());
        next.flatten().unwrap_or(Mishap::None)
    }

    fn next<T>(&self, of: &Mutex<VecDeque<T>>) -> Option<T> {
        let is_calm = self.is_calm();
        let mut queue = of.lock().unwrap_or_else(PoisonError::into_inner);
        (!is_calm).then(|| queue.pop_front()).flatten()
    }

    /// The clock goes with the time, for ever.
    pub(crate) async fn tick(self: Arc<Self>) {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.set_clock(1);
        }
    }

    /// Somebody sets the clock, by these seconds after these.
    pub(crate) async fn jump(self: Arc<Self>, jumps: Vec<(u32, i32)>) {
        for (after, by) in jumps {
            tokio::time::sleep(Duration::from_secs(after.into())).await;
            self.ledger.note(format_args!("clock {by:+}"));
            self.set_clock(by.into());
        }
    }

    fn set_clock(&self, by: i64) {
        let (now, latest) = (self.clock.now(), self.latest());
        let to = (now + by).max(latest - MOST_BACK);
        self.clock.advance(to - now);
        self.latest.store(latest.max(to), Ordering::Relaxed);
    }
}
