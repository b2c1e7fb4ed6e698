//! A master with a replica, and who watches them.

use std::io::Error;

use crate::command::{Reply, ask_as};
use crate::process::{Process, folder, ports, write};
use crate::secured::{AT_SENTINEL, LOGIN, Login, Secured};
use crate::server::Server;
use crate::tls::Certificates;
use crate::until;

const FILE: &str = "sentinel.conf";

/// A master, a replica and one `redis-sentinel`, which call the pair `main`.
#[derive(Debug)]
pub struct Sentinel {
    watcher: Watcher,
    secured: Option<Secured>,
    /// The first is the master at first.
    pub servers: [Server; 2],
}

impl Sentinel {
    /// A master that is silent for so many milliseconds is replaced.
    pub fn start(down_after: u32) -> Self {
        Self::run(down_after, None)
    }

    /// With TLS by these certificates, also among all of them, and with passwords.
    pub fn secured(down_after: u32, certificates: &Certificates) -> Self {
        Self::run(down_after, Some(Secured::by(certificates)))
    }

    fn run(down_after: u32, secured: Option<Secured>) -> Self {
        let master = Server::of("", secured.as_ref());
        let follow = format!("replicaof 127.0.0.1 {}", master.main_port());
        let replica = Server::of(&follow, secured.as_ref());
        until("the replica follows", || {
            replica.info("replication", "master_link_status") == "up"
        });
        let sentinel = Self {
            watcher: watch(master.main_port(), down_after, secured.as_ref()),
            secured,
            servers: [master, replica],
        };
        until("Sentinel knows the replica", || sentinel.knows("num-slaves", "1"));
        sentinel
    }

    /// Where the master is to be asked for. The first of its addresses leads nowhere.
    pub fn url(&self) -> String {
        let [nowhere] = ports();
        match &self.secured {
            None => format!(
                "redis+sentinel://127.0.0.1:{nowhere},127.0.0.1:{}/main",
                self.watcher.port
            ),
            Some(secured) => format!(
                "rediss+sentinel://:{}@127.0.0.1:{nowhere},127.0.0.1:{}/main\
                 ?ca={}&sentinel_user={}&sentinel_password={}",
                LOGIN[1], self.watcher.tls_port, secured.ca, AT_SENTINEL[0], AT_SENTINEL[1]
            ),
        }
    }

    /// The port of the master that it names now.
    pub fn master(&self) -> u16 {
        let master = self.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]);
        master.several()[1].text().parse().unwrap()
    }

    /// Has the replica take over, though the master is well.
    pub fn fail_over(&self) {
        // It may have heard nothing of the replica for a while.
        until("Sentinel begins", || {
            self.ask(&["SENTINEL", "FAILOVER", "main"]).text() == "OK"
        });
    }

    fn ask(&self, command: &[&str]) -> Reply {
        self.watcher.ask(command).unwrap()
    }

    fn knows(&self, name: &str, value: &str) -> bool {
        let told = self.ask(&["SENTINEL", "MASTER", "main"]).several();
        told.chunks(2)
            .any(|pair| pair[0].text() == name && pair[1].text() == value)
    }
}

#[derive(Debug)]
struct Watcher {
    process: Process,
    port: u16,
    tls_port: u16,
    login: Option<Login>,
}

impl Watcher {
    fn ask(&self, command: &[&str]) -> Result<Reply, Error> {
        ask_as(self.login, self.port, command)
    }
}

fn watch(master: u16, down_after: u32, secured: Option<&Secured>) -> Watcher {
    for _ in 0..5 {
        let [port, tls_port] = ports();
        let secure = secured.map(|secured| secured.of_sentinel(tls_port));
        let folder = folder();
        let configuration = format!(
            "bind 127.0.0.1\n\
             port {port}\n\
             dir {}\n\
             logfile log\n\
             sentinel monitor main 127.0.0.1 {master} 1\n\
             sentinel down-after-milliseconds main {down_after}\n\
             sentinel failover-timeout main 3000\n\
             {}",
            folder.display(),
            secure.unwrap_or_default()
        );
        write(&folder, FILE, &configuration);
        let mut watcher = Watcher {
            process: Process::start("redis-sentinel", folder, FILE),
            port,
            tls_port,
            login: secured.map(|_| AT_SENTINEL),
        };
        let mut is_up = false;
        until("Sentinel answers", || {
            is_up = watcher
                .ask(&["SENTINEL", "MASTER", "main"])
                .is_ok_and(|said| said.text().contains(&master.to_string()));
            is_up || watcher.process.output().contains("Failed listening on port")
        });
        if is_up {
            return watcher;
        }
        watcher.process.kill();
    }
    panic!("no Sentinel could be started at five ports");
}
