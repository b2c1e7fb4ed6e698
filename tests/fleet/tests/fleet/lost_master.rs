//! A master of a Cluster is lost while people sign out, refresh, and are signed out.

use std::sync::atomic::{AtomicUsize, Ordering};

use fleet::Front;
use futures_util::future::join_all;
use stores::{Cluster, Reply, Server};
use support::{Page, UserAgent};

use crate::mode::Mode;
use crate::site::{BACK_CHANNEL, Fleet, Setup, status, until};

in_each_mode!(what_ended_with_an_answer_stays_ended_and_what_was_lost_is_a_sign_in);

/// So many people do the same that each of the three masters has some of them.
const MANY: usize = 12;
const SOME: usize = 4;
const MASTERS: usize = 3;

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

/// As many, and more until one of them has her session at this master.
async fn people_at(fleet: &Fleet, master: &Server) -> Vec<Person> {
    let sessions = || master.ask(&["KEYS", "*:s"]).several().len();
    let before = sessions();
    let mut people = people(fleet, MANY).await;
    while sessions() == before {
        people.push(Person::new(fleet).await);
    }
    people
}

async fn sign_out(fleet: &Fleet, people: &mut [Person], acknowledged: &AtomicUsize) {
    join_all(
        people
            .iter_mut()
            .map(|person| person.signs_out(fleet, acknowledged)),
    )
    .await;
}

async fn refresh(fleet: &Fleet, people: &[Person]) -> Vec<Page> {
    let pages = join_all(people.iter().map(|person| fleet.refresh(&person.agent))).await;
    for page in &pages {
        assert!([200, 503].contains(&status(page)), "{page:?}");
    }
    pages
}

/// Who was told that it is over stays out, with every copy.
async fn stay_out(fleet: &Fleet, people: &[&[Person]]) {
    for person in people.iter().copied().flatten().filter(|person| person.is_told) {
        assert_eq!(fleet.ask(&person.copy).await, [401; 3], "it came back");
    }
}

/// Who was told nothing is out or in, and at one process as at the other. Whoever is out counts as told from now on.
async fn are_out_or_in(fleet: &Fleet, people: &mut [Person]) {
    for person in people.iter_mut().filter(|person| !person.is_told) {
        until("all say the same", async || {
            let answers = fleet.ask(&person.copy).await;
            person.is_told = answers == [401; 3];
            person.is_told || answers == [200; 3]
        })
        .await;
    }
}

/// What the processes tell each other is at one master alone.
fn has_log(master: &Server) -> bool {
    let found = master.ask(&["SCAN", "0", "TYPE", "stream", "COUNT", "1000"]);
    let [_, names] = <[Reply; 2]>::try_from(found.several()).unwrap();
    !names.several().is_empty()
}

/// What the master is told from now on is with nobody else: it does not take its replica's password.
fn cut_off(master: &Server, replica: &Server) {
    replica.ask(&["CONFIG", "SET", "masterauth", "wrong"]);
    master.ask(&["CLIENT", "KILL", "TYPE", "replica"]);
    stores::until("the replica has noticed", || {
        replica.info("replication", "master_link_status") == "down"
    });
}

/// Whoever has a record goes on with it. Where it is the one before a refresh, whose refresh token is spent, that is one
/// sign-in. Gives how many these were.
async fn go_on(fleet: &Fleet, mode: Mode, people: &[Person], refreshed: &[Page]) -> usize {
    let mut lost = 0;
    for (person, page) in people.iter().zip(refreshed) {
        assert_eq!(fleet.ask(&person.agent).await, [200; 3], "the record is there");
        let has = fleet.tokens(&person.agent, 0).await;
        assert_eq!(has.status, 200, "{has:?}");
        let is_told = page.status == 200;
        let is_kept = is_told && has.json()["access_token"] == page.json()["access_token"];
        // The cookie has it, if anything has.
        assert!(
            is_kept || !is_told || mode.is_store(),
            "{page:?}, and then {has:?}"
        );
        let mut again = 503;
        until("a refresh is answered", async || {
            again = status(&fleet.refresh(&person.agent).await);
            // Somebody who died in the middle of one is waited for.
            again != 503
        })
        .await;
        if is_told {
            assert_eq!(again, if is_kept { 200 } else { 401 });
            lost += usize::from(!is_kept);
        }
        if again == 401 {
            assert_eq!(fleet.ask(&person.agent).await, [401; 3]);
            fleet.sign_in_again(&person.agent).await;
            again = status(&fleet.refresh(&person.agent).await);
        }
        assert_eq!(again, 200);
        assert_eq!(fleet.ask(&person.agent).await, [200; 3]);
    }
    lost
}

async fn what_ended_with_an_answer_stays_ended_and_what_was_lost_is_a_sign_in(mode: Mode) {
    let mut cluster = Cluster::start(1_500);
    let mut fleet = Fleet::start(Setup::at(mode, &cluster.url())).await;
    let acknowledged = AtomicUsize::new(0);
    let mut before = people(&fleet, SOME).await;
    sign_out(&fleet, &mut before, &acknowledged).await;
    assert_eq!(acknowledged.load(Ordering::Relaxed), SOME);
    let at = if mode.is_store() {
        1
    } else {
        (0..MASTERS)
            .find(|master| has_log(&cluster.servers[*master]))
            .unwrap()
    };
    let replica = at + MASTERS;

    let mut early = people(&fleet, MANY).await;
    let mut late = people(&fleet, SOME).await;
    let mut told = people(&fleet, 2 * SOME).await;
    let refreshing = if mode.is_store() {
        people_at(&fleet, &cluster.servers[at]).await
    } else {
        people(&fleet, MANY).await
    };
    let caught = people(&fleet, SOME).await;
    let staying = people(&fleet, SOME).await;
    let (told_early, told_late) = told.split_at_mut(SOME);

    cut_off(&cluster.servers[at], &cluster.servers[replica]);
    let logouts = async {
        for person in told_early {
            person.is_signed_out(&fleet).await;
        }
    };
    let lose = async {
        let refreshed = refresh(&fleet, &refreshing).await;
        if mode.is_store() {
            // The other masters go on.
            until("somebody is told", async || {
                acknowledged.load(Ordering::Relaxed) > SOME
            })
            .await;
        }
        let kill = async { cluster.servers[at].kill() };
        let (caught, ()) = tokio::join!(refresh(&fleet, &caught), kill);
        (refreshed, caught)
    };
    let sign_outs = sign_out(&fleet, &mut early, &acknowledged);
    let ((), (refreshed, refreshed_meanwhile), ()) = tokio::join!(sign_outs, lose, logouts);
    if !mode.is_store() {
        // Nobody is left who could tell again what the replica does not have.
        fleet.start_all_anew();
    }
    sign_out(&fleet, &mut late, &acknowledged).await;
    for person in told_late {
        person.is_signed_out(&fleet).await;
    }

    // Another one takes over, and the one that was lost comes back and follows it.
    until("somebody takes over", async || {
        cluster.servers[replica].is_master()
    })
    .await;
    for person in &staying {
        fleet.comes_to(&person.agent, 200).await;
    }
    cluster.servers[at].start_again();
    until("it follows", async || {
        cluster.servers[at].info("replication", "master_link_status") == "up"
    })
    .await;
    if mode.is_store() {
        // Nobody has in memory what is not in the Cluster.
        fleet.start_all_anew();
    }
    stay_out(&fleet, &[&before, &early, &late, &told]).await;
    for people in [&mut early, &mut late, &mut told] {
        are_out_or_in(&fleet, people).await;
    }
    let were_lost = go_on(&fleet, mode, &refreshing, &refreshed).await;
    assert_eq!(were_lost > 0, mode.is_store(), "{were_lost} refreshes");
    go_on(&fleet, mode, &caught, &refreshed_meanwhile).await;
    stay_out(&fleet, &[&before, &early, &late, &told]).await;
    for person in &staying {
        assert_eq!(fleet.ask(&person.agent).await, [200; 3]);
    }
}
