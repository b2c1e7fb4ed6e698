//! The processes of a site: which of them a request comes to, and their ends.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use futures_util::future::{Either, select};
use monocloud_runtime::settings::{Builder, SessionsIn};
use monocloud_runtime::testing::open_session;
use monocloud_runtime::{MonoCloud, Session};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::{app, client};
use crate::store::Shared;
use crate::watch::Watch;
use crate::world::World;

/// What a store did wrong explains what comes within this time.
const AFTERMATH: Duration = Duration::from_secs(40);

/// One of a site. What it has of its own is gone when it dies.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) life: Life,
    pub(crate) client: MonoCloud,
    pub(crate) app: Router,
}

/// How a process is doing. Clones share.
#[derive(Clone)]
pub(crate) struct Life(Arc<Inner>);

struct Inner {
    number: u32,
    born: Instant,
    is_over: AtomicBool,
    ends: Notify,
    trouble: Mutex<Option<Instant>>,
    /// Until when it has no way to the log.
    silent: Mutex<Option<Instant>>,
}

/// All processes, and where their sessions are.
pub(crate) struct Site {
    pub(crate) world: Arc<World>,
    /// Where processes share a store.
    pub(crate) watch: Option<Arc<Watch>>,
    settings: Box<dyn Fn(Builder) -> Builder + Send + Sync>,
    lives: AtomicU32,
    processes: Mutex<Vec<Process>>,
}

impl Life {
    pub(crate) fn new(number: u32) -> Self {
        Self(Arc::new(Inner {
            number,
            born: Instant::now(),
            is_over: AtomicBool::new(false),
            ends: Notify::new(),
            trouble: Mutex::default(),
            silent: Mutex::default(),
        }))
    }

    /// No other has it.
    pub(crate) fn number(&self) -> u32 {
        self.0.number
    }

    pub(crate) fn born(&self) -> Instant {
        self.0.born
    }

    /// It has no way to the log until then.
    pub(crate) fn silence(&self, until: Instant) {
        *self.0.silent.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    pub(crate) fn is_silent(&self) -> bool {
        let silent = self.0.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.is_some_and(|until| Instant::now() < until)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Relaxed)
    }

    /// What is done while it lives; after that nothing is.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> T {
        let work = pin!(work);
        match select(pin!(self.ended()), work).await {
            Either::Left(_) => pending().await,
            Either::Right((done, _)) => done,
        }
    }

    /// What is done while it lives.
    pub(crate) async fn outlived<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match select(pin!(self.ended()), pin!(work)).await {
            Either::Left(_) => None,
            Either::Right((done, _)) => Some(done),
        }
    }

    /// Its store has failed it.
    pub(crate) fn troubled(&self) {
        *self.trouble() = Some(Instant::now());
    }

    /// Whether its store has failed it lately.
    pub(crate) fn is_troubled(&self) -> bool {
        self.trouble().is_some_and(|at| at.elapsed() < AFTERMATH)
    }

    /// Whether its store has failed it since then.
    pub(crate) fn is_troubled_since(&self, since: Instant) -> bool {
        self.trouble().is_some_and(|at| at >= since)
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ended(&self) {
        let ends = self.0.ends.notified();
        if !self.is_over() {
            ends.await;
        }
    }

    fn end(&self) {
        self.0.is_over.store(true, Ordering::Relaxed);
        self.0.ends.notify_waiters();
    }
}

impl Site {
    /// In cookies, unless there is a store.
    pub(crate) fn new(
        world: Arc<World>,
        processes: usize,
        watch: Option<Arc<Watch>>,
        settings: impl Fn(Builder) -> Builder + Send + Sync + 'static,
    ) -> Self {
        let site = Self {
            world,
            watch,
            settings: Box::new(settings),
            lives: AtomicU32::new(0),
            processes: Mutex::default(),
        };
        for _ in 0..processes {
            let process = site.born();
            site.processes().push(process);
        }
        site
    }

    /// Whichever a request comes to.
    pub(crate) fn any(&self) -> Process {
        let processes = self.processes();
        let number = if processes.len() == 1 {
            0
        } else {
            self.world.chance.below(processes.len())
        };
        processes[number].clone()
    }

    /// Each that lives.
    pub(crate) fn each(&self) -> Vec<Process> {
        self.processes().clone()
    }

    /// One of them dies, and another takes its place.
    pub(crate) fn kill(&self, number: usize) {
        let process = self.born();
        let mut processes = self.processes();
        let number = number % processes.len();
        let dead = std::mem::replace(&mut processes[number], process);
        dead.life.end();
        self.world
            .ledger
            .note(format_args!("process {} dies", dead.life.number()));
        self.world.ledger.saw("a process dies");
    }

    /// One of them has no way to the log for a while.
    pub(crate) fn silence(&self, number: usize, length: Duration) {
        let processes = self.processes();
        let life = &processes[number % processes.len()].life;
        life.silence(Instant::now() + length);
        let number = life.number();
        self.world.ledger.note(format_args!(
            "process {number} has no way to the log for {length:?}"
        ));
    }

    /// The session that these cookies carry, which no process is asked about.
    pub(crate) fn open(&self, cookies: &str) -> Option<Session> {
        match &self.watch {
            Some(watch) => watch.open(cookies),
            None => open_session(&self.processes()[0].client, cookies),
        }
    }

    fn born(&self) -> Process {
        let life = Life::new(self.lives.fetch_add(1, Ordering::Relaxed));
        let client = client(&self.world, &life, |settings| {
            let settings = (self.settings)(settings);
            match &self.watch {
                Some(watch) => {
                    let shared = Shared::new(self.world.clone(), watch.clone(), life.clone());
                    let settings = settings.multiple_instances(true).store(shared);
                    if watch.log.is_some() {
                        settings.sessions_in(SessionsIn::Cookies)
                    } else {
                        settings
                    }
                }
                None => settings,
            }
        });
        let app = app(&client, &self.world);
        Process { life, client, app }
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
