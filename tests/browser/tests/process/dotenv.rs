//! `.env`: what is read, and that no failure to read settings shows a value.

use std::fs;

use browser::{Quickstart, Stopped, TemporaryFolder, free_port};

/// Stands in every value that must stay unseen.
const SECRET: &str = "c0ffee";

#[test]
fn what_cannot_be_read_is_named_by_file_and_line_and_not_shown() {
    let utf_16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let bad_lines: [(&str, Vec<u8>); 15] = [
        ("apostrophe", b"A_SECRET=it's-c0ffee".into()),
        ("apostrophe at the end", b"A_SECRET=c0ffee'".into()),
        ("open double quotes", b"A_SECRET=\"c0ffee".into()),
        ("double quotes in the middle", b"A_SECRET=c0\"ffee-c0ffee".into()),
        ("backslash", b"A_SECRET=c0ffee\\w".into()),
        ("backslash at the end", b"A_SECRET=c0ffee\\".into()),
        ("backslash in double quotes", b"A_SECRET=\"c0ffee\\w\"".into()),
        ("text after quotes", b"A_SECRET='c0ffee' c0ffee".into()),
        ("space", b"A_SECRET=c0ffee c0ffee".into()),
        ("open braces", b"A_SECRET=${c0ffee".into()),
        ("a secret alone", b"c0ffee-c0ffee".into()),
        ("a colon", b"A_SECRET: c0ffee".into()),
        ("a name with a hyphen", b"A-SECRET=c0ffee".into()),
        ("Latin-1", b"A_SECRET=c0ffee\xE9".into()),
        ("NUL", b"A_SECRET=c0ffee\0c0ffee".into()),
    ];
    for (what, bad_line) in bad_lines {
        for (before, line) in [("", 1), ("# a comment\n\nB=1\nC='2' # it's good\n", 5)] {
            for after in ["", "\n", "\nB_SECRET=c0ffee\n", "\r\nB_SECRET=it's-c0ffee\r\n"] {
                let content = [before.as_bytes(), &bad_line, after.as_bytes()].concat();
                refused(what, &content, line);
            }
        }
    }
    refused("UTF-16", &utf_16("A_SECRET=c0ffee\n"), 1);
    refused("UTF-16 with a mark", &utf_16("\u{feff}A_SECRET=c0ffee\n"), 1);
}

#[test]
fn a_quote_left_open_does_not_swallow_the_next_variable() {
    // The issuer would become a text with the secret in it, which the error about the issuer shows.
    let content = "MONOCLOUD_AUTH_TENANT_DOMAIN=it's.example.com\nMONOCLOUD_AUTH_CLIENT_SECRET=it's-c0ffee\n";
    refused("two apostrophes", content.as_bytes(), 1);
    let content = "MONOCLOUD_AUTH_TENANT_DOMAIN=\"it.example.com\nMONOCLOUD_AUTH_CLIENT_SECRET=\"c0ffee\n";
    refused("two open quotes", content.as_bytes(), 1);
}

#[test]
fn no_special_character_brings_a_secret_into_the_output() {
    for special in [
        "'", "\"", "\\", "$", "#", " #", "`", "{", "=", "''", "\"'", "\\'", "${", "\u{2028}",
    ] {
        for value in [
            format!("{special}c0ffee-c0ffee"),
            format!("c0ffee{special}c0ffee"),
            format!("c0ffee-c0ffee{special}"),
        ] {
            // Whether this can be read or not: the settings are incomplete, so that it ends with an error.
            let content =
                format!("MONOCLOUD_AUTH_CLIENT_SECRET={value}\nMONOCLOUD_AUTH_COOKIE_SECRET={value}\n");
            let stopped = fail(content.as_bytes());
            assert!(!stopped.printed.contains(SECRET), "{value}: {}", stopped.printed);
        }
    }
}

#[test]
fn what_is_no_file_is_named() {
    let folder = TemporaryFolder::new();
    fs::create_dir(folder.file(".env")).unwrap();
    let path = folder.file(".env").display().to_string();
    let stopped = Quickstart::fail_in(folder, &[]);
    assert!(
        !stopped.status.success() && stopped.printed.contains(&path),
        "{stopped:?}"
    );
}

#[test]
fn other_settings_that_cannot_be_read_are_not_shown() {
    for name in ["PORT", "RUST_LOG"] {
        for value in ["c0ffee=c0ffee=c0ffee", "70000-c0ffee,,=[{"] {
            let stopped = Quickstart::fail_in(TemporaryFolder::new(), &[(name, value)]);
            assert!(!stopped.status.success(), "{stopped:?}");
            assert!(
                stopped.printed.contains(name) && !stopped.printed.contains(SECRET),
                "{stopped:?}"
            );
        }
    }
}

#[test]
fn the_nearest_file_gives_what_the_environment_does_not_have() {
    let ports = [free_port(), free_port()].map(|port| port.to_string());
    let file = format!(
        "\u{feff}PORT={} # quickstart\r\nexport HOST='127.0.0.1'  ",
        ports[0]
    );
    for (variables, port) in [(&[][..], &ports[0]), (&[("PORT", &*ports[1])], &ports[1])] {
        let folder = TemporaryFolder::new();
        folder.write(".env", &file);
        let app = Quickstart::start_in(folder, variables);
        assert_eq!(app.authority(), format!("localhost:{port}"));
    }
}

#[test]
fn single_quotes_keep_what_would_be_changed() {
    let folder = TemporaryFolder::new();
    // A host that cannot be listened on is told, so that what was read can be seen.
    folder.write(".env", r"HOST='pa$word #\1'");
    let stopped = Quickstart::fail_in(folder, &[]);
    assert!(
        stopped.printed.contains(r"pa$word #\1:3000"),
        "{}",
        stopped.printed
    );
}

/// It ends with an error that names the file and the line and no value.
fn refused(what: &str, content: &[u8], line: usize) {
    let folder = TemporaryFolder::new();
    folder.write(".env", content);
    let place = format!("{}, line {line}: ", folder.file(".env").display());
    let stopped = Quickstart::fail_in(folder, &[]);
    let content = String::from_utf8_lossy(content);
    assert!(!stopped.status.success(), "{what}: {content:?}: {stopped:?}");
    assert!(
        stopped.printed.starts_with(&place),
        "{what}: {content:?}: {stopped:?}"
    );
    assert!(
        !stopped.printed.contains(SECRET),
        "{what}: {content:?}: {stopped:?}"
    );
}

fn fail(content: &[u8]) -> Stopped {
    let folder = TemporaryFolder::new();
    folder.write(".env", content);
    let stopped = Quickstart::fail_in(folder, &[]);
    assert!(!stopped.status.success(), "{stopped:?}");
    stopped
}
