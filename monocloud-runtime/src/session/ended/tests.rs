use std::time::{Duration, Instant};

use super::{Accounts, Ending, MAX_SESSIONS};

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

fn has_ended(accounts: &Accounts, session: Ending) -> bool {
    accounts.contains(session.created_at, || session.account, || session.id)
}

#[test]
fn an_ended_session_is_remembered_as_long_as_any_can_live() {
    let (mut accounts, now) = (Accounts::default(), Instant::now());
    let (first, second) = (session(1, 1, 100), session(2, 2, 100));
    accounts.insert(first, DAY, now, 10);
    assert!(has_ended(&accounts, first) && !has_ended(&accounts, second));
    accounts.insert(second, DAY, now + Duration::from_secs(86_399), 10);
    assert!(has_ended(&accounts, first));
    accounts.insert(second, DAY, now + DAY, 10);
    assert!(!has_ended(&accounts, first) && has_ended(&accounts, second));
    assert!(accounts.by_time.len() == 1 && accounts.by_account.len() == 1);
}

#[test]
fn many_of_one_account_become_one_moment_and_none_lives_again() {
    let (mut accounts, now) = (Accounts::default(), Instant::now());
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

#[test]
fn too_many_accounts_revive_nothing() {
    let (mut accounts, now) = (Accounts::default(), Instant::now());
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
fn a_moment_is_forgotten_with_the_last_session_that_it_stands_for() {
    let (mut accounts, now) = (Accounts::default(), Instant::now());
    for number in 0..40_u32 {
        accounts.insert(session(number.into(), 1, i64::from(number)), DAY, now, 20);
    }
    assert!(accounts.everybody.is_some());
    accounts.insert(session(99, 1, 99), DAY, now + DAY, 20);
    assert!(accounts.everybody.is_none() && accounts.by_account.len() == 1);
}

#[test]
fn what_a_transaction_remembers_comes_back() {
    let ending = session(7, 8, 1_800_000_000_123);
    assert_eq!(Ending::from_bytes(&ending.to_bytes()), Some(ending));
    assert_eq!(Ending::from_bytes(&ending.to_bytes()[1..]), None);
    assert_eq!(Ending::from_bytes(&[]), None);
}
