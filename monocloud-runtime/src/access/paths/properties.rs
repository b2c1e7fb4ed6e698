//! What holds whatever a path looks like.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use url::Url;

use super::short_names::has_short_name;
use super::{Pattern, Readings, Table};

/// Whether the path is kept from whoever may not see what is at and below `entry`.
fn is_kept(entry: &str, path: &str) -> bool {
    let table = Table::new([(0, Pattern::Path(entry))]).expect("no expression");
    let Ok(readings) = Readings::of(path) else {
        return true;
    };
    let mut found = BTreeSet::new();
    table.matches(&readings, &mut found);
    !found.is_empty()
}

/// Whether it stands there to the letter.
fn is_below(path: &str, entry: &str) -> bool {
    path.strip_prefix(entry)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// One letter, in one of the ways to write it.
fn letter() -> impl Strategy<Value = (char, String)> {
    let plain = prop::char::range('a', 'm');
    (plain, 0..9_u8).prop_map(|(letter, way)| {
        let code = u32::from(letter);
        let wide = char::from_u32(code - 0x20 + 0xff00).expect("full width");
        let written = match way {
            0 => letter.to_ascii_uppercase().to_string(),
            1 => format!("%{code:02x}"),
            2 => format!("%{code:02X}"),
            3 => format!("%25{code:02x}"),
            4 => format!("%2525{code:02x}"),
            5 => wide.to_string(),
            _ => letter.to_string(),
        };
        (letter, written)
    })
}

fn name() -> impl Strategy<Value = (String, String)> {
    let end = prop::sample::select(&[
        "", "", "", "", ".", "%20", ";v=1", "%3bv", "%2e", "::$DATA", ". .",
    ]);
    (prop::collection::vec(letter(), 1..4), end).prop_map(|(letters, end)| {
        let (plain, written): (String, Vec<String>) = letters.into_iter().unzip();
        (plain, written.concat() + end)
    })
}

fn separator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "/",
            "/",
            "/",
            "//",
            "/./",
            "/%2e/",
            "\\",
            "%2f",
            "%252F",
            "%5c",
            "/x/../",
            "/x/%2e%2e/",
            "/x/..;y/",
            "/x%2f%2e%2e%2f",
            "/;z/",
            "/.;z/",
            "%ef%bc%8f",
            "/x/..%5c",
        ][..],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn however_a_protected_path_is_written_it_is_protected(
        names in prop::collection::vec((separator(), name()), 1..4),
        protected in 1..4_usize,
        query in prop::sample::select(&["", "", "%3fx", "%23x", "/"][..]),
    ) {
        let (mut entry, mut path) = (String::new(), String::new());
        for (at, (separator, (plain, written))) in names.iter().enumerate() {
            if at < protected {
                entry.extend(["/", plain]);
            }
            path.extend([*separator, written]);
        }
        path.push_str(query);
        prop_assert!(is_kept(&entry, &path), "{} is not kept by {}", path, entry);
    }

    #[test]
    fn what_a_browser_or_a_file_server_makes_of_a_path_is_protected(
        path in "/([ab./\\\\;]|%2[eEfF]|%5[cC]|%6[12]|%25|%20|%3b){0,14}",
    ) {
        let parsed = Url::parse(&format!("http://app.example.com{path}"));
        let of_browser = parsed.ok().map(|url| url.path().to_owned());
        let decoded = percent_decode_str(&path).decode_utf8_lossy();
        let of_files: Vec<&str> = decoded.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
        let of_files = format!("/{}", of_files.join("/"));
        for entry in ["/a", "/b", "/a/b", "/b/a/b"] {
            for read in of_browser.iter().chain([&of_files]) {
                if is_below(read, entry) {
                    prop_assert!(is_kept(entry, &path), "{} reads {}", path, read);
                }
            }
        }
    }

    #[test]
    fn a_reading_has_no_reading_that_the_path_has_not(
        path in "/([aB./\\\\;?:$ ]|%2[eEfF5]|%5[cC]|%6[1b]|%c3%84|\u{ff0f}|K){0,14}",
    ) {
        if let Ok(readings) = Readings::of(&path) {
            let all: BTreeSet<&str> = readings.iter().collect();
            for reading in &all {
                let of_reading = Readings::of(reading).expect("it is read within the other");
                prop_assert!(of_reading.iter().all(|further| all.contains(further)), "{path}: {reading}");
            }
        }
    }

    #[test]
    fn other_names_are_let_alone(path in "(/[n-z0-9_~-]{1,8}(\\.[n-z]{2,4})?){1,5}/?") {
        prop_assume!(!cfg!(windows) || !has_short_name(&path));
        let readings = Readings::of(&path).expect("plain");
        prop_assert_eq!(readings.iter().count(), 1);
        for entry in ["/a", "/m/n", "/admin"] {
            prop_assert!(!is_kept(entry, &path));
        }
    }

    #[test]
    fn no_path_takes_long_or_panics(path in prop_oneof![any::<String>(), "[/.%25e;\\\\?#: $uU0-9cC]{0,200}"]) {
        is_kept("/admin", &path);
    }
}
