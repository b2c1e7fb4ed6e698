//! An operation, as the reference carries it out and as a store does.

use bytes::Bytes;
use monocloud_runtime::store::{CLOSED_FOR, Revision, SessionStore};

use super::operation::{Do, key, lease, millis, name, new, owner, record, several, updated};
use crate::reference::cell::{Answer, Op, later};
use crate::reference::store::{Kept, Reference};

/// As `Debug` shows it.
pub(crate) fn expected(all: &mut Reference, what: &Do, now: u64) -> String {
    let revision = |all: &mut Reference, of: u8, at: &Option<u64>| thought(all, of, *at, now);
    match what {
        Do::Get { of } => format!("{:?}", all.get(key(*of), now)),
        Do::Create {
            of,
            text,
            lives,
            most,
        } => {
            format!("{:?}", all.create(key(*of), new(*of, *text, *lives, *most), now))
        }
        Do::Update {
            of,
            at,
            text,
            lives,
            renamed,
        } => {
            let revision = revision(all, *of, at);
            format!(
                "{:?}",
                all.write(
                    key(*of),
                    revision,
                    None,
                    updated(*of, *text, *lives, *renamed),
                    now
                )
            )
        }
        Do::Begin { of, at, by, length } => {
            let expected = revision(all, *of, at);
            let lease = lease(*by, *length);
            shown(&all.step(key(*of), Op::Begin { expected, lease }, now))
        }
        Do::Commit {
            of,
            at,
            by,
            text,
            lives,
        } => {
            let revision = revision(all, *of, at);
            format!(
                "{:?}",
                all.write(key(*of), revision, Some(owner(*by)), record(*text, *lives), now)
            )
        }
        Do::Abandon { of, by, unclear } => {
            all.step(
                key(*of),
                Op::Abandon {
                    owner: owner(*by),
                    unclear: *unclear,
                },
                now,
            );
            format!("{:?}", ())
        }
        Do::Delete { of } => {
            all.delete(key(*of), later(now, CLOSED_FOR), now);
            format!("{:?}", ())
        }
        Do::EndAll {
            names,
            denial,
            strangers,
            lives,
        } => {
            let mut ended = all.end_all(&several(names), *denial, *strangers, (now, now + lives));
            ended.sort_unstable();
            format!("{ended:?}")
        }
        Do::List { names } => format!("{:?}", all.list(&several(names), now)),
        Do::Touch { of, text } => {
            all.touch(key(*of), Bytes::from(vec![*text]), now);
            format!("{:?}", ())
        }
        Do::Claim { name: of, by, length } => {
            format!(
                "{:?}",
                all.claimed(name(*of))
                    .claim(owner(*by), (now, now + length), None)
            )
        }
        Do::Settle { name: of, by, keep } => {
            let keep_until = keep.map(|keep| now + keep);
            format!(
                "{:?}",
                all.claimed(name(*of)).settle(owner(*by), now, keep_until, None)
            )
        }
        Do::Wait { .. } => String::new(),
    }
}

pub(crate) async fn answered(store: &dyn SessionStore, what: &Do, revision: Revision) -> String {
    let shared = store.coordinated().unwrap();
    match what {
        Do::Get { of } => {
            let found = store.get(key(*of)).await.unwrap();
            if let Some(at_once) = store.get_now(key(*of)) {
                assert_eq!(at_once.unwrap(), found);
            }
            format!("{found:?}")
        }
        Do::Create {
            of,
            text,
            lives,
            most,
        } => {
            format!(
                "{:?}",
                store
                    .create(key(*of), new(*of, *text, *lives, *most))
                    .await
                    .unwrap()
            )
        }
        Do::Update {
            of,
            text,
            lives,
            renamed,
            ..
        } => {
            let record = updated(*of, *text, *lives, *renamed);
            format!("{:?}", store.update(key(*of), revision, record).await.unwrap())
        }
        Do::Begin { of, by, length, .. } => {
            format!(
                "{:?}",
                shared
                    .begin(key(*of), revision, lease(*by, *length))
                    .await
                    .unwrap()
            )
        }
        Do::Commit {
            of, by, text, lives, ..
        } => {
            let committed = shared
                .commit(key(*of), revision, owner(*by), record(*text, *lives))
                .await;
            format!("{:?}", committed.unwrap())
        }
        Do::Abandon { of, by, unclear } => {
            format!(
                "{:?}",
                shared.abandon(key(*of), owner(*by), *unclear).await.unwrap()
            )
        }
        Do::Delete { of } => format!("{:?}", store.delete(key(*of), CLOSED_FOR).await.unwrap()),
        Do::EndAll {
            names,
            denial,
            strangers,
            lives,
        } => {
            let ended = shared
                .end_all(several(names), *denial, *strangers, millis(*lives))
                .await;
            let mut ended = ended.unwrap();
            ended.sort_unstable();
            format!("{ended:?}")
        }
        Do::List { names } => format!("{:?}", shared.list(several(names)).await.unwrap()),
        Do::Touch { of, text } => {
            format!(
                "{:?}",
                shared.touch(key(*of), Bytes::from(vec![*text])).await.unwrap()
            )
        }
        Do::Claim { name: of, by, length } => {
            format!(
                "{:?}",
                shared.claim(name(*of), lease(*by, *length)).await.unwrap()
            )
        }
        Do::Settle { name: of, by, keep } => {
            format!(
                "{:?}",
                shared
                    .settle(name(*of), owner(*by), keep.map(millis))
                    .await
                    .unwrap()
            )
        }
        Do::Wait { length } => {
            tokio::time::advance(millis(*length)).await;
            String::new()
        }
    }
}

/// What is in an answer of the cell.
fn shown(answer: &Answer<Kept>) -> String {
    match answer {
        Answer::Exchange(exchange) => format!("{exchange:?}"),
        other => format!("{other:?}"),
    }
}

pub(crate) fn thought(all: &mut Reference, of: u8, at: Option<u64>, now: u64) -> Revision {
    let found = all.get(key(of), now).map(|stored| stored.revision);
    at.map(Revision::new).or(found).unwrap_or(Revision::FIRST)
}
