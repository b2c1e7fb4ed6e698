//! What cargo says of the workspace.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};

/// The crates that are published.
pub(crate) const PUBLISHED: [&str; 2] = ["monocloud-macros", "monocloud-runtime"];

/// All packages of the lock file, for every platform and with every feature.
pub(crate) static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned()])
        .exec()
        .unwrap()
});

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub(crate) fn published() -> impl Iterator<Item = &'static Package> {
    let packages = METADATA.workspace_packages();
    PUBLISHED.into_iter().map(move |name| {
        let package = packages.iter().find(|package| *package.name == name);
        *package.unwrap_or_else(|| panic!("no package {name}"))
    })
}

/// The cargo that runs this test.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}
