//! What a server does when its memory is full: what is dropped to make room must not be a session, and still less the mark
//! of one that ended.

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};

use super::connection::Connection;
use crate::store::StoreError;

const NEEDED: &str = "noeviction";

pub(super) enum Policy {
    Told(Vec<String>),
    /// Neither `CONFIG GET` nor `INFO` is allowed.
    Hidden,
}

impl Policy {
    pub(super) async fn of(connection: &mut Connection) -> Result<Self, RedisError> {
        let mut config = redis::cmd("CONFIG");
        config.arg("GET").arg("maxmemory-policy");
        match connection.ask_masters(config).await {
            Err(error) if is_not_allowed(&error) => {}
            told => {
                let told = policies(&told?);
                if !told.is_empty() {
                    return Ok(Self::Told(told));
                }
            }
        }
        let mut info = redis::cmd("INFO");
        info.arg("memory");
        Ok(match connection.ask_masters(info).await {
            Err(error) if is_not_allowed(&error) => Self::Hidden,
            told => match policies(&told?) {
                told if told.is_empty() => Self::Hidden,
                told => Self::Told(told),
            },
        })
    }

    pub(super) fn check(self, assume_noeviction: bool) -> Result<(), StoreError> {
        let unfit = match self {
            Self::Told(policies) => {
                let other = policies.into_iter().find(|policy| policy != NEEDED);
                other.map(|policy| {
                    format!(
                        "its maxmemory-policy is {policy}, so that it drops sessions and marks of those that ended; \
                         set it to {NEEDED}"
                    )
                })
            }
            Self::Hidden if assume_noeviction => None,
            Self::Hidden => Some(format!(
                "it tells its maxmemory-policy neither by CONFIG GET nor by INFO; allow one of them, or say that it is \
                 {NEEDED} (MONOCLOUD_AUTH_REDIS_ASSUME_NOEVICTION=true, RedisStore::assume_noeviction)"
            )),
        };
        unfit.map_or(Ok(()), |unfit| Err(StoreError::Unfit(unfit)))
    }
}

/// Whether the command itself is refused, or unknown.
pub(super) fn is_not_allowed(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::NoPerm) => true,
        ErrorKind::Server(ServerErrorKind::ResponseError) => {
            let text = error.to_string();
            text.contains("unknown command") || text.contains("unknown subcommand")
        }
        _ => false,
    }
}

/// Of one server or of several, by either command.
fn policies(told: &Value) -> Vec<String> {
    match told {
        Value::BulkString(text) => {
            let text = String::from_utf8_lossy(text);
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("maxmemory_policy:"));
            line.map(|policy| vec![policy.trim().to_owned()])
                .unwrap_or_default()
        }
        Value::Array(pair) => match pair.as_slice() {
            [Value::BulkString(name), Value::BulkString(policy)] if &**name == b"maxmemory-policy" => {
                vec![String::from_utf8_lossy(policy).into_owned()]
            }
            _ => Vec::new(),
        },
        // Whoever does not tell makes all of them hidden.
        Value::Map(servers) => {
            let told: Vec<Vec<String>> = servers.iter().map(|(_, told)| policies(told)).collect();
            if told.iter().any(Vec::is_empty) {
                return Vec::new();
            }
            told.concat()
        }
        _ => Vec::new(),
    }
}
