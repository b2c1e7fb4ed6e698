//! Who asks while something goes wrong: somebody who is signed in, somebody who no longer is, somebody who never was.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Method;
use support::UserAgent;
use tokio::task::JoinHandle;

use crate::site::{Fleet, status};

pub(crate) struct People {
    pub ada: Arc<UserAgent>,
    /// Has a copy of the cookies of a session that was signed out.
    pub thief: Arc<UserAgent>,
    nobody: Arc<UserAgent>,
    cookies: Vec<(String, String)>,
}

/// All that they were answered.
pub(crate) struct Answered {
    pub ada: BTreeSet<u16>,
}

struct Asking {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<BTreeSet<u16>>>,
}

impl People {
    pub(crate) async fn of(fleet: &Fleet) -> Self {
        let [ada, left] = [0; 2].map(|_| UserAgent::new());
        fleet.sign_in(&ada, "ada-byron").await;
        fleet.sign_in(&left, "ben-okri").await;
        let thief = fleet.copy(&left);
        assert_eq!(fleet.ask(&thief).await, [200; 3]);
        assert!(fleet.sign_out(&left).await);
        fleet.is_over(&thief).await;
        Self {
            cookies: fleet.cookies(&ada),
            ada: Arc::new(ada),
            thief: Arc::new(thief),
            nobody: Arc::default(),
        }
    }

    /// All of them ask all processes again and again while something happens. Nobody gets in who should not, and nobody
    /// who should loses a cookie.
    pub(crate) async fn ask_while(&self, fleet: &Fleet, happens: impl AsyncFnOnce()) -> Answered {
        let [ada, thief, nobody] = [&self.ada, &self.thief, &self.nobody].map(|who| Asking::by(who, fleet));
        happens().await;
        let ada = ada.done().await;
        assert!(ada.is_subset(&BTreeSet::from([200, 503])), "{ada:?}");
        let thief = thief.done().await;
        assert!(thief.is_subset(&BTreeSet::from([401, 503])), "{thief:?}");
        assert_eq!(nobody.done().await, BTreeSet::from([401]));
        assert_eq!(fleet.cookies(&self.ada), self.cookies);
        assert_eq!(fleet.cookies(&self.nobody), []);
        Answered { ada }
    }

    /// Once it is over, all is as it was.
    pub(crate) async fn are_as_before(&self, fleet: &Fleet) {
        fleet.comes_to(&self.ada, 200).await;
        fleet.comes_to(&self.thief, 401).await;
        assert_eq!(fleet.cookies(&self.ada), self.cookies);
    }
}

impl Asking {
    fn by(agent: &Arc<UserAgent>, fleet: &Fleet) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let tasks = fleet.processes.iter().map(|process| {
            let (agent, stop, url) = (Arc::clone(agent), Arc::clone(&stop), process.at("/api/me"));
            tokio::spawn(async move {
                let mut answered = BTreeSet::new();
                while !stop.load(Ordering::Relaxed) {
                    answered.insert(status(&agent.fetch(Method::GET, &url).await));
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                answered
            })
        });
        Self {
            tasks: tasks.collect(),
            stop,
        }
    }

    async fn done(mut self) -> BTreeSet<u16> {
        self.stop.store(true, Ordering::Relaxed);
        let mut answered = BTreeSet::new();
        for task in std::mem::take(&mut self.tasks) {
            answered.extend(task.await.unwrap());
        }
        answered
    }
}

/// When the test fails in the middle of it, the processes go before those who ask them.
impl Drop for Asking {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
