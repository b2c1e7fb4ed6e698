//! A run: one plan, carried out on one thread in virtual time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use monocloud_runtime::settings::{Builder, SessionLifetime};
use monocloud_runtime::testing::{Clock, remembered_refreshes};
use tokio::runtime;
use tokio::time::Instant;

use crate::browser::{Ask, Browser, Jar};
use crate::invariants::{self, Copied, Kind};
use crate::logouts;
use crate::plan::{Plan, Starts, Step};
use crate::process::{Process, Site};
use crate::trouble::Place;
use crate::watch::Watch;
use crate::world::World;

/// Whatever goes wrong has gone wrong by then.
const QUIET: Duration = Duration::from_secs(30);

/// A store that works again is told by then what it missed.
const MENDED: Duration = Duration::from_secs(40);

/// What is told is heard everywhere by then.
const HEARD: Duration = Duration::from_secs(6);

/// No run takes longer.
const LIMIT: Duration = Duration::from_hours(6);

/// What came of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What did not hold.
    pub(crate) broken: Vec<String>,
    /// What happened, line by line.
    pub(crate) trace: Vec<String>,
    /// What happened at all.
    pub(crate) saw: BTreeSet<&'static str>,
}

/// Carries out a plan.
pub(crate) fn run(plan: &Plan) -> Outcome {
    let runtime = runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let clock = Clock::fixed(1_800_000_000);
        let world = World::new(plan, clock.clone());
        let Plan { revokes, slides, .. } = *plan;
        let settings = move |settings: Builder| {
            settings
                .clock(clock.clone())
                .revoke_on_sign_out(revokes)
                .session_lifetime(SessionLifetime::new().sliding(slides))
        };
        let site = match &plan.place {
            Place::Cookies => Site::new(world.clone(), 1, None, settings),
            Place::Store(fleet) => {
                let watch = Watch::of_sessions(&world, &settings);
                Site::new(world.clone(), fleet.processes, Some(watch), settings)
            }
            Place::Beside(fleet) => {
                let watch = Watch::of_log(&world, &settings);
                Site::new(world.clone(), fleet.processes, Some(watch), settings)
            }
        };
        let run = Run {
            world,
            site: Arc::new(site),
        };
        if tokio::time::timeout(LIMIT, run.carry_out(plan)).await.is_err() {
            run.world.ledger.broke(invariants::ENDS, "the run does not end");
        }
        let (broken, trace, saw) = run.world.ledger.take();
        Outcome { broken, trace, saw }
    })
}

struct Run {
    world: Arc<World>,
    site: Arc<Site>,
}

impl Run {
    async fn carry_out(&self, plan: &Plan) {
        tokio::spawn(self.world.clone().tick());
        let browsers: Vec<_> = (0..plan.browsers.len())
            .map(|number| self.browser(format!("b{number}"), Jar::default()))
            .collect();
        for (browser, planned) in browsers.iter().zip(&plan.browsers) {
            if let Starts::SignedIn(account) = planned.starts {
                browser.sign_in(account, None, None).await;
                if browser.jar().held.is_none() {
                    self.world.ledger.broke(invariants::STARTS, "nobody is");
                }
            }
        }
        self.world.calm(false);
        tokio::spawn(self.world.clone().jump(plan.jumps.clone()));
        let all = plan.browsers.iter().enumerate().map(|(number, planned)| {
            let copied = match planned.starts {
                Starts::SignedIn(_) => None,
                Starts::AsCopyOf(of, after) => Some((browsers[of].clone(), after)),
            };
            live(browsers[number].clone(), copied, planned.tabs.clone())
        });
        if let Some(fleet) = plan.place.fleet() {
            tokio::spawn(die(self.site.clone(), fleet.deaths.clone()));
            tokio::spawn(lose(self.site.clone(), fleet.losses.clone()));
            tokio::spawn(silence(self.site.clone(), fleet.silences.clone()));
        }
        if self.world.ledger.has_log() {
            tokio::spawn(steal(self.browser("thief".to_owned(), Jar::default())));
        }
        let logouts = logouts::carry_out(&self.site, &browsers, &plan.logouts);
        join(join_all(all), logouts).await;
        tokio::time::sleep(QUIET).await;
        self.world.calm(true);
        for process in self.site.each() {
            process.life.silence(Instant::now());
        }
        if self.world.ledger.is_shared() {
            tokio::time::sleep(MENDED).await;
        }
        logouts::complete(&self.site).await;
        self.heard().await;
        self.afterwards(&browsers).await;
    }

    fn browser(&self, name: String, jar: Jar) -> Browser {
        Browser {
            site: self.site.clone(),
            world: self.world.clone(),
            name,
            jar: Arc::new(jar.into()),
        }
    }

    /// Everybody has heard what was told.
    async fn heard(&self) {
        if self.world.ledger.has_log() {
            tokio::time::sleep(HEARD).await;
        }
    }

    /// What must hold when the faults are over.
    async fn afterwards(&self, browsers: &[Browser]) {
        for browser in browsers {
            browser.send(Ask::new(Kind::Handler, "/page")).await;
            // The first of them may be told what became of the exchange that was left behind.
            let mut is_refreshed = false;
            for _ in 0..4 {
                let tokens = browser.send(Ask::new(Kind::Handler, "/tokens")).await;
                is_refreshed |= tokens.is_none_or(|answer| answer.status <= 500);
                if is_refreshed {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            if !is_refreshed {
                let how = "nothing is refreshed any more, though the issuer is well";
                self.world.ledger.broke(invariants::LEADER, how);
            }
        }
        self.heard().await;
        let processes = self.site.each();
        // What a process could not end, it has ended by now.
        for process in &processes {
            let life = process.life.number();
            for facts in self.world.ledger.state().sessions.values_mut() {
                facts.is_over |= facts.over_at.contains(&life);
            }
        }
        self.agree(browsers, &processes).await;
        let dead: Vec<Copied> = {
            let mut seen = BTreeSet::new();
            let state = self.world.ledger.state();
            let is_first = |copy: &&Copied| seen.insert((copy.held.session, copy.held.generation));
            let is_over = |copy: &&Copied| {
                state
                    .sessions
                    .get(&copy.held.session)
                    .is_some_and(|facts| facts.is_over)
            };
            state
                .copies
                .iter()
                .filter(is_over)
                .filter(is_first)
                .cloned()
                .collect()
        };
        for copy in dead {
            let thief = self.browser("copy".to_owned(), Jar::of(&copy));
            for process in &processes {
                thief.send_to(process, Ask::new(Kind::Handler, "/page")).await;
            }
            thief.send(Ask::new(Kind::Handler, "/tokens")).await;
        }
        if let Some(watch) = &self.site.watch {
            watch.check_denials().await;
            return;
        }
        let remembered = remembered_refreshes(&processes[0].client);
        let left = self.world.ledger.left();
        if remembered > left {
            let how = format!("refreshes of {remembered} sessions are remembered, and {left} are left");
            self.world.ledger.broke(invariants::MEMORY, how);
        }
    }
}

impl Run {
    /// All processes say the same of who is signed in, but where one of them was told of a logout that it could not tell
    /// the others, and there is no log in which it tells them later.
    async fn agree(&self, browsers: &[Browser], processes: &[Process]) {
        for browser in browsers {
            let held = browser.jar().held.map(|held| held.session);
            let ledger = &self.world.ledger;
            let is_exempt = |session| !ledger.has_log() && ledger.may_end_by_name(session);
            if held.is_none_or(is_exempt) {
                continue;
            }
            let mut answers = BTreeSet::new();
            for process in processes {
                let page = browser.send_to(process, Ask::new(Kind::Handler, "/page")).await;
                answers.insert(page.map(|answer| answer.status));
            }
            if answers.len() > 1 {
                let how = format_args!("{}: {answers:?}", browser.name);
                ledger.broke(invariants::AGREE, how);
            }
        }
    }
}

/// Processes die, one after the other.
async fn die(site: Arc<Site>, deaths: Vec<(u32, usize)>) {
    for (after, number) in deaths {
        tokio::time::sleep(Duration::from_millis(after.into())).await;
        if !site.world.is_calm() {
            site.kill(number);
        }
    }
}

/// The log is lost, and begins anew.
async fn lose(site: Arc<Site>, losses: Vec<u32>) {
    for after in losses {
        tokio::time::sleep(Duration::from_millis(after.into())).await;
        let log = site.watch.as_ref().and_then(|watch| watch.log.as_ref());
        if let Some(log) = log.filter(|_| !site.world.is_calm()) {
            log.lose();
            site.world.ledger.loses();
        }
    }
}

/// Processes have no way to the log, one after the other.
async fn silence(site: Arc<Site>, silences: Vec<(u32, usize, u32)>) {
    for (after, number, length) in silences {
        tokio::time::sleep(Duration::from_millis(after.into())).await;
        if !site.world.is_calm() {
            site.silence(number, Duration::from_millis(length.into()));
        }
    }
}

/// Whoever has copied the cookie of a session that was just ended comes to every process, as soon as each must know.
async fn steal(thief: Browser) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for copy in thief.world.ledger.just_ended() {
            let thief = Browser {
                jar: Arc::new(Jar::of(&copy).into()),
                ..thief.clone()
            };
            for process in thief.site.each() {
                let thief = thief.clone();
                tokio::spawn(async move {
                    thief.send_to(&process, Ask::new(Kind::Handler, "/page")).await;
                });
            }
        }
    }
}

/// What the tabs of a browser do.
async fn live(browser: Browser, copied: Option<(Browser, u32)>, tabs: Vec<Vec<Step>>) {
    if let Some((of, after)) = copied {
        tokio::time::sleep(Duration::from_millis(after.into())).await;
        let jar = of.jar().clone();
        *browser.jar() = jar;
    }
    let tabs = tabs.into_iter().enumerate().map(|(number, steps)| {
        let mut tab = browser.clone();
        tab.name = format!("{}.{number}", browser.name);
        tokio::spawn(tab.run(steps))
    });
    for tab in join_all(tabs.collect::<Vec<_>>()).await {
        if tab.is_err() {
            browser.world.ledger.broke(invariants::ENDS, "a tab panicked");
        }
    }
}
