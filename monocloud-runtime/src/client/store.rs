//! From the settings to the store that they name.

use std::sync::Arc;

use crate::config::{ConfigError, SessionsIn, Settings};
#[cfg(feature = "redis")]
use crate::store::RedisStore;
use crate::store::{MemoryStore, SessionStore};

/// What the settings name beside cookies.
pub(super) fn store_of(settings: &Settings) -> Result<Option<Arc<dyn SessionStore>>, ConfigError> {
    match settings.sessions.place() {
        SessionsIn::Memory => {
            let store = MemoryStore::new();
            Ok(Some(Arc::new(match settings.sessions.max_sessions_per_user {
                Some(most) => store.max_sessions_of_user(most),
                None => store,
            })))
        }
        SessionsIn::Cookies | SessionsIn::Redis => redis(settings),
    }
}

#[cfg(feature = "redis")]
fn redis(settings: &Settings) -> Result<Option<Arc<dyn SessionStore>>, ConfigError> {
    let Some(address) = settings.sessions.redis.clone() else {
        return Ok(None);
    };
    let store = RedisStore::at(address)
        .map_err(|problem| ConfigError::of(vec![format!("MONOCLOUD_AUTH_REDIS_URL: {problem}")]))?;
    Ok(Some(if settings.sessions.redis_assume_noeviction {
        Arc::new(store.assume_noeviction())
    } else {
        Arc::new(store)
    }))
}

/// The settings are refused.
#[cfg(not(feature = "redis"))]
#[expect(clippy::unnecessary_wraps, reason = "it is in place of the other")]
fn redis(_: &Settings) -> Result<Option<Arc<dyn SessionStore>>, ConfigError> {
    Ok(None)
}
