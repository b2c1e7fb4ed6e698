//! A simulation of refresh, sign-out and logout: what people and their tabs do, what goes wrong meanwhile, and what must
//! hold whatever happens.
//!
//! A run is one [`Plan`](plan::Plan): browsers with several tabs, accounts, thieves with a copied cookie, clients that
//! hang up, answers that overtake each other, an issuer whose answers are lost, late or wrong, logouts that it tells
//! again and again, and a clock that somebody sets. Sessions are in the cookies of one process, or in a
//! [store](trouble::Place) that several processes share, each with a memory of its own, or in cookies beside such a store,
//! in which the processes tell each other what is over: calls of the store are lost, done late or never answered, a process
//! has no way to the log for a while, the log is lost, and processes die in the middle of what they are at. Of a dead
//! process nothing comes any more, neither to the issuer nor to the store; another one takes its place. A run is carried
//! out on one thread in tokio's paused time, so that hours take milliseconds and nothing
//! depends on the machine. Requests go through a router with the layer, the routes and handlers, as in an application;
//! the issuer is a model of its own behind [`HttpClient`](monocloud_runtime::http_client::HttpClient). Seams (each call
//! of the issuer and of the store, each handler) yield or sleep as the plan's seed says. Random values of the library stay
//! random: with cookies nothing is decided by them, and `runs_replay_exactly` would tell. With a store little is, such as
//! which of two sessions ends first: there a seed may have to be tried twice.
//!
//! What must hold has names, which stand in [`invariants`]; a message begins with the name.
//!
//! # When a run fails
//!
//! proptest makes the plan smaller and prints the smallest that fails, with what did not hold and what happened, line by
//! line. It also prints the seed of all plans: with it in the environment the same test fails in the same way.
//!
//! ```sh
//! SIMULATION_SEED=1234 cargo test -p simulation name_of_the_test
//! ```
//!
//! Without it the plans are the same each time, so that a change that breaks nothing fails for nobody. To look for more, take
//! other seeds, each once: `SIMULATION_SEED=any` makes one of the time. `SIMULATION_RUNS` changes how many runs there are.

mod app;
mod browser;
mod chance;
mod ends;
mod generations;
mod invariants;
mod issuer;
mod ledger;
mod log;
mod logouts;
mod plan;
mod process;
mod run;
mod store;
mod tab;
mod token;
mod told;
mod trouble;
mod watch;
mod wire;
mod world;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::plan::plans;
use crate::run::run;
use crate::trouble::Place;

#[test]
fn what_must_hold_holds_for_one_browser() {
    hold(1, 700, trouble::cookies());
}

#[test]
fn what_must_hold_holds_for_several_browsers() {
    hold(3, 700, trouble::cookies());
}

#[test]
fn what_must_hold_holds_for_several_processes() {
    let saw = hold(3, PLANS_OF_STORES, trouble::store());
    happened(&saw, &HAPPENS, PLANS_OF_STORES);
}

const PLANS_OF_STORES: u32 = 500;

#[test]
fn what_must_hold_holds_beside_a_store() {
    let saw = hold(3, PLANS_BESIDE, trouble::beside());
    happened(&saw, &HAPPENS_BESIDE, PLANS_BESIDE);
}

const PLANS_BESIDE: u32 = 300;

/// The same of plans with cookies beside a store.
const HAPPENS_BESIDE: [&str; 14] = [
    "a log is found to have begun anew",
    "a logout is not taken",
    "a logout is under way elsewhere",
    "a logout token comes again",
    "a logout was done elsewhere",
    "a new process hears of an end",
    "a process dies",
    "an end is heard of elsewhere",
    "an end is not told at once",
    "an exchange is begun that was unclear",
    "an exchange is taken over",
    "an exchange is under way elsewhere",
    "an exchange was done elsewhere",
    "who is signed in is turned away, for lack of news",
];

/// What the plans with a store are for: were one of it not to happen, nothing would be shown.
const HAPPENS: [&str; 15] = [
    "a logout is completed by its retry",
    "a logout is not taken",
    "a logout is under way elsewhere",
    "a logout token comes again",
    "a logout was done elsewhere",
    "a process dies",
    "a session is created twice",
    "a session is denied before it is created",
    "a session is refreshed that has ended",
    "a session is written that has ended",
    "a write meets another",
    "an exchange is begun that was unclear",
    "an exchange is committed too late",
    "an exchange is taken over",
    "an exchange is under way elsewhere",
];

#[test]
fn runs_replay_exactly() {
    let mut runner = runner(seed(), 1);
    for _ in 0..50 {
        let plan = plans(3, trouble::cookies())
            .new_tree(&mut runner)
            .expect("a plan")
            .current();
        assert_eq!(run(&plan), run(&plan), "{plan:#?}");
    }
}

fn happened(saw: &BTreeSet<&'static str>, what: &[&'static str], plans: u32) {
    let missing: Vec<_> = what.iter().filter(|what| !saw.contains(*what)).collect();
    let are_enough = number("SIMULATION_RUNS").is_none_or(|runs| runs >= plans.into());
    assert!(
        missing.is_empty() || !are_enough,
        "what plans are for never happened: {missing:?}"
    );
}

/// Says what happened.
fn hold(browsers: usize, runs: u32, place: impl Strategy<Value = Place>) -> BTreeSet<&'static str> {
    let seed = seed();
    let (held, has_failed) = (Cell::new(0), Cell::new(false));
    let saw = RefCell::new(BTreeSet::new());
    let checked = runner(seed, runs).run(&plans(browsers, place), |plan| {
        let outcome = run(&plan);
        saw.borrow_mut().extend(outcome.saw);
        if outcome.broken.is_empty() {
            held.set(held.get() + u32::from(!has_failed.get()));
            return Ok(());
        }
        has_failed.set(true);
        let (broken, trace) = (outcome.broken.join("\n"), outcome.trace.join("\n"));
        Err(TestCaseError::fail(format!("{broken}\n{trace}")))
    });
    if let Err(error) = checked {
        let held = held.get();
        panic!("{held} runs held, then one did not; SIMULATION_SEED={seed} fails again\n{error}");
    }
    saw.into_inner()
}

fn runner(seed: u64, runs: u32) -> TestRunner {
    TestRunner::new(Config {
        cases: number("SIMULATION_RUNS").map_or(runs, |runs| runs.try_into().expect("not so many runs")),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 3_000,
        ..Config::default()
    })
}

fn seed() -> u64 {
    if env::var(SEED).is_ok_and(|seed| seed == "any") {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        return since.expect("the time is later than that").as_secs();
    }
    number(SEED).unwrap_or(1_795_749_086)
}

const SEED: &str = "SIMULATION_SEED";

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number")),
    )
}
