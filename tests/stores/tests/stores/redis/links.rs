//! Connections: certificates, passwords, scripts that a server forgot, slots on their way.

use std::sync::Arc;
use std::time::Duration;

use monocloud_runtime::store::{Claim, Lease, Owner, RedisStore, SessionStore, Updated};
use stores::{Certificates, Server, ask};

use super::rights::as_said;
use super::{
    LONG, NEVER, certificates, created, fails, is_found, key, name, plain, store, tls, tls_url, update, works,
};

#[tokio::test]
async fn a_server_must_have_a_certificate_that_is_trusted_for_its_name() {
    let others = Certificates::new();
    let ca = others.path("ca.crt").display().to_string();
    let trusted = certificates().path("ca.crt").display().to_string();
    let server = Server::with_tls(certificates(), false);
    let port = server.tls_port();
    for url in [
        format!("rediss://127.0.0.1:{port}?ca={ca}"),
        format!("rediss://127.0.0.2:{port}?ca={trusted}"),
    ] {
        let error = fails(store(&url).check()).await;
        assert!(
            error.to_string().contains("invalid peer certificate"),
            "{url}: {error}"
        );
    }
    // The platform's roots have not signed it.
    fails(store(&format!("rediss://127.0.0.1:{port}")).check()).await;
    store(&format!("rediss://localhost:{port}?ca={trusted}"))
        .check()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_server_may_ask_for_a_certificate() {
    let trusted = certificates().path("ca.crt").display().to_string();
    let without = format!("rediss://127.0.0.1:{}?ca={trusted}", tls().tls_port());
    fails(store(&without).check()).await;
    store(&tls_url()).check().await.unwrap();
}

#[tokio::test]
async fn plain_text_is_not_spoken_to_a_server_that_wants_tls() {
    fails(store(&format!("redis://127.0.0.1:{}?timeout=2000", tls().tls_port())).check()).await;
    let ca = certificates().path("ca.crt").display().to_string();
    fails(
        store(&format!(
            "rediss://127.0.0.1:{}?ca={ca}&timeout=2000",
            plain().port()
        ))
        .check(),
    )
    .await;
}

#[tokio::test]
async fn scripts_that_a_server_forgot_are_sent_again() {
    let server = Server::start();
    let store = store(&server.url());
    let session = created(&store, 1).await;
    server.ask(&["SCRIPT", "FLUSH"]);
    assert_eq!(update(&store, session).await.unwrap(), Updated::Updated);
}

#[tokio::test]
async fn a_connection_that_was_cut_is_made_again() {
    let server = Server::start();
    let store = store(&server.url());
    let session = created(&store, 1).await;
    for _ in 0..3 {
        server.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        assert!(works(|| store.get(session)).await.is_some());
        works(|| store.check()).await;
    }
}

/// A claim is not sent twice: it may have been carried out. What is known to be gone before is not asked.
#[tokio::test]
async fn a_claim_is_given_though_the_connection_was_cut_meanwhile() {
    let server = Server::start();
    let store = store(&server.url());
    let shared = store.coordinated().unwrap();
    let lease = Lease {
        owner: Owner::from_bytes([1; 16]),
        length: LONG,
    };
    for number in 0..10 {
        let claim = shared.claim(name(number), lease).await;
        assert_eq!(claim.unwrap(), Claim::Claimed);
        assert!(
            shared
                .settle(name(number), lease.owner, Some(LONG))
                .await
                .unwrap()
        );
        server.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn databases_and_prefixes_are_apart() {
    let server = Server::start();
    let stores = ["/0", "/1", "/0?prefix=other"].map(|end| store(&(server.url() + end)));
    let session = created(&stores[0], 1).await;
    assert!(is_found(&stores[0], session).await);
    for other in &stores[1..] {
        assert!(!is_found(other, session).await);
    }
}

#[tokio::test]
async fn one_connection_is_made_for_all_who_wait_for_it() {
    let server = Server::start();
    server.ask(&["CONFIG", "RESETSTAT"]);
    let store = store(&server.url());
    let reads = (0..100).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.get(key(number)).await })
    });
    for read in futures_util::future::join_all(reads).await {
        assert_eq!(read.unwrap().unwrap(), None);
    }
    // And this one.
    assert_eq!(server.info("stats", "total_connections_received"), "2");
}

/// Redis Cluster specification, ASK redirection: the next query alone goes there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_moves_to_another_server_is_followed() {
    let cluster = stores::Cluster::start(NEVER);
    // Who is sent there must be allowed to say that it was.
    let store = store(&as_said(&cluster));
    let session = created(&store, 1).await;
    let name = format!("mc1:{{{session}}}:s");
    let slot = cluster.servers[0].ask(&["CLUSTER", "KEYSLOT", &name]).text();
    let is_here =
        |server: &&Server| ask(server.port(), &["EXISTS", &name]).is_ok_and(|said| said.text() == "1");
    let masters = &cluster.servers[..3];
    let from = masters.iter().find(is_here).unwrap();
    let to = masters
        .iter()
        .find(|server| server.port() != from.port())
        .unwrap();
    let [from_id, to_id] = [from, to].map(|server| server.ask(&["CLUSTER", "MYID"]).text());
    to.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]);
    from.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]);
    from.ask(&["MIGRATE", "127.0.0.1", &to.port().to_string(), &name, "0", "5000"]);

    assert!(is_found(&store, session).await);
    assert_eq!(update(&store, session).await.unwrap(), Updated::Updated);
    for server in masters {
        server.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]);
    }
    assert!(works(|| store.get(session)).await.is_some());
    works(|| store.delete(session, LONG)).await;
    assert!(!is_found(&store, session).await);
}

#[test]
fn files_that_cannot_be_read_are_problems_at_the_start() {
    for query in [
        "ca=/nowhere.pem",
        "cert=/nowhere.pem&key=/nowhere.pem",
        "ca=Cargo.toml",
    ] {
        let error = RedisStore::new(&format!("rediss://localhost?{query}")).unwrap_err();
        let problem = &error.problems()[0];
        assert!(
            problem.contains("nowhere.pem") || problem.contains("not a PEM file"),
            "{problem}"
        );
    }
}
