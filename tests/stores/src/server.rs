//! One server.

use std::path::Path;

use crate::command::{Reply, ask};
use crate::process::{Process, folder, ports, write};
use crate::tls::Certificates;
use crate::until;

const FILE: &str = "redis.conf";

/// A `redis-server`, which stops with its value.
#[derive(Debug)]
pub struct Server {
    process: Process,
    port: u16,
    other_port: u16,
}

impl Server {
    /// In memory alone, and without a password.
    pub fn start() -> Self {
        Self::with("")
    }

    /// With further lines of its configuration.
    pub fn with(lines: &str) -> Self {
        Self::run(&|_| lines.to_owned())
    }

    /// TLS at [`Server::other_port`], by these certificates, also at 127.0.0.2, which they do not name. Whoever has none of theirs is turned away if `is_mutual`.
    pub fn with_tls(certificates: &Certificates, is_mutual: bool) -> Self {
        let path = |file: &str| certificates.path(file).display().to_string();
        let lines = format!(
            "bind 127.0.0.1 127.0.0.2\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {}\ntls-auth-clients {}\n",
            path("server.crt"),
            path("server.key"),
            path("ca.crt"),
            if is_mutual { "yes" } else { "no" }
        );
        Self::run(&|other_port| format!("{lines}tls-port {other_port}\n"))
    }

    /// With its bus at [`Server::other_port`].
    pub(crate) fn in_a_cluster(lines: &str) -> Self {
        Self::run(&|other_port| {
            format!(
                "cluster-enabled yes\ncluster-config-file nodes.conf\ncluster-port {other_port}\n{lines}\n"
            )
        })
    }

    /// Somebody may take the port meanwhile.
    fn run(lines: &dyn Fn(u16) -> String) -> Self {
        for _ in 0..5 {
            let [port, other_port] = ports();
            let folder = folder();
            write(&folder, FILE, &configuration(&folder, port, &lines(other_port)));
            let mut server = Self {
                process: Process::start("redis-server", folder, FILE),
                port,
                other_port,
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
        self.port
    }

    /// For TLS, or for the other servers of a Cluster.
    pub fn other_port(&self) -> u16 {
        self.other_port
    }

    /// `redis://` with its port.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What it answers.
    pub fn ask(&self, command: &[&str]) -> Reply {
        let reply = ask(self.port, command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(!matches!(reply, Reply::Failed(_)), "{command:?}: {reply:?}");
        reply
    }

    /// A line of what `INFO` says.
    pub fn info(&self, section: &str, name: &str) -> String {
        let info = self.ask(&["INFO", section]).text();
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().to_owned()
    }

    /// Ends it at once: what it had not written is lost.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// The same server again, at the same ports and with what it wrote.
    pub fn start_again(&mut self) {
        let folder = std::mem::take(&mut self.process.folder);
        self.process = Process::start("redis-server", folder, FILE);
        assert!(self.is_up(), "{}", self.process.output());
    }

    fn is_up(&self) -> bool {
        let folder = self.process.folder.display().to_string();
        let mut is_up = false;
        until("a server answers", || {
            let said = ask(self.port, &["CONFIG", "GET", "dir"]);
            // It answers that while it still reads what it had written.
            is_up = said.is_ok_and(|said| said.text().ends_with(&folder))
                && ask(self.port, &["PING"]).is_ok_and(|said| said.text() == "PONG");
            is_up || self.process.output().contains("Failed listening on port")
        });
        is_up
    }
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
