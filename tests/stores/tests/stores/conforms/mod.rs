//! The same operations, given to the reference and to a real store: they must answer alike.

mod carried_out;
mod operation;

use monocloud_runtime::store::{MemoryStore, RedisStore, Revision, SessionStore};
use proptest::collection::vec;
use proptest::strategy::Strategy as _;
use proptest::test_runner::{Config, TestRunner};
use stores::Server;

use self::carried_out::{answered, expected, thought};
use self::operation::{Do, operation};
use crate::reference::store::Reference;

/// `shown` leaves out what need not be the same.
async fn conform(store: &dyn SessionStore, what: &[Do], shown: fn(String) -> String) {
    let (mut all, mut now) = (Reference::default(), 0);
    for (at, one) in what.iter().enumerate() {
        let revision = match one {
            Do::Update { of, at, .. } | Do::Begin { of, at, .. } | Do::Commit { of, at, .. } => {
                thought(&mut all, *of, *at, now)
            }
            _ => Revision::FIRST,
        };
        let expected = shown(expected(&mut all, one, now));
        let answered = shown(answered(store, one, revision).await);
        assert_eq!(answered, expected, "{at}: {one:?}");
        if let Do::Wait { length } = one {
            now += length;
        }
    }
}

#[test]
fn memory_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    for run_out in [true, false] {
        let mut runner = TestRunner::new(Config {
            cases: 2_000,
            failure_persistence: None,
            ..Config::default()
        });
        let sequences = vec(operation(run_out), 1..80);
        let checked = runner.run(&sequences, |what| {
            // Made within, where the clock is that one.
            runtime.block_on(async { conform(&MemoryStore::new(), &what, |answer| answer).await });
            Ok(())
        });
        checked.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Its clock runs, so that whatever has a time has a long one, or none.
#[test]
fn redis_does_what_the_model_does() {
    let server = Server::start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let store = RedisStore::new(&format!("{}?timeout=20000", server.url())).unwrap();
    let without_left = |answer: String| {
        if answer.starts_with("Busy {") {
            "Busy".to_owned()
        } else {
            answer
        }
    };
    for run_out in [true, false] {
        let mut runner = TestRunner::new(Config {
            cases: 150,
            failure_persistence: None,
            ..Config::default()
        });
        let timeless =
            operation(run_out).prop_filter_map("it only waits", move |what| what.timeless(run_out));
        let checked = runner.run(&vec(timeless, 1..80), |what| {
            server.ask(&["FLUSHALL"]);
            runtime.block_on(conform(&store, &what, without_left));
            Ok(())
        });
        checked.unwrap_or_else(|error| panic!("{error}"));
    }
}
