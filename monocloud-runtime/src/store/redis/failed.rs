//! What the server's errors mean for a store. No word of a server is passed on that may repeat what it was sent.

use std::time::Duration;

use redis::{ErrorKind, RedisError};

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
    match code(error) {
        Some("NOSCRIPT") => Then::InFull,
        Some("MOVED" | "ASK" | "TRYAGAIN" | "CLUSTERDOWN") => Then::Again,
        Some("READONLY" | "MASTERDOWN" | "LOADING") => Then::Elsewhere,
        _ if error.kind() == ErrorKind::ClusterConnectionNotFound => Then::Again,
        _ if error.is_unrecoverable_error() || error.is_io_error() => Then::Reconnect,
        _ => Then::Fail,
    }
}

pub(super) fn store_error(error: &RedisError, limit: Duration) -> StoreError {
    if error.is_timeout() {
        return StoreError::Timeout(limit);
    }
    let words = words(error);
    match code(error) {
        Some("OOM") => return StoreError::Full,
        Some("READONLY" | "MISCONF" | "NOREPLICAS") => return StoreError::ReadOnly(words),
        Some("LOADING" | "CLUSTERDOWN" | "MASTERDOWN" | "MOVED" | "ASK" | "TRYAGAIN") => {
            return StoreError::unreachable(words);
        }
        _ => {}
    }
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound | ErrorKind::MasterNameNotFoundBySentinel => {
            StoreError::unreachable(words)
        }
        _ => StoreError::other(words),
    }
}

/// Before Redis 7 the code of what fails in a script stands within the words.
fn code(error: &RedisError) -> Option<&str> {
    match error.code() {
        Some("ERR") => error.detail().and_then(code_in_script),
        code => code,
    }
}

/// `Error running script (call to f_…): @user_script:1: @user_script: 1: -OOM command not allowed`
fn code_in_script(words: &str) -> Option<&str> {
    let (_, of_command) = words.split_once("@user_script: ")?;
    let (_, said) = of_command.split_once(": -")?;
    said.split(' ').next()
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use redis::{RedisError, Value, parse_redis_value};

    use super::{Then, store_error, then};
    use crate::store::StoreError;

    fn error(line: &str) -> RedisError {
        let value = parse_redis_value(format!("-{line}\r\n").as_bytes()).expect("it is an answer");
        let Value::ServerError(error) = value else {
            panic!("{value:?}");
        };
        error.into()
    }

    fn in_script(words: &str) -> RedisError {
        error(&format!(
            "ERR Error running script (call to f_a8e0): @user_script:1: @user_script: 1: {words}"
        ))
    }

    fn means(error: &RedisError) -> (Then, StoreError) {
        (then(error), store_error(error, Duration::from_secs(2)))
    }

    #[test]
    fn what_a_command_in_a_script_says_is_understood_before_redis_7_as_after() {
        let full = "OOM command not allowed when used memory > 'maxmemory'.";
        let replica = "READONLY You can't write against a read only replica.";
        let few = "NOREPLICAS Not enough good replicas to write.";
        for error in [error(full), in_script(&format!("-{full}"))] {
            assert!(matches!(means(&error), (Then::Fail, StoreError::Full)), "{error}");
        }
        for error in [error(replica), in_script(&format!("-{replica}"))] {
            let means = means(&error);
            assert!(
                matches!(means, (Then::Elsewhere, StoreError::ReadOnly(_))),
                "{means:?}"
            );
        }
        for error in [error(few), in_script(&format!("-{few}"))] {
            let means = means(&error);
            assert!(
                matches!(means, (Then::Fail, StoreError::ReadOnly(_))),
                "{means:?}"
            );
        }
    }

    #[test]
    fn whatever_else_fails_in_a_script_is_no_more_than_that() {
        for words in ["Wrong number of args", "", "-", "x: -"] {
            let means = means(&in_script(words));
            assert!(
                matches!(means, (Then::Fail, StoreError::Other(_))),
                "{words}: {means:?}"
            );
        }
    }
}
