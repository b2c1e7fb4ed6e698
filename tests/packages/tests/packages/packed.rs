//! What is in the packages that are published.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{cargo, published, root};

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

#[test]
fn each_has_its_licences_and_readme_and_no_tests() {
    for package in published() {
        let name = &*package.name;
        let files = packed(name);
        for needed in ["Cargo.toml", "README.md", "src/lib.rs"].iter().chain(&LICENCES) {
            assert!(files.iter().any(|file| file == needed), "{name} has no {needed}");
        }
        for file in &files {
            let top = file.split('/').next().unwrap();
            assert!(
                !["tests", "benches", "examples", "target"].contains(&top),
                "{name} has {file}"
            );
        }
    }
}

/// Whatever else the folder has is packed: what a macro such as `include_str!` reads must not stay behind.
#[test]
fn nothing_that_the_library_reads_is_left_out() {
    for package in published() {
        let files = packed(&package.name);
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        for read in ["src", "templates"].map(|name| folder.join(name)) {
            for path in files_below(&read) {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                assert!(
                    files.iter().any(|file| file == name),
                    "{} lacks {name}",
                    package.name
                );
            }
        }
    }
}

#[test]
fn the_licences_are_those_of_the_workspace() {
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    for package in published() {
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        for licence in LICENCES {
            assert_eq!(
                text(&folder.join(licence)),
                text(&root().join(licence)),
                "{licence}"
            );
        }
    }
}

#[test]
fn each_says_what_it_is_and_where_it_comes_from() {
    for package in published() {
        let name = &package.name;
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "{name}");
        assert!(
            package
                .repository
                .as_ref()
                .is_some_and(|url| url.starts_with("https://")),
            "{name}"
        );
        assert!(
            package.description.as_ref().is_some_and(|text| text.len() > 20),
            "{name}"
        );
        assert!(package.rust_version.is_some(), "{name}");
        assert!((1..=5).contains(&package.keywords.len()), "{name}");
        assert!((1..=5).contains(&package.categories.len()), "{name}");
        assert!(package.readme().is_some_and(|readme| readme.is_file()), "{name}");
    }
}

/// The rest of the workspace stays where it is.
#[test]
fn nothing_else_is_published() {
    let published: Vec<_> = published().map(|package| &package.id).collect();
    for package in crate::workspace::METADATA.workspace_packages() {
        let is_published = package
            .publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty());
        assert_eq!(is_published, published.contains(&&package.id), "{}", package.name);
    }
}

/// The README's example is a documentation test, and names nothing outside of the package.
#[test]
fn each_readme_has_an_example_that_is_compiled() {
    for package in published() {
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        let library = fs::read_to_string(folder.join("src/lib.rs")).unwrap();
        assert!(
            library.contains(r#"include_str!("../README.md")"#),
            "{}",
            package.name
        );
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.contains("```rust"), "{}", package.name);
        assert!(
            !readme.contains("](../") && !readme.contains("](examples"),
            "{}",
            package.name
        );
    }
}

fn packed(package: &str) -> Vec<String> {
    let output = cargo()
        .args([
            "package",
            "--list",
            "--allow-dirty",
            "--offline",
            "--package",
            package,
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let list = String::from_utf8(output.stdout).unwrap();
    list.lines().map(|file| file.replace('\\', "/")).collect()
}

/// All files in a folder, if there is one.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
