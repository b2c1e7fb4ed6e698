use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::follow::SHORT;
use super::{Sharing, Site, lock, signed};
use crate::clock::Clock;
use crate::crypto::{Name, Names, random};
use crate::event::Events;
use crate::session::denials::entry::{Entry, Kind};
use crate::session::denials::memory::Memory;
use crate::session::denials::time::Now;
use crate::store::{Coordinated as _, IndexKey, MemoryStore};

const DAY: Duration = Duration::from_hours(24);
const NOW: i64 = 1_800_000_000_000;

struct Process {
    memory: Arc<Memory>,
    sharing: Sharing,
}

fn process(store: &Arc<MemoryStore>, log: IndexKey) -> Process {
    process_at(store, log, NOW)
}

/// By a clock of its own.
fn process_at(store: &Arc<MemoryStore>, log: IndexKey, now: i64) -> Process {
    let memory = Arc::<Memory>::default();
    let site = Site {
        store: store.clone(),
        log,
        names: Names::new(&[7; 32], []),
        lifetime: DAY,
        clock: Clock::fixed(now / 1_000),
        events: Events::default(),
    };
    let sharing = Sharing::new(site, memory.clone());
    Process { memory, sharing }
}

/// One of many sessions of an account that ended.
fn ended(number: i64) -> Entry {
    entry(Kind::Ended, [7; 16], NOW + number)
}

fn entry(kind: Kind, name: Name, moment: i64) -> Entry {
    Entry {
        kind,
        name,
        session: if kind == Kind::Ended { random() } else { [0; 16] },
        moment,
        noted_at: NOW,
        until: NOW + 86_400_000,
    }
}

async fn tell(process: &Process, entries: Vec<Entry>) {
    for entry in &entries {
        process.memory.restore(entry, DAY, Now::at(NOW));
    }
    let told = process.sharing.tell(entries).done("end it").await;
    told.expect("it is told");
}

async fn hears(process: &Process) {
    process.sharing.current().await.expect("it hears");
}

fn held(process: &Process) -> Vec<Entry> {
    process.memory.entries(Now::at(NOW))
}

async fn length(store: &MemoryStore, log: IndexKey) -> u64 {
    let store = store.log().expect("it has one");
    let page = store.read(log, None, Duration::ZERO).await;
    page.expect("it is read").length
}

#[tokio::test]
async fn a_log_that_repeats_itself_is_made_short_and_says_the_same() {
    let (store, log) = (Arc::new(MemoryStore::new()), IndexKey::from_bytes(random()));
    let (first, other) = (process(&store, log), process(&store, log));
    // Of others, each of which must outlive the repetitions.
    let of_others = [
        entry(Kind::Ended, [8; 16], NOW),
        entry(Kind::Sid, [1; 16], NOW / 1_000),
        entry(Kind::Sub, [2; 16], NOW / 1_000),
        entry(Kind::UnprovedSid, [3; 16], 0),
    ];
    tell(&other, of_others.to_vec()).await;
    let last = i64::try_from(SHORT).expect("small") + 1_000;
    // With the last of them it is too long.
    for numbers in [0..last - 2_000, last - 2_000..last] {
        tell(&first, numbers.map(ended).collect()).await;
    }
    hears(&first).await;
    hears(&other).await;
    for _ in 0..400 {
        if length(&store, log).await < 100 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(length(&store, log).await < 100);
    let later = process(&store, log);
    hears(&later).await;
    let entries = held(&later);
    let is_held = |told: &Entry| {
        entries
            .iter()
            .any(|held| (held.kind, held.name) == (told.kind, told.name))
    };
    assert!(of_others.iter().all(is_held), "{entries:?}");
    let before = entries.iter().filter(|entry| entry.kind == Kind::EndedBefore);
    let before = before.map(|entry| entry.moment).max();
    assert!(before.is_some_and(|moment| moment > NOW + last - 20));
    assert!(entries.iter().any(|entry| entry.moment == NOW + last - 1));
}

#[tokio::test]
async fn who_counts_everything_as_over_makes_no_log_short() {
    let (store, log) = (Arc::new(MemoryStore::new()), IndexKey::from_bytes(random()));
    let last = i64::try_from(SHORT).expect("small") + 1_000;
    let entries: Vec<_> = (0..last).map(ended).collect();
    let ours = Names::new(&[7; 32], []);
    let all = entries
        .iter()
        .flat_map(|entry| signed::sign(*entry, &ours))
        .collect();
    let shared = store.log().expect("it has one");
    shared.append(log, all, 3 * DAY).await.expect("it takes them");
    let before = length(&store, log).await;
    let ahead = process_at(&store, log, NOW + 2 * 86_400_000);
    hears(&ahead).await;
    assert_eq!(held(&ahead), [], "all is over by its clock");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(length(&store, log).await, before);
}

#[tokio::test]
async fn applications_do_not_hear_each_other() {
    let store = Arc::new(MemoryStore::new());
    let logs = [(); 2].map(|()| IndexKey::from_bytes(random()));
    let [mine, others] = logs.map(|log| process(&store, log));
    tell(&others, vec![ended(1)]).await;
    hears(&mine).await;
    hears(&others).await;
    assert_eq!((held(&mine).len(), held(&others).len()), (0, 1));
}

/// Whoever can write to the store has no cookie secret.
#[tokio::test]
async fn what_nobody_of_this_application_has_signed_ends_nothing() {
    let (store, log) = (Arc::new(MemoryStore::new()), IndexKey::from_bytes(random()));
    let everybody = entry(Kind::EverybodyBefore, [0; 16], i64::MAX);
    let others = Names::new(&[8; 32], []);
    let forged = signed::sign(everybody, &others).chain([Bytes::new(), Bytes::from(vec![0; 88])]);
    let ours = Names::new(&[7; 32], []);
    let all = forged.chain(signed::sign(ended(1), &ours)).collect();
    let shared = store.log().expect("it has one");
    shared.append(log, all, DAY).await.expect("it takes them");
    let process = process(&store, log);
    hears(&process).await;
    let kinds: Vec<_> = held(&process).iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Kind::Ended]);
}

/// Anybody can cause that.
#[tokio::test]
async fn whoever_has_nothing_new_to_tell_adds_nothing_to_the_log() {
    let (store, log) = (Arc::new(MemoryStore::new()), IndexKey::from_bytes(random()));
    let process = process(&store, log);
    tell(&process, (0..10).map(ended).collect()).await;
    hears(&process).await;
    let before = length(&store, log).await;
    lock(&process.sharing.inner.untold).add_everything();
    for _ in 0..100 {
        let told = (0..10).map(|_| process.sharing.tell(Vec::new()));
        for told in told.collect::<Vec<_>>() {
            told.done("end it").await.expect("it is told");
        }
    }
    assert_eq!(length(&store, log).await, 2 * before);
}
