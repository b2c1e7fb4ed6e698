//! What the server's errors mean for a store. No word of a server is passed on that may repeat what it was sent.

use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::StoreError;

/// What may be done after an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Then {
    /// It was not carried out, and soon may be.
    Again,
    /// The same, by another connection.
    Elsewhere,
    /// The script is to be sent in full.
    InFull,
    /// Whether it was carried out is not known, and the connection is of no use.
    Reconnect,
    Fail,
}

pub(super) fn then(error: &RedisError) -> Then {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::NoScript) => Then::InFull,
        ErrorKind::Server(
            ServerErrorKind::Moved
            | ServerErrorKind::Ask
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown,
        )
        | ErrorKind::ClusterConnectionNotFound => Then::Again,
        ErrorKind::Server(
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading,
        ) => Then::Elsewhere,
        _ if error.is_unrecoverable_error() || error.is_io_error() => Then::Reconnect,
        _ => Then::Fail,
    }
}

pub(super) fn store_error(error: &RedisError, limit: Duration) -> StoreError {
    if error.is_timeout() {
        return StoreError::Timeout(limit);
    }
    let words = words(error);
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly) => StoreError::ReadOnly(words),
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask
            | ServerErrorKind::TryAgain,
        )
        | ErrorKind::Io
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel => StoreError::unreachable(words),
        _ => match error.code() {
            Some("OOM") => StoreError::Full,
            Some("MISCONF" | "NOREPLICAS") => StoreError::ReadOnly(words),
            _ => StoreError::other(words),
        },
    }
}

/// A server that does not know a command repeats its arguments.
fn words(error: &RedisError) -> String {
    let all = error.to_string();
    let end = ["with args", "args beginning", "script: "]
        .iter()
        .filter_map(|before| all.find(before))
        .min();
    let text = all[..end.unwrap_or(all.len())].trim_end_matches([' ', ',']);
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(200).collect()
}
