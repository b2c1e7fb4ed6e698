//! A master of a Cluster is lost while people sign out, refresh, and are signed out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fleet::Front;
use futures_util::future::join_all;
use stores::{Cluster, Server, ask};
use support::UserAgent;

use crate::mode::Mode;
use crate::site::{BACK_CHANNEL, Fleet, Setup, status, until};

in_each_mode!(what_ended_with_an_answer_stays_ended_and_what_was_lost_is_a_sign_in);

/// So many people do the same that each of the three masters has some of them.
const MANY: usize = 12;
const SOME: usize = 4;

/// Somebody with a copy of their cookies.
struct Person {
    agent: UserAgent,
    copy: UserAgent,
    /// Whether they were told that their session is over.
    is_told: bool,
}

impl Person {
    async fn new(fleet: &Fleet) -> Self {
        let agent = UserAgent::new();
        fleet.sign_in(&agent, "ada-byron").await;
        Self {
            copy: fleet.copy(&agent),
            agent,
            is_told: false,
        }
    }

    async fn signs_out(&mut self, fleet: &Fleet, acknowledged: &AtomicUsize) {
        self.is_told = fleet.sign_out(&self.agent).await;
        acknowledged.fetch_add(self.is_told.into(), Ordering::Relaxed);
    }

    /// The provider's notice was taken, which it does not tell her.
    async fn is_signed_out(&mut self, fleet: &Fleet) {
        let taken = |front: &Front| front.done(BACK_CHANNEL);
        let before = taken(&fleet.front);
        fleet.sign_out_at_provider(&self.agent).await;
        self.is_told = taken(&fleet.front) > before;
    }
}

async fn people(fleet: &Fleet, many: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for _ in 0..many {
        people.push(Person::new(fleet).await);
    }
    people
}

/// Who was told that it is over stays out, with every copy.
async fn stay_out(fleet: &Fleet, people: &[&[Person]]) {
    for person in people.iter().copied().flatten().filter(|person| person.is_told) {
        assert_eq!(fleet.ask(&person.copy).await, [401; 3], "it came back");
    }
}

/// What the master is told from now on is with nobody else: its replica sleeps, and finds it dead.
fn cut_off(master: &Server, replica: &Server) {
    let port = replica.port();
    std::thread::spawn(move || ask(port, &["DEBUG", "SLEEP", "2"]));
    std::thread::sleep(Duration::from_millis(100));
    master.ask(&["CLIENT", "KILL", "TYPE", "replica"]);
}

async fn what_ended_with_an_answer_stays_ended_and_what_was_lost_is_a_sign_in(mode: Mode) {
    let mut cluster = Cluster::start(1_500);
    let fleet = Fleet::start(Setup::at(mode, &cluster.url())).await;
    let mut early = people(&fleet, MANY).await;
    let mut late = people(&fleet, SOME).await;
    let mut told = people(&fleet, 2 * SOME).await;
    let refreshing = people(&fleet, MANY).await;
    let staying = people(&fleet, SOME).await;
    let (told_early, told_late) = told.split_at_mut(SOME);
    let acknowledged = AtomicUsize::new(0);

    cut_off(&cluster.servers[1], &cluster.servers[4]);
    let sign_outs = join_all(
        early
            .iter_mut()
            .map(|person| person.signs_out(&fleet, &acknowledged)),
    );
    let asking = join_all(
        refreshing
            .iter()
            .map(async |person| fleet.refresh(&person.agent).await),
    );
    let logouts = async {
        for person in told_early {
            person.is_signed_out(&fleet).await;
        }
    };
    let lose = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        // The other masters go on.
        until("somebody is told", async || {
            acknowledged.load(Ordering::Relaxed) > 0
        })
        .await;
        cluster.servers[1].kill();
    };
    let (_, refreshed, (), ()) = tokio::join!(sign_outs, asking, logouts, lose);
    for page in &refreshed {
        assert!([200, 503].contains(&status(page)), "{page:?}");
    }
    for person in &mut late {
        person.signs_out(&fleet, &acknowledged).await;
    }
    for person in told_late {
        person.is_signed_out(&fleet).await;
    }

    // Another one takes over, and the one that was lost comes back and follows it.
    until("somebody takes over", async || cluster.servers[4].is_master()).await;
    for person in &staying {
        fleet.comes_to(&person.agent, 200).await;
    }
    cluster.servers[1].start_again();
    until("it follows", async || {
        cluster.servers[1].info("replication", "master_link_status") == "up"
    })
    .await;
    let over = [&*early, &*late, &*told];
    stay_out(&fleet, &over).await;
    for person in &refreshing {
        let again = fleet.refresh(&person.agent).await;
        if again.status == 401 {
            fleet.sign_in_again(&person.agent).await;
        } else {
            assert_eq!(again.status, 200, "{again:?}");
        }
        assert_eq!(fleet.ask(&person.agent).await, [200; 3]);
    }
    stay_out(&fleet, &over).await;
    for person in &staying {
        assert_eq!(fleet.ask(&person.agent).await, [200; 3]);
    }
}
