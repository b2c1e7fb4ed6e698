//! Licences and sources of all dependencies, by the lists of `deny.toml`.

use std::fs;

use cargo_metadata::{Package, Source};
use spdx::{Expression, ParseMode};
use toml::{Table, Value};

use crate::workspace::{METADATA, root};

#[test]
fn every_licence_is_satisfied_by_the_allowed_ones() {
    let allowed = allowed();
    let refused: Vec<String> = METADATA
        .packages
        .iter()
        .filter_map(|package| {
            let problem = judge(package.license.as_deref(), &allowed).err()?;
            Some(format!("{} {}: {problem}", package.name, package.version))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_package_is_of_the_public_registry_or_of_this_workspace() {
    let root = root();
    let is_ours = |package: &Package| package.manifest_path.canonicalize().unwrap().starts_with(&root);
    for package in &METADATA.packages {
        match &package.source {
            Some(source) => assert!(source.is_crates_io(), "{} comes from {source}", package.name),
            None => assert!(is_ours(package), "{}", package.manifest_path),
        }
    }
}

#[test]
fn deny_toml_refuses_other_sources_too() {
    let deny = deny();
    for unknown in ["unknown-registry", "unknown-git"] {
        assert_eq!(deny["sources"][unknown].as_str(), Some("deny"), "{unknown}");
    }
    for exception in ["allow-registry", "allow-git", "allow-org"] {
        assert_eq!(deny["sources"].get(exception), None, "{exception}");
    }
    assert_eq!(deny["licenses"].get("exceptions"), None);
}

#[test]
fn what_is_not_allowed_is_found() {
    let allowed = ["MIT", "Apache-2.0"].map(str::to_owned);
    for good in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "MIT/Apache-2.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
        "(GPL-2.0-only OR MIT) AND Apache-2.0",
    ] {
        assert_eq!(judge(Some(good), &allowed), Ok(()), "{good}");
    }
    for wrong in [
        None,
        Some(""),
        Some("GPL-3.0-only"),
        Some("MIT AND GPL-3.0-only"),
        Some("Apache-2.0 WITH LLVM-exception"),
        Some("as you like"),
        Some("LicenseRef-ours"),
    ] {
        assert!(judge(wrong, &allowed).is_err(), "{wrong:?}");
    }
    let elsewhere = "registry+https://registry.example.com/index";
    let git = "git+https://example.com/a.git#0123";
    for source in [elsewhere, git] {
        assert!(
            !Source {
                repr: source.to_owned()
            }
            .is_crates_io(),
            "{source}"
        );
    }
}

/// Whether the allowed licences are enough for an expression.
fn judge(licence: Option<&str>, allowed: &[String]) -> Result<(), String> {
    let licence = licence.ok_or("no licence is named")?;
    let expression = Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| format!("`{licence}` is no licence expression: {error}"))?;
    let is_allowed = |wanted: &spdx::LicenseReq| {
        let name = wanted.license.id().map(|id| id.name);
        wanted.addition.is_none() && name.is_some_and(|name| allowed.iter().any(|allowed| allowed == name))
    };
    if expression.evaluate(is_allowed) {
        Ok(())
    } else {
        Err(format!("`{licence}` is not allowed by deny.toml"))
    }
}

fn allowed() -> Vec<String> {
    let deny = deny();
    let allowed = deny["licenses"]["allow"].as_array().unwrap();
    let allowed = allowed.iter().filter_map(Value::as_str);
    allowed.map(str::to_owned).collect()
}

fn deny() -> Table {
    fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap()
}
