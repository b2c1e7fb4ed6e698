//! What a guarded request costs by where its session is: in the cookie, in memory, or in Redis on loopback; beside
//! axum-login with the stores of tower-sessions. Whole requests in this process, one at a time and 64 at once.
//!
//! `cargo run --release --bin sessions`; read the ratios, not the times. Needs `redis-server`, and starts one.

mod contenders;

use std::time::{Duration, Instant};

use contenders::{Contender, IN_MEMORY, IN_REDIS};
use peers::{median, nanoseconds};
use stores::Server;

/// Everything is measured so often, in turns; the median counts.
const ROUNDS: usize = 15;
const TURN: Duration = Duration::from_millis(200);
const AT_ONCE: [usize; 2] = [1, 64];

#[tokio::main]
async fn main() {
    let server = Server::start();
    let contenders = contenders::all(&server).await;
    let mut of = AT_ONCE.map(|_| vec![Vec::new(); contenders.len()]);
    // The first round connects and warms up.
    for round in 0..=ROUNDS {
        for (times, at_once) in of.iter_mut().zip(AT_ONCE) {
            for (times, contender) in times.iter_mut().zip(&contenders) {
                let time = time(contender, at_once).await;
                if round > 0 {
                    times.push(time);
                }
            }
        }
    }
    for (times, at_once) in of.iter().zip(AT_ONCE) {
        print(&contenders, times, at_once);
    }
}

fn print(contenders: &[Contender], times: &[Vec<f64>], at_once: usize) {
    let times_of = |name| {
        let at = contenders.iter().position(|contender| contender.name == name);
        &times[at.expect("it takes part")]
    };
    println!(
        "{:37} {:>9} {:>16} {:>15}  beside",
        format!("{at_once} at a time"),
        "µs",
        "× login, memory",
        "× login, Redis"
    );
    for (contender, times) in contenders.iter().zip(times) {
        let beside = contender.beside.map(|beside| {
            let ratio = ratio(times, times_of(beside));
            format!("  {ratio:.2} × {beside}")
        });
        println!(
            "{:37} {:9.2} {:16.2} {:15.2}{}",
            contender.name,
            median(times.clone()) / 1e3,
            ratio(times, times_of(IN_MEMORY)),
            ratio(times, times_of(IN_REDIS)),
            beside.unwrap_or_default()
        );
    }
    println!();
}

/// Within a round the machine is as fast for both.
fn ratio(times: &[f64], others: &[f64]) -> f64 {
    median(
        times
            .iter()
            .zip(others)
            .map(|(time, other)| time / other)
            .collect(),
    )
}

/// Nanoseconds of a request, with so many under way at once.
async fn time(contender: &Contender, at_once: usize) -> f64 {
    let began = Instant::now();
    let clients: Vec<_> = (0..at_once)
        .map(|_| tokio::spawn(client(contender.clone(), began)))
        .collect();
    let mut answered = 0;
    for client in clients {
        answered += client.await.expect("a client ends");
    }
    nanoseconds(began.elapsed(), answered)
}

/// Sends a request when the last one is answered.
async fn client(contender: Contender, began: Instant) -> usize {
    let mut answered = 0;
    while began.elapsed() < TURN {
        contender.answer().await;
        answered += 1;
    }
    answered
}
