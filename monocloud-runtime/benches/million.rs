//! A million sessions of 2 KB in the memory of one process: what each takes, and what finding one costs beside a thousand.
//!
//! `cargo bench -p monocloud-runtime --features testing --bench million`, and behind `--` another number of sessions.
//!
//! What does not fit into the caches of a processor is found later, whatever keeps it: so a plain map and the memory store
//! of tower-sessions stand beside, with as many bytes. Each has a process of its own, whose memory is measured, and is
//! asked for sessions at random, in turns among a thousand and among all.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

use std::env;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

#[allow(
    dead_code,
    clippy::unused_async,
    reason = "shared with the benchmark of whole requests"
)]
mod app;
mod kept;

use kept::{Guarded, Kept, Map, Peer, RECORD, SUMMARY, Store};

const FEW: u64 = 1_000;
const MILLION: u64 = 1_000_000;
/// As a test, without optimisation, it shows that it runs.
const TURNS: usize = if cfg!(debug_assertions) { 1 } else { 500 };
/// The first of them warm up.
const WARM_UP: usize = if cfg!(debug_assertions) { 1 } else { 50 };
const LOOK_UPS: usize = 1_000;
/// Of the machine's memory, for each session.
const ROOM: u64 = 4_000;

const KINDS: [(&str, &str); 4] = [
    ("map", "a HashMap behind a lock, and a copy"),
    ("peer", "MemoryStore of tower-sessions 0.14"),
    ("store", "MemoryStore of this library"),
    ("guarded", "the same, whole guarded requests"),
];

fn main() {
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    match &arguments[..] {
        [] if !env::args().any(|word| word == "--bench") => compare(10 * FEW),
        [] => compare(MILLION),
        [sessions] => compare(sessions.parse().expect("a number of sessions")),
        [kind, sessions] => measure(kind, sessions.parse().unwrap()),
        more => panic!("a number of sessions is all there is to say: {more:?}"),
    }
}

fn compare(sessions: u64) {
    assert!(sessions >= FEW, "{FEW} sessions at least");
    let available = kilobytes("/proc/meminfo", "MemAvailable:");
    assert!(
        available >= ROOM * sessions,
        "{sessions} sessions take up to {} MB, and {} MB are free: name fewer",
        ROOM * sessions / 1_000_000,
        available / 1_000_000
    );
    let bytes = RECORD + SUMMARY;
    println!(
        "{sessions} sessions of {bytes} bytes     bytes each  × {bytes}   ns among {FEW}   among all   ratio"
    );
    for (kind, name) in KINDS {
        let output = Command::new(env::current_exe().unwrap())
            .args([kind, &sessions.to_string()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = said.split_whitespace().flat_map(str::parse).collect();
        let [each, few, all] = numbers[..] else {
            panic!("{kind}: {said}{}", String::from_utf8_lossy(&output.stderr));
        };
        let taken = match kind {
            // Cookies and much else are in its memory, too.
            "guarded" => String::new(),
            _ => format!("{each:.0} {:8.2}", each / bytes as f64),
        };
        println!("{name:37} {taken:>19} {few:15.0} {all:11.0} {:7.2}", all / few);
    }
}

fn measure(kind: &str, sessions: u64) {
    match kind {
        "map" => measure_kept::<Map>(sessions),
        "peer" => measure_kept::<Peer>(sessions),
        "store" => measure_kept::<Store>(sessions),
        "guarded" => measure_kept::<Guarded>(sessions),
        other => panic!("nothing is called {other}"),
    }
}

/// Says the bytes that each takes, and the nanoseconds of a look-up among few and among all.
fn measure_kept<K: Kept>(sessions: u64) {
    // Now and then the store is told that a session is in use, in a task.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _context = runtime.enter();
    let before = resident();
    let all = K::with(sessions);
    let each = (resident() - before) as f64 / sessions as f64;
    let few = K::with(FEW);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut of: [Vec<f64>; 2] = Default::default();
    let turns = WARM_UP + TURNS;
    for turn in 0..turns {
        for (times, kept) in of.iter_mut().zip([&few, &all]) {
            let time = time(kept, &mut random);
            if turn >= WARM_UP {
                times.push(time);
            }
        }
        runtime.block_on(tokio::task::yield_now());
    }
    let [few, all] = of.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    println!("{each} {few} {all}");
}

/// Nanoseconds of a look-up.
fn time<K: Kept>(kept: &K, random: &mut Random) -> f64 {
    let asked: Vec<_> = (0..LOOK_UPS)
        .map(|_| kept.ask(random.below(kept.count())))
        .collect();
    let began = Instant::now();
    for asked in asked {
        assert!(kept.find(black_box(asked)));
    }
    began.elapsed().as_nanos() as f64 / LOOK_UPS as f64
}

struct Random(u64);

impl Random {
    /// By xorshift: no value is twice within what is asked for.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The process's memory in bytes.
fn resident() -> u64 {
    kilobytes("/proc/self/status", "VmRSS:")
}

/// In bytes, as Linux tells it in a file.
fn kilobytes(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).expect("Linux tells of memory in /proc");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let number: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    number * 1_024
}
