//! The servers of these tests, and what becomes of them.

use stores::{Cluster, Sentinel, Server, ask, until};

fn is_gone(port: u16) -> bool {
    ask(port, &["PING"]).is_err()
}

#[test]
fn a_server_stops_with_its_value_and_leaves_nothing() {
    let mut server = Server::with("appendonly yes\nappendfsync always\n");
    let port = server.port();
    let folder = server.ask(&["CONFIG", "GET", "dir"]).several()[1].text();
    server.ask(&["SET", "a", "1"]);
    server.kill();
    assert!(is_gone(port));
    server.start_again();
    assert_eq!(server.ask(&["GET", "a"]).text(), "1");
    drop(server);
    assert!(is_gone(port));
    assert!(!std::path::Path::new(&folder).exists());
}

#[test]
fn sentinel_names_another_master_and_stops_with_its_value() {
    let mut sentinel = Sentinel::start(1_000);
    let [first, second] = [0, 1].map(|at| sentinel.servers[at].port());
    assert_eq!(sentinel.master(), first);
    sentinel.servers[0].kill();
    until("the replica is the master", || sentinel.master() == second);
    drop(sentinel);
    assert!(is_gone(first) && is_gone(second));
}

#[test]
fn a_cluster_serves_all_slots_and_stops_with_its_value() {
    let cluster = Cluster::start(60_000);
    let ports: Vec<u16> = cluster.servers.iter().map(Server::port).collect();
    assert_eq!(
        cluster.servers.iter().filter(|server| server.is_master()).count(),
        3
    );
    drop(cluster);
    assert!(ports.into_iter().all(is_gone));
}
