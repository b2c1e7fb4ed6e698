//! A store that gives something else than it was given: nobody, and an error line.

use bytes::Bytes;
use monocloud_runtime::store::{Revision, Stored};
use monocloud_runtime::testing::session_cookie;

use super::fleet::{Fleet, Process};
use crate::fixtures::{lin, logged, mira};

async fn assert_nobody(process: &Process, cookies: &str, what: &str) {
    let (answer, log) = logged(process.get("/", cookies)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "signed out"),
        "{what}"
    );
    assert!(answer.cookies().is_empty(), "{what}: the cookie stays");
    assert!(
        log.contains("ERROR") && log.contains("does not open"),
        "{what}: {log}"
    );
    for door in ["/api/me", "/session"] {
        assert_eq!(process.get(door, cookies).await.status, 401, "{what}");
    }
    assert_eq!(process.get("/page", cookies).await.status, 303, "{what}");
    assert_eq!(
        process.get("/api/auth/userinfo", cookies).await.status,
        204,
        "{what}"
    );
}

#[tokio::test]
async fn what_was_swapped_or_changed_is_nobody() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let (own, other) = (
        session_cookie(&process.auth, mira()),
        session_cookie(&process.auth, lin()),
    );
    assert!(process.lets_in(&other).await);
    let (_, others) = process.store.last_read();
    assert!(process.lets_in(&own).await);
    let (_, first) = process.store.last_read();
    process.get("/note?one=1", &own).await;
    assert!(process.lets_in(&own).await);
    let (_, second) = process.store.last_read();
    assert_eq!(second.revision, first.revision.next());

    let mut changed = second.sealed.to_vec();
    changed[7] ^= 1;
    for (what, sealed, revision) in [
        ("another's", others.sealed, second.revision),
        (
            "older with the newest revision",
            first.sealed.clone(),
            second.revision,
        ),
        (
            "newer with an older revision",
            second.sealed.clone(),
            first.revision,
        ),
        (
            "with a revision to come",
            second.sealed.clone(),
            Revision::new(u64::MAX),
        ),
        ("a flipped bit", changed.into(), second.revision),
        ("cut", second.sealed.slice(..40), second.revision),
        ("nothing", Bytes::new(), second.revision),
    ] {
        process.store.give(Some(Stored { sealed, revision }));
        assert_nobody(&process, &own, what).await;
    }
    process.store.give(None);
    assert!(process.lets_in(&own).await, "nobody was signed out by it");
}

/// Who it is stands apart from them.
#[tokio::test]
async fn contents_that_were_changed_are_no_session_and_the_cookie_stays() {
    let fleet = Fleet::start().await;
    let process = fleet.process();
    let cookies = session_cookie(&process.auth, mira());
    assert!(process.lets_in(&cookies).await);
    let (_, Stored { sealed, revision, .. }) = process.store.last_read();
    let mut changed = sealed.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    process.store.give(Some(Stored {
        sealed: changed.into(),
        revision,
    }));
    let (answer, log) = logged(process.get("/session", &cookies)).await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(answer.cookies().is_empty(), "{answer:?}");
    assert!(log.contains("ERROR") && log.contains("does not open"), "{log}");
    process.store.give(None);
    assert_eq!(process.get("/session", &cookies).await.body, "mira");
}
