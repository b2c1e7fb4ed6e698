//! One server.

use std::fs;
use std::io::Error;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::command::{Reply, ask_as};
use crate::process::{Process, folder, ports, write};
use crate::secured::{LOGIN, Login, Secured};
use crate::tls::Certificates;
use crate::until;

const FILE: &str = "redis.conf";

/// How often it is tried to start at ports that it had before, and how long is waited in between.
const STARTS_AGAIN: u32 = 80;
const BETWEEN: Duration = Duration::from_millis(250);

/// A `redis-server`, which stops with its value.
#[derive(Debug)]
pub struct Server {
    process: Process,
    ports: Ports,
    login: Option<Login>,
}

/// As long as this lives, a server answers nobody, and keeps its connections.
#[derive(Debug)]
pub struct Paused {
    id: String,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    plain: u16,
    tls: u16,
    bus: u16,
}

impl Server {
    /// In memory alone, and without a password.
    pub fn start() -> Self {
        Self::with("")
    }

    /// With further lines of its configuration.
    pub fn with(lines: &str) -> Self {
        Self::run(None, &|_| lines.to_owned())
    }

    /// TLS at [`Server::tls_port`], by these certificates, also at 127.0.0.2, which they do not name. Whoever has none of theirs is turned away if `is_mutual`.
    pub fn with_tls(certificates: &Certificates, is_mutual: bool) -> Self {
        let lines = format!(
            "bind 127.0.0.1 127.0.0.2\n{}tls-auth-clients {}\n",
            certificates.lines(),
            if is_mutual { "yes" } else { "no" }
        );
        Self::run(None, &|ports| format!("{lines}tls-port {}\n", ports.tls))
    }

    /// With these lines, and TLS and a password where that is said.
    pub(crate) fn of(lines: &str, secured: Option<&Secured>) -> Self {
        let secure = |ports: &Ports| secured.map(|secured| secured.of_server(ports.tls));
        Self::run(secured.map(|_| LOGIN), &|ports| {
            format!("{lines}\n{}", secure(ports).unwrap_or_default())
        })
    }

    /// The same, with a bus.
    pub(crate) fn in_a_cluster(lines: &str, secured: Option<&Secured>) -> Self {
        let secure =
            |ports: &Ports| secured.map(|secured| secured.of_server(ports.tls) + "tls-cluster yes\n");
        Self::run(secured.map(|_| LOGIN), &|ports| {
            format!(
                "cluster-enabled yes\ncluster-config-file nodes.conf\ncluster-port {}\n{lines}\n{}",
                ports.bus,
                secure(ports).unwrap_or_default()
            )
        })
    }

    /// Somebody may take the port meanwhile.
    fn run(login: Option<Login>, lines: &dyn Fn(&Ports) -> String) -> Self {
        for _ in 0..5 {
            let [plain, tls, bus] = ports();
            let ports = Ports { plain, tls, bus };
            let folder = folder();
            write(&folder, FILE, &configuration(&folder, plain, &lines(&ports)));
            let mut server = Self {
                process: Process::start("redis-server", folder, FILE),
                ports,
                login,
            };
            if server.is_up() {
                return server;
            }
            server.process.kill();
        }
        panic!("no server could be started at five ports");
    }

    /// Without TLS.
    pub fn port(&self) -> u16 {
        self.ports.plain
    }

    /// With TLS.
    pub fn tls_port(&self) -> u16 {
        self.ports.tls
    }

    /// For the other servers of a Cluster.
    pub(crate) fn bus_port(&self) -> u16 {
        self.ports.bus
    }

    /// Where others come to it.
    pub(crate) fn main_port(&self) -> u16 {
        if self.login.is_some() {
            self.ports.tls
        } else {
            self.ports.plain
        }
    }

    /// `redis://` with its port.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.ports.plain)
    }

    /// What it answers.
    pub fn ask(&self, command: &[&str]) -> Reply {
        let reply = self
            .try_to_ask(command)
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(!matches!(reply, Reply::Failed(_)), "{command:?}: {reply:?}");
        reply
    }

    fn try_to_ask(&self, command: &[&str]) -> Result<Reply, Error> {
        ask_as(self.login, self.ports.plain, command)
    }

    /// A line of what `INFO` says.
    pub fn info(&self, section: &str, name: &str) -> String {
        let info = self.ask(&["INFO", section]).text();
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().to_owned()
    }

    /// Has it stand still, after one question for its id.
    pub fn pause(&self) -> Paused {
        let id = self.info("server", "process_id");
        assert!(is_sent("STOP", &id));
        Paused { id }
    }

    /// Ends it at once: what it had not written is lost.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// The same server again, at the same ports and with what it wrote. Who took a port meanwhile may give it back.
    pub fn start_again(&mut self) {
        for _ in 0..STARTS_AGAIN {
            let folder = std::mem::take(&mut self.process.folder);
            // It would be read as the log of this one.
            let _ = fs::remove_file(folder.join("log"));
            self.process = Process::start("redis-server", folder, FILE);
            if self.is_up() {
                return;
            }
            self.process.kill();
            thread::sleep(BETWEEN);
        }
        panic!("{}", self.process.output());
    }

    fn is_up(&self) -> bool {
        let folder = self.process.folder.display().to_string();
        let mut is_up = false;
        until("a server answers", || {
            let said = self.try_to_ask(&["CONFIG", "GET", "dir"]);
            // It answers that while it still reads what it had written.
            is_up = said.is_ok_and(|said| said.text().ends_with(&folder))
                && self.try_to_ask(&["PING"]).is_ok_and(|said| said.text() == "PONG");
            is_up || self.process.output().contains("Failed listening on port")
        });
        is_up
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // It may have ended.
        is_sent("CONT", &self.id);
    }
}

fn is_sent(signal: &str, id: &str) -> bool {
    let sent = Command::new("kill").args(["-s", signal, id]).status();
    sent.is_ok_and(|sent| sent.success())
}

fn configuration(folder: &Path, port: u16, lines: &str) -> String {
    format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         dir {}\n\
         logfile log\n\
         save \"\"\n\
         enable-debug-command local\n\
         repl-diskless-sync-delay 0\n\
         {lines}\n",
        folder.display()
    )
}
