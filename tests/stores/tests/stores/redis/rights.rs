//! What a user of the servers must be allowed to do: no more than the documentation says.

use std::sync::Arc;

use bytes::Bytes;
use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::Builder;
use monocloud_runtime::store::{
    Denial, Lease, Names, Owner, RedisStore, Revision, SessionStore, StoreKey, Strangers,
};
use monocloud_runtime::testing::store_contract;
use stores::{Cluster, Server};

use super::fit::{is_unfit, without};
use super::{LONG, cluster, created, fails, is_found, key, name, record, store};

const SAID: &str = "~mc1:* +@read +@write +@scripting +time +wait +role +info";
const SAID_OF_A_CLUSTER: &str = "+cluster +asking";

fn allow(server: &Server, rights: &str) {
    let mut user = vec!["ACL", "SETUSER", "app", "on", ">secret-word"];
    user.extend(rights.split(' '));
    server.ask(&user);
}

/// The address of this Cluster for a user who may do what is said.
pub(super) fn as_said(cluster: &Cluster) -> String {
    for server in &cluster.servers {
        allow(server, &format!("{SAID} {SAID_OF_A_CLUSTER}"));
    }
    cluster.url().replace("://", "://app:secret-word@")
}

/// All that is done with sessions, each under this number.
async fn everything_is_done(store: &Arc<dyn SessionStore>, number: u64) {
    store_contract::basic(store).await;
    store_contract::shared_log(store).await;
    let shared = store.coordinated().unwrap();
    let session = created(store, number).await;
    let lease = Lease {
        owner: Owner::from_bytes([1; 16]),
        length: LONG,
    };
    shared.begin(session, Revision::FIRST, lease).await.unwrap();
    shared.abandon(session, lease.owner, true).await.unwrap();
    shared.touch(session, Bytes::from_static(b"seen")).await.unwrap();
    rename_and_end(store, session, number).await;
    let claimed = name(number + 2);
    shared.claim(claimed, lease).await.unwrap();
    assert!(shared.settle(claimed, lease.owner, Some(LONG)).await.unwrap());
}

async fn rename_and_end(store: &Arc<dyn SessionStore>, session: StoreKey, number: u64) {
    let shared = store.coordinated().unwrap();
    let sub = name(number + 1);
    let mut renamed = record("renamed");
    renamed.renamed = Some(Names { sid: None, sub });
    store.update(session, Revision::FIRST, renamed).await.unwrap();
    assert_eq!(shared.list(vec![sub]).await.unwrap().len(), 1);
    let ended = shared
        .end_all(vec![sub], Denial::Every, Strangers::Deny, LONG)
        .await;
    assert_eq!(ended.unwrap(), [session]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_needs_no_more_than_is_said() {
    let server = Server::start();
    allow(&server, SAID);
    let store = store(&format!("redis://app:secret-word@127.0.0.1:{}", server.port()));
    everything_is_done(&store, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_of_another_database_needs_to_select_it() {
    let server = Server::start();
    let address = format!("redis://app:secret-word@127.0.0.1:{}/1", server.port());
    allow(&server, SAID);
    let error = fails(store(&address).get(key(1))).await;
    assert!(format!("{error:?}").contains("'select'"), "{error:?}");
    allow(&server, &format!("{SAID} +select"));
    everything_is_done(&store(&address), 4_001).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_of_a_cluster_needs_no_more_than_is_said() {
    let store = store(&as_said(cluster()));
    everything_is_done(&store, 2_001).await;
}

#[tokio::test]
async fn a_policy_that_nobody_tells_must_be_said() {
    let server = Server::start();
    let url = without(&server, &["-config", "-info"]);
    let error = fails(store(&url).get(key(1))).await;
    assert!(is_unfit(&error, "assume_noeviction"), "{error:?}");
    let assuming: Arc<dyn SessionStore> = Arc::new(RedisStore::new(&url).unwrap().assume_noeviction());
    created(&assuming, 1).await;
    assert!(is_found(&assuming, key(1)).await);
}

fn settings(url: &str) -> Builder {
    MonoCloud::builder()
        .tenant_domain("http://127.0.0.1:9")
        .client_id("app")
        .client_secret("the-client's-secret")
        .app_url("http://localhost:3000")
        .cookie_secret("a secret of the tests, longer than 32 bytes")
        .redis(url)
}

#[tokio::test]
async fn a_policy_that_nobody_tells_is_said_by_a_setting() {
    let server = Server::start();
    let url = without(&server, &["-config", "-info"]);
    let error = settings(&url).build().unwrap().check().await.unwrap_err();
    assert_eq!(error.code(), "store_unavailable");
    assert!(error.to_string().contains("maxmemory-policy"), "{error}");
    for builder in [
        settings(&url).redis_assume_noeviction(true),
        settings(&url).with_vars([("MONOCLOUD_AUTH_REDIS_ASSUME_NOEVICTION", "true")]),
    ] {
        builder.build().unwrap().check().await.unwrap();
    }
}
