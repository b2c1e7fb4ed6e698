//! Three processes of one site on one Redis: requests a second beside those of one process, and how long it takes from the
//! issuer's logout token at one of them to the refusal at the last.
//!
//! `cargo run --release --bin fleet [store|cookies]`; sessions are in Redis, or in cookies. Needs `redis-server`, and
//! starts one. Load, processes and Redis share this machine: where it has two cores, three processes are no faster than
//! one, and what a request takes of each one's time says more.

mod connection;
mod issuer;
mod site;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use connection::{Connection, logout, page};
use issuer::Issuer;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::testing::{MintedSession, ProviderUser};
use peers::median;
use site::{Process, SERVE, Site};
use stores::Server;

const PROCESSES: usize = 3;
const CONNECTIONS: usize = 48;
const SESSIONS: usize = 1_000;
const TURNS: usize = 15;
const TURN: Duration = Duration::from_secs(1);
const LOGOUTS: usize = 500;
/// After that a logout has not been heard of.
const PATIENCE: Duration = Duration::from_secs(10);
/// Ticks of a second in which Linux counts the time of a processor.
const TICKS: f64 = 100.0;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [serve, mode, redis, issuer] if serve == SERVE => {
            let [mode, redis, issuer] = [mode, redis, issuer].map(Clone::clone);
            Site { mode, redis, issuer }.serve().await;
        }
        [] => measure("store").await,
        [mode] => measure(mode).await,
        more => panic!("`store` or `cookies` is all there is to say: {more:?}"),
    }
}

async fn measure(mode: &str) {
    let redis = Server::start();
    let issuer = Issuer::start().await;
    let site = Site {
        mode: mode.to_owned(),
        redis: redis.url(),
        issuer: issuer.url.clone(),
    };
    let processes: Vec<_> = (0..PROCESSES).map(|_| site.start()).collect();
    // The sign-in was two minutes ago: in its first minute a session is looked at more closely.
    let client = site.settings().clock_skew(-120).build().expect("settings");
    throughput(&redis, &processes, &client).await;
    logouts(&issuer, &processes, &client).await;
}

// ---- Requests a second -----------------------------------------------------------------------------------

/// Seconds of a processor.
#[derive(Clone, Copy)]
struct Spent {
    processes: f64,
    redis: f64,
    load: f64,
}

async fn throughput(redis: &Server, processes: &[Process], client: &MonoCloud) {
    let mut requests = Vec::new();
    for number in 0..SESSIONS {
        requests.push(page(&sign_in(client, &format!("user-{number}")).await));
    }
    let requests = Arc::new(requests);
    let redis: u32 = redis.info("server", "process_id").parse().expect("a number");
    let spent = || Spent {
        processes: processes.iter().map(|process| seconds(process.id())).sum(),
        redis: seconds(redis),
        load: seconds(std::process::id()),
    };
    let ports: Vec<u16> = processes.iter().map(|process| process.port).collect();
    let asked = [&ports[..1], &ports[..]];
    let mut of: [Vec<(f64, Spent)>; 2] = Default::default();
    // The first turn connects and warms up.
    for turn in 0..=TURNS {
        for (turns, ports) in of.iter_mut().zip(asked) {
            let before = spent();
            let (answered, rate) = rate(ports, &requests).await;
            let after = spent();
            let each = |of: fn(&Spent) -> f64| (of(&after) - of(&before)) / answered * 1e6;
            let each = Spent {
                processes: each(|spent| spent.processes),
                redis: each(|spent| spent.redis),
                load: each(|spent| spent.load),
            };
            if turn > 0 {
                turns.push((rate, each));
            }
        }
    }
    let ratios = of[1].iter().zip(&of[0]).map(|((three, _), (one, _))| three / one);
    let ratio = median(ratios.collect());
    for (name, turns) in ["one process", "three processes"].into_iter().zip(&of) {
        let middle = |of: fn(&(f64, Spent)) -> f64| median(turns.iter().map(of).collect());
        println!(
            "{name:16} {:7.0} requests a second; each takes {:5.1} µs of the processes' time, {:4.1} of Redis's, {:4.1} of the load's",
            middle(|(rate, _)| *rate),
            middle(|(_, each)| each.processes),
            middle(|(_, each)| each.redis),
            middle(|(_, each)| each.load),
        );
    }
    println!("three processes are {ratio:.2} × one\n");
}

/// How many requests were answered, and how many a second, on connections that are kept.
async fn rate(ports: &[u16], requests: &Arc<Vec<Vec<u8>>>) -> (f64, f64) {
    let is_over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let port = ports[number % ports.len()];
            tokio::spawn(load(port, number, Arc::clone(requests), Arc::clone(&is_over)))
        })
        .collect();
    let began = Instant::now();
    tokio::time::sleep(TURN).await;
    is_over.store(true, Ordering::Relaxed);
    let mut answered = 0;
    for client in clients {
        answered += client.await.expect("a client ends");
    }
    let answered = f64::from(answered);
    (answered, answered / began.elapsed().as_secs_f64())
}

/// Sends a request when the last one is answered, each of another session.
async fn load(port: u16, number: usize, requests: Arc<Vec<Vec<u8>>>, is_over: Arc<AtomicBool>) -> u32 {
    let mut connection = Connection::to(port).await;
    let mut answered = 0;
    let own = requests.iter().cycle().skip(number * 20);
    for request in own.take_while(|_| !is_over.load(Ordering::Relaxed)) {
        assert_eq!(connection.send(request).await, 200);
        answered += 1;
    }
    answered
}

/// What a process has taken of the processors' time.
fn seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux tells it in /proc");
    let (_, rest) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks = rest.split_whitespace().skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().expect("a number"))
        .sum::<f64>()
        / TICKS
}

// ---- Logout ----------------------------------------------------------------------------------------------

async fn logouts(issuer: &Issuer, processes: &[Process], client: &MonoCloud) {
    let mut posts = Vec::new();
    let mut pages = Vec::new();
    for process in processes {
        posts.push(Connection::to(process.port).await);
        pages.push(Connection::to(process.port).await);
    }
    let (mut answered, mut refused) = (Vec::new(), Vec::new());
    for number in 0..PROCESSES + LOGOUTS {
        let sub = format!("leaver-{number}");
        let request: Arc<[u8]> = page(&sign_in(client, &sub).await).into();
        for connection in &mut pages {
            assert_eq!(connection.send(&request).await, 200);
        }
        let token = logout(&issuer.logout_token(&sub, &sid(&sub)));
        let began = Instant::now();
        let refusals: Vec<_> = pages
            .drain(..)
            .map(|connection| tokio::spawn(refusal(connection, Arc::clone(&request), began)))
            .collect();
        assert_eq!(posts[number % PROCESSES].send(&token).await, 200);
        let done = began.elapsed();
        let mut last = Duration::ZERO;
        for refusal in refusals {
            let (connection, at) = refusal.await.expect("it is refused in time");
            pages.push(connection);
            last = last.max(at);
        }
        // With the first at each process it fetches the issuer's metadata and keys.
        if number >= PROCESSES {
            answered.push(done);
            refused.push(last);
        }
    }
    println!("{LOGOUTS} logouts, from the post of the token: milliseconds   p50     p99     most");
    for (what, mut times) in [("to its answer", answered), ("to the last refusal", refused)] {
        times.sort();
        let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100].as_secs_f64() * 1e3;
        println!("{what:48} {:7.2} {:7.2} {:7.2}", at(50), at(99), at(100));
    }
}

/// Asks until it is refused, and says when that was.
async fn refusal(mut connection: Connection, request: Arc<[u8]>, began: Instant) -> (Connection, Duration) {
    loop {
        let status = connection.send(&request).await;
        let at = began.elapsed();
        if status == 303 {
            return (connection, at);
        }
        assert!(status == 200 && at < PATIENCE, "{status} after {at:?}");
    }
}

async fn sign_in(client: &MonoCloud, sub: &str) -> String {
    let user = ProviderUser::new(sub)
        .name("Mira Adler")
        .claim("sid", sid(sub))
        .claim("note", "x".repeat(1_900));
    MintedSession::new(user).cookie_in_store(client).await
}

fn sid(sub: &str) -> String {
    format!("session of {sub}")
}
