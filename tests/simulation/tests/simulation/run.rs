//! A run: one plan, carried out on one thread in virtual time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::join_all;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::{Builder, SessionLifetime};
use monocloud_runtime::testing::{Clock, remembered_refreshes};
use tokio::runtime;

use crate::app::{app, client};
use crate::browser::{Ask, Browser, Jar};
use crate::invariants::{self, Copied, Kind};
use crate::plan::{Plan, Starts, Step};
use crate::world::World;

/// Whatever goes wrong has gone wrong by then.
const QUIET: Duration = Duration::from_secs(30);

/// No run takes longer.
const LIMIT: Duration = Duration::from_hours(6);

/// What came of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What did not hold.
    pub(crate) broken: Vec<String>,
    /// What happened, line by line.
    pub(crate) trace: Vec<String>,
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
                .clock(clock)
                .revoke_on_sign_out(revokes)
                .session_lifetime(SessionLifetime::new().sliding(slides))
        };
        let client = client(&world, settings);
        let app = app(&client, &world);
        let run = Run { world, client, app };
        if tokio::time::timeout(LIMIT, run.carry_out(plan)).await.is_err() {
            run.world.ledger.broke(invariants::ENDS, "the run does not end");
        }
        let (broken, trace) = run.world.ledger.take();
        Outcome { broken, trace }
    })
}

struct Run {
    world: Arc<World>,
    client: MonoCloud,
    app: Router,
}

impl Run {
    async fn carry_out(&self, plan: &Plan) {
        tokio::spawn(self.world.clone().tick());
        let browsers: Vec<_> = (0..plan.browsers.len())
            .map(|number| self.browser(format!("b{number}"), Jar::default()))
            .collect();
        for (browser, planned) in browsers.iter().zip(&plan.browsers) {
            if let Starts::SignedIn(account) = planned.starts {
                browser.sign_in(account, None).await;
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
        join_all(all).await;
        tokio::time::sleep(QUIET).await;
        self.world.calm(true);
        self.afterwards(&browsers).await;
    }

    fn browser(&self, name: String, jar: Jar) -> Browser {
        Browser {
            client: self.client.clone(),
            app: self.app.clone(),
            world: self.world.clone(),
            name,
            jar: Arc::new(jar.into()),
        }
    }

    /// What must hold when the faults are over.
    async fn afterwards(&self, browsers: &[Browser]) {
        for browser in browsers {
            browser.send(Ask::new(Kind::Handler, "/page")).await;
            let tokens = browser.send(Ask::new(Kind::Handler, "/tokens")).await;
            if tokens.is_some_and(|answer| answer.status > 500) {
                let how = "nothing is refreshed any more, though the issuer is well";
                self.world.ledger.broke(invariants::LEADER, how);
            }
        }
        let dead: Vec<Copied> = {
            let mut seen = std::collections::BTreeSet::new();
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
            thief.send(Ask::new(Kind::Handler, "/page")).await;
            thief.send(Ask::new(Kind::Handler, "/tokens")).await;
        }
        let remembered = remembered_refreshes(&self.client);
        let left = self.world.ledger.left();
        if remembered > left {
            let how = format!("refreshes of {remembered} sessions are remembered, and {left} are left");
            self.world.ledger.broke(invariants::MEMORY, how);
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
