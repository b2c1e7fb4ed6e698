//! What unit tests see of the log: levels and names of the events of their thread.
//!
//! One subscriber for the whole process, since scoped ones of several threads disturb each other: an event that one thread
//! meets first without a subscriber may stay silent for all.

use std::cell::RefCell;
use std::sync::Once;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

thread_local! {
    static EVENTS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

struct Listening;

impl Subscriber for Listening {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        EVENTS.with_borrow_mut(|events| {
            if let Some(events) = events {
                events.push(format!("{} {}", metadata.level(), metadata.name()));
            }
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What was logged while this ran.
pub(crate) fn logged(run: impl FnOnce()) -> Vec<String> {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing::subscriber::set_global_default(Listening).expect("it is the only one");
    });
    EVENTS.set(Some(Vec::new()));
    run();
    EVENTS.take().expect("it is this thread's")
}
