//! A master with a replica, and who watches them.

use crate::command::ask;
use crate::process::{Process, folder, ports, write};
use crate::server::Server;
use crate::until;

const FILE: &str = "sentinel.conf";

/// A master, a replica and one `redis-sentinel`, which call the pair `main`.
#[derive(Debug)]
pub struct Sentinel {
    _process: Process,
    port: u16,
    /// The first is the master at first.
    pub servers: [Server; 2],
}

impl Sentinel {
    /// A master that is silent for so many milliseconds is replaced.
    pub fn start(down_after: u32) -> Self {
        let master = Server::start();
        let replica = Server::with(&format!("replicaof 127.0.0.1 {}\n", master.port()));
        until("the replica follows", || {
            replica.info("replication", "master_link_status") == "up"
        });
        let (process, port) = watch(master.port(), down_after);
        let sentinel = Self {
            _process: process,
            port,
            servers: [master, replica],
        };
        until("Sentinel knows the replica", || sentinel.knows("num-slaves", "1"));
        sentinel
    }

    /// Where the master is to be asked for. The first of its addresses leads nowhere.
    pub fn url(&self) -> String {
        let [nowhere] = ports();
        format!(
            "redis+sentinel://127.0.0.1:{nowhere},127.0.0.1:{}/main",
            self.port
        )
    }

    /// The port of the master that it names now.
    pub fn master(&self) -> u16 {
        let master = ask(self.port, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]).unwrap();
        master.several()[1].text().parse().unwrap()
    }

    fn knows(&self, name: &str, value: &str) -> bool {
        let told = ask(self.port, &["SENTINEL", "MASTER", "main"]).unwrap().several();
        told.chunks(2)
            .any(|pair| pair[0].text() == name && pair[1].text() == value)
    }
}

fn watch(master: u16, down_after: u32) -> (Process, u16) {
    for _ in 0..5 {
        let [port] = ports();
        let folder = folder();
        let configuration = format!(
            "bind 127.0.0.1\n\
             port {port}\n\
             dir {}\n\
             logfile log\n\
             sentinel monitor main 127.0.0.1 {master} 1\n\
             sentinel down-after-milliseconds main {down_after}\n\
             sentinel failover-timeout main 3000\n",
            folder.display()
        );
        write(&folder, FILE, &configuration);
        let mut process = Process::start("redis-sentinel", folder, FILE);
        let mut is_up = false;
        until("Sentinel answers", || {
            is_up = ask(port, &["SENTINEL", "MASTER", "main"])
                .is_ok_and(|said| said.text().contains(&master.to_string()));
            is_up || process.output().contains("Failed listening on port")
        });
        if is_up {
            return (process, port);
        }
        process.kill();
    }
    panic!("no Sentinel could be started at five ports");
}
