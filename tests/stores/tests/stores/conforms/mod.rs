//! The same operations, given to the reference and to a real store: they must answer alike.

mod carried_out;
mod operation;

use monocloud_runtime::store::{MemoryStore, Revision, SessionStore};
use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};

use self::carried_out::{answered, expected, thought};
use self::operation::{Do, operation};
use crate::reference::store::Reference;

async fn conform(store: &dyn SessionStore, what: &[Do]) {
    let (mut all, mut now) = (Reference::default(), 0);
    for (at, one) in what.iter().enumerate() {
        let revision = match one {
            Do::Update { of, at, .. } | Do::Begin { of, at, .. } | Do::Commit { of, at, .. } => {
                thought(&mut all, *of, *at, now)
            }
            _ => Revision::FIRST,
        };
        let expected = expected(&mut all, one, now);
        let answered = answered(store, one, revision).await;
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
            runtime.block_on(conform(&MemoryStore::new(), &what));
            Ok(())
        });
        checked.unwrap_or_else(|error| panic!("{error}"));
    }
}
