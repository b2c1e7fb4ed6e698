//! What was said so far of logouts, and what the application hears of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use monocloud_runtime::hooks::HookError;
use tokio::time::Instant;

use crate::browser::LIMIT;
use crate::ends::Sure;
use crate::invariants;
use crate::ledger::Ledger;
use crate::process::Life;
use crate::trouble::{By, Hook};
use crate::world::{MOST_BACK, World};

/// What was said so far.
#[derive(Default)]
pub(crate) struct Logouts(Mutex<State>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) told: Vec<Told>,
    /// Of accounts that sign out everywhere: how many are at it, and until when by the clock.
    everywhere: BTreeMap<&'static str, (u32, i64)>,
}

/// A logout token, and what became of it.
pub(crate) struct Told {
    pub(crate) token: String,
    pub(crate) session: u32,
    pub(crate) sub: &'static str,
    pub(crate) by: By,
    pub(crate) issued_at: i64,
    pub(crate) said_at: Instant,
    /// Whether the site has said that it is done.
    pub(crate) is_done: bool,
    /// Whether the application began to hear of it, and how often it heard all.
    pub(crate) begun_at: Option<Instant>,
    pub(crate) heard: u32,
    pub(crate) under_way: Vec<Life>,
    pub(crate) hooks: VecDeque<Hook>,
}

impl Told {
    pub(crate) fn is_about(&self, session: u32, sub: &str, issued_at: i64) -> bool {
        match self.by {
            By::Sub => self.sub == sub && issued_at <= self.issued_at,
            By::Sid { .. } | By::FrontChannel => self.session == session,
        }
    }

    /// What follows for those whom it is about.
    fn sure(&self, ledger: &Ledger) -> Sure {
        ledger.sure_since(self.said_at)
    }
}

impl Logouts {
    /// A sign-in has brought tokens.
    pub(crate) fn began(&self, world: &World, session: u32) {
        let (now, state) = (world.now(), self.state());
        let sure: Vec<_> = state.told.iter().map(|told| told.sure(&world.ledger)).collect();
        world.ledger.learn(session, |facts| {
            for (told, sure) in state.told.iter().zip(sure) {
                if told.is_about(session, facts.sub, facts.issued_at) {
                    facts.is_named("the issuer has said so before");
                    if let Some(at) = told.begun_at {
                        facts.ends(sure, at);
                    }
                }
            }
            if let Some((under_way, until)) = state.everywhere.get(facts.sub)
                && (*under_way > 0 || now - MOST_BACK <= *until)
            {
                facts.is_named("its account signs out everywhere");
            }
        });
    }

    /// Somebody signs out everywhere.
    pub(crate) fn everywhere_begins(&self, sub: &'static str) {
        self.state().everywhere.entry(sub).or_insert((0, 0)).0 += 1;
    }

    pub(crate) fn everywhere_ends(&self, world: &World, sub: &'static str) {
        let mut state = self.state();
        let (under_way, until) = state.everywhere.entry(sub).or_default();
        *under_way = under_way.saturating_sub(1);
        *until = world.latest();
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The application hears of a logout.
pub(crate) async fn told(world: &World, life: &Life, jti: &str) -> Result<(), HookError> {
    let number: usize = jti
        .strip_prefix("jti")
        .and_then(|jti| jti.parse().ok())
        .expect("a jti");
    let (hook, _hearing) = hears(world, life, number);
    world.chance.dither().await;
    match hook {
        Hook::Fails => return Err("a fault of the plan".into()),
        Hook::Panics => std::panic::resume_unwind(Box::new("a panic of the plan")),
        Hook::TooSlow => tokio::time::sleep(LIMIT).await,
        Hook::Done => {}
    }
    world.logouts.state().told[number].heard += 1;
    Ok(())
}

/// While it is there the application is at it.
struct Hearing<'a> {
    world: &'a World,
    number: usize,
    life: u32,
}

fn hears<'a>(world: &'a World, life: &Life, number: usize) -> (Hook, Hearing<'a>) {
    let (ledger, mut state) = (&world.ledger, world.logouts.state());
    let told = &mut state.told[number];
    told.under_way.retain(|life| !life.is_over());
    if told.is_done {
        ledger.broke(invariants::JTI, "the application hears again of what is done");
    }
    if !told.under_way.is_empty() {
        ledger.broke(invariants::JTI, "the application hears twice at once");
    }
    told.under_way.push(life.clone());
    let now = Instant::now();
    told.begun_at.get_or_insert(now);
    let sure = told.sure(ledger);
    let hook = told.hooks.pop_front().filter(|_| !world.is_calm());
    for (session, facts) in &mut ledger.state().sessions {
        if told.is_about(*session, facts.sub, facts.issued_at) {
            facts.ends(sure, now);
            facts.over_at.insert(life.number());
        }
    }
    let hearing = Hearing {
        world,
        number,
        life: life.number(),
    };
    (hook.unwrap_or(Hook::Done), hearing)
}

impl Drop for Hearing<'_> {
    fn drop(&mut self) {
        let mut state = self.world.logouts.state();
        state.told[self.number]
            .under_way
            .retain(|life| life.number() != self.life);
    }
}
