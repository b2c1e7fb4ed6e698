//! The variables of a process, read by a process of its own.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Output};

const REQUIRED: [(&str, &str); 5] = [
    ("MONOCLOUD_AUTH_TENANT_DOMAIN", "acme.example.com"),
    ("MONOCLOUD_AUTH_CLIENT_ID", "the-client"),
    ("MONOCLOUD_AUTH_CLIENT_SECRET", "the-clients-secret"),
    ("MONOCLOUD_AUTH_APP_URL", "http://localhost:3000"),
    (
        "MONOCLOUD_AUTH_COOKIE_SECRET",
        "the-cookie-secret-of-this-process-1",
    ),
];

fn with(vars: &[(&str, &OsStr)]) -> (Output, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_from_env"))
        .env_clear()
        .envs(vars.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    (output, stdout, stderr)
}

fn required() -> Vec<(&'static str, &'static OsStr)> {
    REQUIRED.map(|(name, value)| (name, OsStr::new(value))).to_vec()
}

#[test]
fn an_empty_environment_is_told_all_that_is_missing() {
    let (output, _, stderr) = with(&[]);
    assert!(!output.status.success());
    for (name, _) in REQUIRED {
        assert!(stderr.contains(name), "{name}: {stderr}");
    }
}

#[test]
fn one_that_is_missing_is_named_alone() {
    for (missing, _) in REQUIRED {
        let mut vars = required();
        vars.retain(|(name, _)| *name != missing);
        let (output, _, stderr) = with(&vars);
        assert!(!output.status.success() && stderr.contains(missing), "{stderr}");
        assert_eq!(stderr.matches("MONOCLOUD_").count(), 1, "{stderr}");
    }
}

#[test]
fn a_complete_environment_is_enough_and_shows_no_secret() {
    let (output, stdout, stderr) = with(&required());
    assert!(output.status.success(), "{stderr}");
    for part in ["https://acme.example.com", "the-client", "http://localhost:3000"] {
        assert!(stdout.contains(part), "{stdout}");
    }
    for secret in ["the-clients-secret", "the-cookie-secret"] {
        assert!(
            !stdout.contains(secret) && !stderr.contains(secret),
            "{stdout}{stderr}"
        );
    }
    assert_eq!(stderr, "", "and nothing to warn of");
}

#[test]
fn an_unknown_variable_is_a_warning_and_foreign_bytes_are_no_panic() {
    let mut vars = required();
    vars.push(("MONOCLOUD_AUTH_CALBACK_URL", OsStr::new("/back")));
    let (output, _, stderr) = with(&vars);
    assert!(output.status.success(), "{stderr}");
    assert!(
        stderr.contains("WARN") && stderr.contains("MONOCLOUD_AUTH_CALBACK_URL"),
        "{stderr}"
    );

    let mut vars = required();
    vars.push(("MONOCLOUD_AUTH_SIGNIN_URL", OsStr::from_bytes(b"/\xff\xfe")));
    let (output, _, stderr) = with(&vars);
    assert!(
        !output.status.success() && stderr.contains("MONOCLOUD_AUTH_SIGNIN_URL"),
        "{stderr}"
    );
    assert!(!stderr.contains("panicked"), "{stderr}");

    let mut vars = required();
    vars.push(("OTHER", OsStr::from_bytes(b"\xff\xfe")));
    assert!(with(&vars).0.status.success());
}
