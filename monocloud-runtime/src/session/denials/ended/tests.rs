use std::time::Duration;

use tokio::time::Instant;

use super::super::ending::Ending;
use super::super::time::Now;
use super::{Accounts, Ended, MAX_SESSIONS};
use crate::event::logged::logged;

const DAY: Duration = Duration::from_secs(86_400);

/// The session number `id` of an account.
fn session(account: u64, id: u64, created_at: i64) -> Ending {
    let number = |number: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    Ending {
        id: number(id),
        account: number(account),
        created_at,
    }
}

/// The time, and as much later by both clocks.
fn at(start: Instant, seconds: u64) -> Now {
    Now {
        instant: start + Duration::from_secs(seconds),
        millis: i64::try_from(seconds).expect("a small number") * 1_000,
    }
}

fn has_ended(accounts: &Accounts, session: Ending) -> bool {
    accounts.contains(session.created_at, || session.account, || session.id)
}

#[test]
fn an_ended_session_is_remembered_as_long_as_any_can_live() {
    let (mut accounts, start) = (Accounts::default(), Instant::now());
    let (first, second) = (session(1, 1, 0), session(2, 2, 0));
    accounts.insert(first, DAY, at(start, 0), 10);
    assert!(has_ended(&accounts, first) && !has_ended(&accounts, second));
    accounts.insert(second, DAY, at(start, 86_399), 10);
    assert!(has_ended(&accounts, first));
    accounts.insert(second, DAY, at(start, 86_401), 10);
    assert!(!has_ended(&accounts, first) && has_ended(&accounts, second));
    assert!(accounts.by_time.len() == 1 && accounts.by_account.len() == 1);
}

#[test]
fn many_of_one_account_become_one_moment_and_none_lives_again() {
    let (mut accounts, now) = (Accounts::default(), at(Instant::now(), 0));
    let other = session(2, 1, 1);
    accounts.insert(other, DAY, now, 10);
    let all: Vec<_> = (0..1_000_u32)
        .map(|number| session(1, number.into(), 1_000 + i64::from(number)))
        .collect();
    for (at, ended) in all.iter().enumerate() {
        accounts.insert(*ended, DAY, now, 10);
        let newer = session(1, 9_999, ended.created_at + 1);
        assert!(!has_ended(&accounts, newer), "what is newer lives, after {at}");
    }
    for ended in &all {
        assert!(has_ended(&accounts, *ended), "{ended:?}");
    }
    assert!(has_ended(&accounts, other), "another account's stays");
    assert!(!has_ended(&accounts, session(3, 3, 1)), "and who did nothing");
    let remembered = accounts.by_account.values().map(|account| account.sessions.len());
    assert!(remembered.sum::<usize>() <= MAX_SESSIONS + 1);
}

/// Processes hear of what ended elsewhere in another order, and who started later from the log alone.
#[test]
fn what_has_ended_does_not_depend_on_the_order_in_which_it_did() {
    let now = at(Instant::now(), 0);
    let all: Vec<_> = (0..100_u32)
        .map(|number| session(1, number.into(), i64::from(number * 7_919 % 101)))
        .collect();
    let of = |order: &mut dyn Iterator<Item = Ending>| {
        let mut accounts = Accounts::default();
        for ended in order {
            accounts.insert(ended, DAY, now, 10);
        }
        accounts
    };
    let mut by_time = all.clone();
    by_time.sort_by_key(|session| session.created_at);
    let processes = [
        of(&mut all.iter().copied()),
        of(&mut all.iter().rev().copied()),
        of(&mut by_time.iter().copied()),
    ];
    for created_at in -1..103 {
        let other = session(1, 9_999, created_at);
        let ended = processes.each_ref().map(|accounts| has_ended(accounts, other));
        assert!(
            ended == [true; 3] || ended == [false; 3],
            "{created_at}: {ended:?}"
        );
        assert!(created_at < 86 || !ended[0], "no more than must be: {created_at}");
    }
}

#[test]
fn too_many_accounts_revive_nothing() {
    let (mut accounts, now) = (Accounts::default(), at(Instant::now(), 0));
    let all: Vec<_> = (0..100_u32)
        .map(|number| session(number.into(), 1, i64::from(number) * 10))
        .collect();
    for ended in &all {
        accounts.insert(*ended, DAY, now, 20);
        assert!(accounts.by_account.len() <= 20);
    }
    for ended in &all {
        assert!(has_ended(&accounts, *ended), "{ended:?}");
    }
    assert!(
        !has_ended(&accounts, session(500, 1, 10_000)),
        "what is newer lives"
    );
}

#[test]
fn more_accounts_than_are_remembered_are_told_to_the_operator() {
    let (mut accounts, now) = (Accounts::default(), at(Instant::now(), 0));
    let mut end = |account: u64, id: u64| {
        let created_at = i64::try_from(account).expect("a small number");
        logged(|| {
            accounts.insert(session(account, id, created_at), DAY, now, 20);
        })
    };
    for account in 0..20 {
        assert_eq!(end(account, 1), [""; 0], "{account}");
    }
    for id in 2..100 {
        assert_eq!(end(19, id), [""; 0], "many of one account are none of that");
    }
    assert_eq!(end(20, 1), ["WARN monocloud.ended_sessions.full"]);
}

#[test]
fn a_moment_is_forgotten_with_the_last_session_that_it_stands_for() {
    let (mut accounts, start) = (Accounts::default(), Instant::now());
    for number in 0..40_u32 {
        accounts.insert(
            session(number.into(), 1, i64::from(number)),
            DAY,
            at(start, 0),
            20,
        );
    }
    assert!(accounts.everybody.is_some());
    accounts.insert(session(99, 1, 99), DAY, at(start, 86_401), 20);
    assert!(accounts.everybody.is_none() && accounts.by_account.len() == 1);
}

#[test]
fn one_account_that_ends_sessions_all_day_takes_no_more_memory() {
    let (mut accounts, start) = (Accounts::default(), Instant::now());
    for number in 0..5_000_u32 {
        let ended = session(1, number.into(), i64::from(number) * 1_000);
        accounts.insert(ended, DAY, at(start, number.into()), 10);
        assert_eq!((accounts.by_account.len(), accounts.by_time.len()), (1, 1));
    }
    accounts.insert(session(2, 1, 0), DAY, at(start, 200_000), 10);
    assert_eq!((accounts.by_account.len(), accounts.by_time.len()), (1, 1));
}

#[test]
fn no_clock_that_is_set_brings_an_ended_session_back() {
    let start = Instant::now();
    let day_one = 86_400_000;
    for many in [1, 40_u32] {
        let mut accounts = Accounts::default();
        let all: Vec<_> = (0..many)
            .map(|number| session(number.into(), 1, day_one))
            .collect();
        let mut now = Now {
            instant: start,
            millis: day_one,
        };
        let wake = session(1_000, 1, day_one);
        for ended in &all {
            accounts.insert(*ended, DAY, now, 20);
        }
        // Ahead and back again, and a day behind for as long as an entry lives.
        for (seconds, millis) in [(10, day_one * 90), (20, day_one), (86_500, 0), (172_800, day_one)] {
            now.instant = start + Duration::from_secs(seconds);
            now.millis = millis;
            accounts.insert(wake, DAY, now, 20);
            for ended in &all {
                assert!(has_ended(&accounts, *ended), "{many} {seconds}: {ended:?}");
            }
        }
        now.instant = start + 4 * DAY;
        now.millis = day_one * 2 + 1_000;
        accounts.insert(session(1_001, 1, now.millis), DAY, now, 20);
        assert!(all.iter().all(|ended| !has_ended(&accounts, *ended)), "{many}");
        assert!(accounts.by_account.len() == 1 && accounts.everybody.is_none());
    }
}

#[test]
fn a_new_session_is_newer_than_what_has_ended() {
    let (mut accounts, now) = (Accounts::default(), at(Instant::now(), 0));
    assert_eq!(accounts.earliest(&session(1, 1, 0).account), i64::MIN);
    for number in 0..40_u32 {
        accounts.insert(session(1, number.into(), 1_000 + i64::from(number)), DAY, now, 10);
    }
    let new = session(1, 99, accounts.earliest(&session(1, 1, 0).account));
    assert!(!has_ended(&accounts, new) && new.created_at <= 1_040);
    for number in 0..40_u32 {
        accounts.insert(session(number.into(), 7, 2_000 + i64::from(number)), DAY, now, 10);
    }
    let new = session(500, 99, accounts.earliest(&session(500, 1, 0).account));
    assert!(!has_ended(&accounts, new) && new.created_at > 2_000);
}

#[test]
fn to_end_an_account_after_the_clock_was_set_back_brings_no_ended_session_back() {
    let (mut accounts, now) = (Accounts::default(), at(Instant::now(), 1_000));
    let (earlier, later, other) = (
        session(1, 1, 999_000),
        session(1, 2, 1_005_000),
        session(1, 3, 1_005_000),
    );
    for ended in [earlier, later] {
        accounts.insert(ended, DAY, now, 10);
    }
    accounts.insert_account(session(1, 0, 0).account, now.millis + 1, DAY, now, 10);
    assert!(has_ended(&accounts, earlier) && has_ended(&accounts, later));
    assert!(!has_ended(&accounts, other), "it began later, and goes on");
}

#[test]
fn what_a_transaction_remembers_comes_back() {
    let ending = session(7, 8, 1_800_000_000_123);
    assert_eq!(Ending::from_bytes(&ending.to_bytes()), Some(ending));
    assert_eq!(Ending::from_bytes(&ending.to_bytes()[1..]), None);
    assert_eq!(Ending::from_bytes(&[]), None);
}

#[test]
fn what_comes_back_out_of_a_file_has_ended() {
    let (ended, now) = (Ended::default(), at(Instant::now(), 5_000));
    let many = (0..40).map(|number| session(1, number, 4_000 + i64::try_from(number).expect("small")));
    let others = (2..42).map(|number| session(number, 1, i64::try_from(number).expect("small")));
    let all: Vec<_> = others.chain(many).collect();
    for ending in &all {
        let mut accounts = ended.accounts.write().expect("whole");
        accounts.insert(*ending, DAY, now, 20);
    }
    let (again, written) = (Ended::default(), ended.entries(now));
    for entry in &written {
        again.restore(entry, DAY, now);
    }
    let accounts = again.accounts.read().expect("whole");
    assert!(accounts.everybody.is_some() && accounts.by_account.values().any(|it| it.older.is_some()));
    for ending in &all {
        assert!(has_ended(&accounts, *ending), "{ending:?}");
    }
    assert!(!has_ended(&accounts, session(1, 99, 9_000)) && !has_ended(&accounts, session(99, 1, 9_000)));
    drop(accounts);
    assert_eq!(again.entries(now).len(), written.len());
    // As long as it would have been remembered, and no longer.
    for (seconds, is_there) in [(86_399, true), (86_401, false)] {
        // Another start of the program, where no instant of this one is known.
        let (later, now) = (Ended::default(), at(Instant::now(), 5_000 + seconds));
        for entry in &written {
            later.restore(entry, DAY, now);
        }
        assert_eq!(!later.entries(now).is_empty(), is_there, "{seconds}");
    }
}
