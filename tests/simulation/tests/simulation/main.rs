//! A simulation of refresh and sign-out: what people and their tabs do, what goes wrong meanwhile, and what must hold
//! whatever happens.
//!
//! A run is one [`Plan`](plan::Plan): browsers with several tabs, accounts, thieves with a copied cookie, clients that
//! hang up, answers that overtake each other, an issuer whose answers are lost, late or wrong, and a clock that
//! somebody sets. It is carried out on one thread in tokio's paused time, so that hours take milliseconds and nothing
//! depends on the machine. Requests go through a router with the layer, the routes and handlers, as in an application;
//! the issuer is a model of its own behind [`HttpClient`](monocloud_runtime::http_client::HttpClient). Seams (each call
//! of the issuer, each handler) yield or sleep as the plan's seed says. Random values of the library stay random: nothing
//! is decided by them, and `runs_replay_exactly` would tell.
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
//! `SIMULATION_RUNS` changes how many runs there are.

mod app;
mod browser;
mod chance;
mod invariants;
mod issuer;
mod ledger;
mod plan;
mod run;
mod tab;
mod token;
mod wire;
mod world;

use std::cell::Cell;
use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::plan::plans;
use crate::run::run;

#[test]
fn what_must_hold_holds_for_one_browser() {
    hold(1, 1_000);
}

#[test]
fn what_must_hold_holds_for_several_browsers() {
    hold(3, 1_000);
}

#[test]
fn runs_replay_exactly() {
    let mut runner = runner(seed(), 1);
    for _ in 0..50 {
        let plan = plans(3).new_tree(&mut runner).expect("a plan").current();
        assert_eq!(run(&plan), run(&plan), "{plan:#?}");
    }
}

fn hold(browsers: usize, runs: u32) {
    let seed = seed();
    let (held, has_failed) = (Cell::new(0), Cell::new(false));
    let checked = runner(seed, runs).run(&plans(browsers), |plan| {
        let outcome = run(&plan);
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

/// Another one each time, unless it is given.
fn seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    number("SIMULATION_SEED").unwrap_or(since.as_secs())
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number")),
    )
}
