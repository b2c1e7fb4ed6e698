//! Where a client remembers what is over.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{ConfigError, Settings};
use crate::crypto::{Names, fingerprint};
use crate::event::Events;
use crate::session::{Denials, Site};
use crate::store::{IndexKey, SessionStore};

/// In memory: of each process that shares the store beside cookies, or with the file of the settings, which nobody else may
/// have open.
pub(super) fn denials(
    settings: &Settings,
    names: Names,
    lifetime: Duration,
    beside: Option<&Arc<dyn SessionStore>>,
    events: &Events,
) -> Result<Denials, ConfigError> {
    if let Some(store) = beside {
        return Ok(Denials::shared(Site {
            store: store.clone(),
            log: log_of(settings),
            names,
            lifetime,
            clock: settings.clock.clone(),
            events: events.clone(),
        }));
    }
    let Some(path) = &settings.denials.denials_file else {
        return Ok(Denials::new(names));
    };
    Denials::in_file(names, path, lifetime, settings.clock.now_millis())
        .map_err(|problem| ConfigError::of(vec![format!("MONOCLOUD_AUTH_DENIALS_FILE: {problem}")]))
}

/// What the log is called in which the processes of this application tell each other what is over.
fn log_of(settings: &Settings) -> IndexKey {
    let issuer = settings.issuer.tenant_domain.as_str();
    let whose = ["monocloud v2 log", issuer, &settings.issuer.client_id].join("\n");
    IndexKey::from_bytes(fingerprint(whose.as_bytes()))
}
