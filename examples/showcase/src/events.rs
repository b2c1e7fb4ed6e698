//! What happened of late, as `on_event` hears it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use monocloud_runtime::hooks::Event;

/// The newest are kept.
const KEPT: usize = 50;

/// The last events. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Events(Arc<Mutex<VecDeque<Happened>>>);

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) name: &'static str,
    pub(crate) detail: String,
    at: Instant,
}

impl Events {
    /// Whoever signs in waits for it, so it does no more than this.
    pub(crate) fn note(&self, event: &Event<'_>) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.truncate(KEPT - 1);
        events.push_front(Happened {
            name: event.name(),
            detail: detail(event),
            at: Instant::now(),
        });
    }

    /// The newest first.
    pub(crate) fn latest(&self) -> Vec<Happened> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().cloned().collect()
    }
}

impl Happened {
    pub(crate) fn seconds_ago(&self) -> u64 {
        self.at.elapsed().as_secs()
    }
}

fn detail(event: &Event<'_>) -> String {
    match event {
        Event::SignedIn { sub, .. } | Event::Refreshed { sub, .. } | Event::RefreshJoined { sub, .. } => {
            (*sub).to_owned()
        }
        Event::SignInFailed { code, .. } => (*code).to_owned(),
        Event::SessionEnded { sub, why, .. } => format!("{sub}: {}", why.as_str()),
        Event::LoggedOut { sub, by, .. } => format!("{}: {}", sub.unwrap_or("somebody"), by.as_str()),
        Event::RefreshFailed { sub, code, .. } => format!("{sub}: {code}"),
        Event::Denied { why, sub, path, .. } => {
            let path: String = path.chars().take(100).collect();
            format!("{} at {path}: {why}", sub.unwrap_or("somebody"))
        }
        Event::KeysRenewed { keys, .. } => format!("{keys} understood"),
        Event::StoreUnavailable { doing, .. } => (*doing).to_owned(),
        Event::IssuerUnreachable { endpoint, .. } => (*endpoint).to_owned(),
        _ => String::new(),
    }
}
