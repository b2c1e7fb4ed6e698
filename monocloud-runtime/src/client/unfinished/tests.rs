use std::sync::Arc;
use std::time::Duration;

use super::{MOST, Unfinished};
use crate::event::logged::logged;
use crate::store::{MemoryStore, StoreKey};

const ENDED_FOR: Duration = Duration::from_secs(600);

fn key(number: usize) -> StoreKey {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

/// Nothing is asked of the store before this waits.
#[tokio::test]
async fn more_than_are_remembered_are_told_to_the_operator_and_push_nothing_out() {
    let (unfinished, store) = (Unfinished::default(), Arc::new(MemoryStore::new()));
    let add = |number| logged(|| unfinished.add(key(number), store.clone(), ENDED_FOR));
    for number in 0..MOST {
        assert_eq!(add(number), [""; 0], "{number}");
    }
    assert_eq!(add(MOST), ["ERROR monocloud.store.too_many_unfinished"]);
    assert!((0..MOST).all(|number| unfinished.contains(key(number))));
    assert!(!unfinished.contains(key(MOST)));
    let all_are_over = async {
        while unfinished.contains(key(MOST - 1)) {
            tokio::task::yield_now().await;
        }
    };
    let over = tokio::time::timeout(Duration::from_secs(60), all_are_over).await;
    over.expect("the store ends them");
    // There is room again.
    assert_eq!(add(MOST), [""; 0]);
    assert!(unfinished.contains(key(MOST)));
}
