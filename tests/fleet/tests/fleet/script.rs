//! The showcase as three processes, as its script starts them.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, thread};

use fleet::keep_reading;
use reqwest::Method;
use support::UserAgent;

/// A cold build is part of it.
const PATIENCE: Duration = Duration::from_secs(600);
const PORTS: u16 = 6;

/// It ends, with all that it started, when this is dropped.
struct Script {
    url: String,
    process: Child,
    printed: Arc<Mutex<String>>,
}

impl Script {
    async fn start() -> Self {
        let first = free_ports();
        let mut command = Command::new("examples/showcase/fleet.sh");
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("MONOCLOUD_") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .env("PORT", first.to_string())
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let printed = Arc::default();
        keep_reading(process.stdout.take().unwrap(), &printed);
        keep_reading(process.stderr.take().unwrap(), &printed);
        let mut script = Self {
            url: format!("http://localhost:{first}"),
            process,
            printed,
        };
        let opened = format!("Open {}", script.url);
        let started = Instant::now();
        while !script.printed().contains(&opened) {
            let ended = script.process.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}");
            assert!(started.elapsed() < PATIENCE, "it does not come up");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        script
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// Which of the processes answered, one time after another, until all three have.
    async fn served_by(&self) -> BTreeSet<String> {
        let agent = UserAgent::new();
        let mut ports = BTreeSet::new();
        let started = Instant::now();
        while ports.len() < 3 && started.elapsed() < PATIENCE {
            let page = agent.visit(&self.at("/")).await;
            ports.extend(page.header("x-served-by").map(str::to_owned));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        ports
    }

    /// `Ctrl-C` is a signal of the terminal to the whole group; this is what a supervisor sends to the script alone.
    fn stop(&mut self) -> bool {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &id]).status().unwrap();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            if self.process.try_wait().unwrap().is_some() {
                return sent.success();
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) && !self.stop() {
            let group = format!("-{}", self.process.id());
            let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).status();
            let _ = self.process.wait();
        }
        if thread::panicking() {
            eprintln!("the script printed:\n{}", self.printed());
        }
    }
}

/// The first of as many in a row as the script takes, all of them free.
fn free_ports() -> u16 {
    loop {
        let found = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let first = found.local_addr().unwrap().port();
        if (1..PORTS).all(|next| is_free(first.saturating_add(next))) {
            return first;
        }
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

async fn signed_in(script: &Script) -> UserAgent {
    let agent = UserAgent::new();
    let login = agent.visit(&script.at("/sessions")).await;
    let page = agent.submit(&login, &[("user", "mira")]).await;
    assert_eq!(page.url.as_str(), script.at("/sessions"), "{page:?}");
    agent
}

/// What each process answers.
async fn asked(script: &Script, agent: &UserAgent) -> [u16; 3] {
    let mut answers = [0; 3];
    for answer in &mut answers {
        *answer = agent
            .fetch(Method::GET, &script.at("/api/me"))
            .await
            .status
            .as_u16();
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_serves_one_site_from_three_processes_and_leaves_nothing_behind() {
    let mut script = Script::start().await;
    assert_eq!(script.served_by().await.len(), 3);
    let [first, second] = [signed_in(&script).await, signed_in(&script).await];
    assert_eq!(asked(&script, &first).await, [200; 3]);
    assert_eq!(asked(&script, &second).await, [200; 3]);

    let list = first.visit(&script.at("/sessions")).await;
    assert_eq!(list.body.matches("name=\"id\"").count(), 2, "{list:?}");
    first.submit(&list, &[("all", "true")]).await;
    assert_eq!(asked(&script, &first).await, [401; 3]);
    assert_eq!(asked(&script, &second).await, [401; 3]);

    let first = script.url.rsplit(':').next().unwrap().parse().unwrap();
    assert!(script.stop());
    for port in (first..).take(usize::from(PORTS)) {
        assert!(is_free(port), "{port} is still taken");
    }
}
