//! Three masters with a replica each.

use crate::command::Reply;
use crate::secured::{LOGIN, Secured};
use crate::server::Server;
use crate::tls::Certificates;
use crate::until;

const MASTERS: usize = 3;
const SLOTS: usize = 16_384;

/// A Cluster on loopback.
#[derive(Debug)]
pub struct Cluster {
    /// Three masters, then the replica of each.
    pub servers: Vec<Server>,
    secured: Option<Secured>,
}

impl Cluster {
    /// A master that is silent for so many milliseconds is replaced.
    pub fn start(node_timeout: u32) -> Self {
        Self::run(node_timeout, None)
    }

    /// With TLS by these certificates, also among its servers, and with a password.
    pub fn secured(node_timeout: u32, certificates: &Certificates) -> Self {
        Self::run(node_timeout, Some(Secured::by(certificates)))
    }

    fn run(node_timeout: u32, secured: Option<Secured>) -> Self {
        let lines = format!("cluster-node-timeout {node_timeout}\ncluster-replica-validity-factor 0");
        let server = |_| Server::in_a_cluster(&lines, secured.as_ref());
        let servers: Vec<Server> = (0..2 * MASTERS).map(server).collect();
        let cluster = Self { servers, secured };
        cluster.join();
        cluster
    }

    fn join(&self) {
        let (masters, replicas) = self.servers.split_at(MASTERS);
        let share = SLOTS.div_ceil(MASTERS);
        for (at, master) in masters.iter().enumerate() {
            let first = (at * share).to_string();
            let last = (((at + 1) * share).min(SLOTS) - 1).to_string();
            master.ask(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
        }
        for (at, server) in self.servers.iter().enumerate() {
            server.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()]);
        }
        let first = &self.servers[0];
        for other in &self.servers[1..] {
            let (port, bus) = (other.main_port().to_string(), other.bus_port().to_string());
            first.ask(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        let all = self.servers.len().to_string();
        self.all("everybody knows everybody", |server| {
            server.cluster_info("cluster_known_nodes") == all && !server.nodes().contains("handshake")
        });
        for (master, replica) in masters.iter().zip(replicas) {
            let id = master.ask(&["CLUSTER", "MYID"]).text();
            replica.ask(&["CLUSTER", "REPLICATE", &id]);
        }
        self.all("all slots are served", |server| {
            server.cluster_info("cluster_state") == "ok" && server.nodes().matches("slave").count() == MASTERS
        });
        for replica in replicas {
            until("a replica follows", || {
                replica.info("replication", "master_link_status") == "up"
            });
        }
        for master in masters {
            until("a master knows its replica", || {
                master.info("replication", "slave0").contains("state=online")
            });
        }
    }

    fn all(&self, what: &str, holds: impl Fn(&Server) -> bool) {
        until(what, || self.servers.iter().all(&holds));
    }

    /// The first two masters, and an address that leads nowhere.
    pub fn url(&self) -> String {
        let [nowhere] = crate::process::ports();
        let [first, second] = [0, 1].map(|at| self.servers[at].main_port());
        let hosts = format!("127.0.0.1:{nowhere},127.0.0.1:{first},127.0.0.1:{second}");
        match &self.secured {
            None => format!("redis+cluster://{hosts}"),
            Some(secured) => format!("rediss+cluster://:{}@{hosts}?ca={}", LOGIN[1], secured.ca),
        }
    }
}

impl Server {
    fn cluster_info(&self, name: &str) -> String {
        let info = self.ask(&["CLUSTER", "INFO"]).text();
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().trim().to_owned()
    }

    fn nodes(&self) -> String {
        self.ask(&["CLUSTER", "NODES"]).text()
    }

    /// Whether it serves slots.
    pub fn is_master(&self) -> bool {
        matches!(self.ask(&["ROLE"]), Reply::Several(role) if role[0].text() == "master")
    }
}
