//! Numbers have bounds, so that a wrong unit is seen at start.

use crate::fixtures::{logged, settings};
use crate::settings_problems::{assert_accepted, assert_refused};

#[test]
fn a_timeout_in_seconds_is_seen() {
    for value in ["0", "1", "10", "30", "60", "99", "600001"] {
        assert_refused("AUTH_RESPONSE_TIMEOUT", value, "milliseconds");
        assert_refused("AUTH_RESPONSE_TIMEOUT", value, "write for example 10000");
    }
    for value in ["100", "10000", "600000"] {
        assert_accepted("AUTH_RESPONSE_TIMEOUT", value);
    }
}

#[test]
fn every_number_has_bounds() {
    for (name, least, most, outside) in [
        ("CLOCK_SKEW", "-86400", "86400", ["-86401", "86401"]),
        ("CLOCK_TOLERANCE", "0", "86400", ["86401", "60000000"]),
        ("SESSION_DURATION", "60", "34560000", ["59", "86400000"]),
        ("SESSION_MAX_DURATION", "60", "34560000", ["7", "604800000"]),
        ("STATE_DURATION", "300", "86400", ["299", "900000"]),
        ("STATE_MAX_CONCURRENT", "1", "20", ["0", "21"]),
        ("JWKS_CACHE_DURATION", "0", "86400", ["86401", "300000"]),
        ("METADATA_CACHE_DURATION", "0", "86400", ["86401", "300000"]),
        ("COOKIE_LIMIT", "7168", "1048576", ["100", "1048577"]),
        ("COOKIE_BUDGET", "1024", "15360", ["7", "1048577"]),
        ("MAX_AGE", "0", "34560000", ["34560001", "3600000000"]),
    ] {
        let name = format!("AUTH_{name}");
        for value in [least, most] {
            assert_accepted(&name, value);
        }
        for value in outside {
            assert_refused(&name, value, "write for example");
        }
    }
    assert_refused("AUTH_COOKIE_BUDGET", "20000", "MONOCLOUD_AUTH_COOKIE_LIMIT");
}

#[tokio::test]
async fn a_session_of_months_is_one_warning() {
    let vars = [("MONOCLOUD_AUTH_SESSION_DURATION", "3600000")];
    let (client, log) = logged(async { settings().with_vars(vars).build() }).await;
    assert!(client.is_ok());
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!(
        warnings.len() == 1
            && warnings[0].contains("MONOCLOUD_AUTH_SESSION_DURATION")
            && warnings[0].contains("41 days"),
        "{log}"
    );
}
