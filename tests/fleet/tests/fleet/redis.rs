//! The Redis goes away, comes back, or does less than it should, while requests run at all three processes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fleet::Relay;
use stores::Server;
use support::UserAgent;

use crate::mode::Mode;
use crate::people::People;
use crate::site::{BACK_CHANNEL, Fleet, Setup, status};

in_each_mode!(
    a_redis_that_is_killed_and_comes_back_with_its_data_signs_nobody_out,
    a_redis_that_comes_back_without_its_data_knows_nobody_and_brings_nobody_back,
    a_redis_that_is_slow_is_waited_for_and_nothing_is_lost,
    a_redis_that_is_silent_is_not_waited_for_and_lets_nobody_in,
    a_redis_that_became_a_replica_lets_nobody_in,
    a_full_redis_keeps_no_new_session_and_ends_sessions,
    a_redis_that_can_only_be_read_lets_in_who_is_signed_in_and_says_nothing_is_done,
);

/// As long as something is wrong, once all processes have noticed.
const A_WHILE: Duration = Duration::from_millis(1_500);

/// Nobody is let in, whatever they ask for, and nobody waits long for that.
async fn all_doors_are_closed(fleet: &Fleet, people: &People) {
    fleet.comes_to(&people.ada, 503).await;
    for at in 0..3 {
        for path in ["/dashboard", "/api/auth/userinfo", "/"] {
            let began = Instant::now();
            let page = people.ada.visit(&fleet.processes[at].at(path)).await;
            assert_eq!(status(&page), 503, "{page:?}");
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        }
        let open = UserAgent::new().visit(&fleet.processes[at].at("/")).await;
        assert_eq!(open.body, "home: signed out", "who has no session needs no Redis");
    }
    let refreshed = fleet.refresh(&people.ada).await;
    assert_eq!(status(&refreshed), 503, "{refreshed:?}");
    tokio::time::sleep(A_WHILE).await;
}

/// Browsers in which somebody else is signed in.
async fn others(fleet: &Fleet) -> [UserAgent; 2] {
    let others = [UserAgent::new(), UserAgent::new()];
    for agent in &others {
        fleet.sign_in(agent, "ben-okri").await;
    }
    others
}

/// The session goes on, and the provider took no refresh token for stolen.
async fn can_refresh(fleet: &mut Fleet, people: &People) {
    let before = fleet.refreshes();
    let refreshed = fleet.refresh(&people.ada).await;
    assert_eq!((refreshed.status.as_u16(), fleet.refreshes()), (200, before + 1));
    fleet.comes_to(&people.ada, 200).await;
}

async fn a_redis_that_is_killed_and_comes_back_with_its_data_signs_nobody_out(mode: Mode) {
    let mut redis = Server::with("appendonly yes\nappendfsync always\n");
    let mut fleet = Fleet::of(mode, &redis).await;
    let people = People::of(&fleet).await;
    let ben = UserAgent::new();
    fleet.sign_in(&ben, "ben-okri").await;
    let copy = fleet.copy(&ben);
    let answered = people
        .ask_while(&fleet, async || {
            redis.kill();
            all_doors_are_closed(&fleet, &people).await;
            // Nobody says that it is done, and it is made good.
            assert!(!fleet.sign_out(&ben).await);
            redis.start_again();
            fleet.comes_to(&people.ada, 200).await;
            fleet.comes_to(&copy, 401).await;
        })
        .await;
    assert_eq!(answered.ada, BTreeSet::from([200, 503]));
    people.are_as_before(&fleet).await;
    can_refresh(&mut fleet, &people).await;
}

async fn a_redis_that_comes_back_without_its_data_knows_nobody_and_brings_nobody_back(mode: Mode) {
    let mut redis = Server::start();
    let fleet = Fleet::of(mode, &redis).await;
    let people = People::of(&fleet).await;
    people
        .ask_while(&fleet, async || {
            redis.kill();
            all_doors_are_closed(&fleet, &people).await;
        })
        .await;
    redis.start_again();
    let is_in = if mode.is_store() { 401 } else { 200 };
    fleet.comes_to(&people.ada, is_in).await;
    fleet.comes_to(&people.thief, 401).await;
    // There is no way round: one sign-in, and it is over.
    fleet.sign_in_again(&people.ada).await;
    assert_eq!(fleet.ask(&people.ada).await, [200; 3]);
    assert_eq!(fleet.ask(&people.thief).await, [401; 3]);
}

/// Each answer comes within the time limit, and late.
async fn a_redis_that_is_slow_is_waited_for_and_nothing_is_lost(mode: Mode) {
    let redis = Server::start();
    let relay = Relay::to(redis.port()).await;
    let url = format!("redis://127.0.0.1:{}?timeout=10000", relay.port());
    let mut fleet = Fleet::start(Setup::at(mode, &url)).await;
    let people = People::of(&fleet).await;
    let ben = UserAgent::new();
    let [leaves, is_told] = others(&fleet).await;
    let copies = [&leaves, &is_told].map(|agent| fleet.copy(agent));
    let answered = people
        .ask_while(&fleet, async || {
            relay.delay_what_is_answered(Duration::from_millis(150));
            let began = Instant::now();
            fleet.sign_in(&ben, "ben-okri").await;
            assert!(fleet.sign_out(&leaves).await);
            assert!(began.elapsed() > Duration::from_millis(150), "it asked");
            fleet.sign_out_at_provider(&is_told).await;
            for copy in &copies {
                fleet.is_over(copy).await;
            }
            tokio::time::sleep(A_WHILE).await;
        })
        .await;
    assert_eq!(answered.ada, BTreeSet::from([200]));
    can_refresh(&mut fleet, &people).await;
    relay.delay_what_is_answered(Duration::ZERO);
    for copy in &copies {
        assert_eq!(fleet.ask(copy).await, [401; 3], "it came back");
    }
    assert_eq!(fleet.ask(&ben).await, [200; 3]);
}

/// No answer comes within the time limit.
async fn a_redis_that_is_silent_is_not_waited_for_and_lets_nobody_in(mode: Mode) {
    let redis = Server::start();
    let url = format!("{}?timeout=2000", redis.url());
    let mut fleet = Fleet::start(Setup::at(mode, &url)).await;
    let people = People::of(&fleet).await;
    let answered = people
        .ask_while(&fleet, async || {
            redis.ask(&["CLIENT", "PAUSE", "20000", "ALL"]);
            fleet.comes_to(&people.ada, 503).await;
            fleet.comes_to(&people.ada, 200).await;
            let paused = redis.pause();
            all_doors_are_closed(&fleet, &people).await;
            drop(paused);
            fleet.comes_to(&people.ada, 200).await;
        })
        .await;
    assert_eq!(answered.ada, BTreeSet::from([200, 503]));
    people.are_as_before(&fleet).await;
    can_refresh(&mut fleet, &people).await;
}

async fn a_redis_that_became_a_replica_lets_nobody_in(mode: Mode) {
    let redis = Server::start();
    let mut fleet = Fleet::of(mode, &redis).await;
    let people = People::of(&fleet).await;
    people
        .ask_while(&fleet, async || {
            redis.ask(&["REPLICAOF", "127.0.0.1", "1"]);
            all_doors_are_closed(&fleet, &people).await;
            redis.ask(&["REPLICAOF", "NO", "ONE"]);
            fleet.comes_to(&people.ada, 200).await;
        })
        .await;
    people.are_as_before(&fleet).await;
    can_refresh(&mut fleet, &people).await;
}

async fn a_full_redis_keeps_no_new_session_and_ends_sessions(mode: Mode) {
    let redis = Server::start();
    let mut fleet = Fleet::of(mode, &redis).await;
    let people = People::of(&fleet).await;
    let ben = UserAgent::new();
    let [leaves, is_told] = others(&fleet).await;
    let copies = [&leaves, &is_told].map(|agent| fleet.copy(agent));
    people
        .ask_while(&fleet, async || {
            redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
            let end = fleet.come_back(&ben, "ben-okri").await;
            // In cookies there is nothing to keep but that it was done once.
            let (ends, is_in) = if mode.is_store() { (503, 401) } else { (200, 200) };
            assert_eq!(status(&end), ends, "{end:?}");
            assert_eq!(fleet.ask(&ben).await, [is_in; 3]);
            let refreshed = fleet.refresh(&people.ada).await;
            assert_eq!(status(&refreshed), 503, "{refreshed:?}");
            assert!(fleet.sign_out(&leaves).await);
            fleet.sign_out_at_provider(&is_told).await;
            for copy in &copies {
                fleet.is_over(copy).await;
            }
            tokio::time::sleep(A_WHILE).await;
            redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
        })
        .await;
    people.are_as_before(&fleet).await;
    for copy in &copies {
        assert_eq!(fleet.ask(copy).await, [401; 3], "it came back");
    }
    can_refresh(&mut fleet, &people).await;
    fleet.sign_in_again(&ben).await;
    assert_eq!(fleet.ask(&ben).await, [200; 3]);
}

async fn a_redis_that_can_only_be_read_lets_in_who_is_signed_in_and_says_nothing_is_done(mode: Mode) {
    let redis = Server::start();
    let url = format!("{}?timeout=20000", redis.url());
    let mut fleet = Fleet::start(Setup::at(mode, &url)).await;
    let people = People::of(&fleet).await;
    let ben = UserAgent::new();
    let [leaves, is_told] = others(&fleet).await;
    let copy = fleet.copy(&leaves);
    let answered = people
        .ask_while(&fleet, async || {
            redis.ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
            let end = fleet.come_back(&ben, "ben-okri").await;
            assert_eq!(status(&end), 503, "{end:?}");
            assert_eq!(fleet.ask(&ben).await, [401; 3]);
            let refreshed = fleet.refresh(&people.ada).await;
            assert_eq!(status(&refreshed), 503, "{refreshed:?}");
            assert!(!fleet.sign_out(&leaves).await);
            let heard = fleet.front.done(BACK_CHANNEL);
            fleet.sign_out_at_provider(&is_told).await;
            assert_eq!(
                fleet.front.done(BACK_CHANNEL),
                heard,
                "the provider may tell it again"
            );
            tokio::time::sleep(A_WHILE).await;
            assert_eq!(fleet.ask(&people.ada).await, [200; 3]);
            redis.ask(&["CONFIG", "SET", "min-replicas-to-write", "0"]);
            // Nobody was told that it is done, and it is made good.
            fleet.comes_to(&copy, 401).await;
        })
        .await;
    assert_eq!(answered.ada, BTreeSet::from([200]));
    people.are_as_before(&fleet).await;
    can_refresh(&mut fleet, &people).await;
    fleet.sign_in_again(&ben).await;
    assert_eq!(fleet.ask(&ben).await, [200; 3]);
}
