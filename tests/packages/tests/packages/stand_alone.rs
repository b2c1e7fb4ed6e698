//! The quickstart's folder, copied elsewhere, builds with the `Cargo.toml` that the README prints.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use crate::workspace::{METADATA, cargo, root};

#[test]
fn a_copy_of_the_quickstart_builds_with_the_manifest_of_the_readme() {
    let folder = Copy::of(&root().join("examples/quickstart"));
    let runtime = root().join("monocloud-runtime");
    let manifest = manifest();
    assert!(manifest.contains(PATH), "{manifest}");
    let manifest = manifest.replace(PATH, runtime.to_str().unwrap());
    fs::write(folder.0.join("Cargo.toml"), manifest).unwrap();
    // So that nothing is fetched, and what the workspace has built serves here too.
    fs::copy(root().join("Cargo.lock"), folder.0.join("Cargo.lock")).unwrap();
    let output = cargo()
        .args([
            "check",
            "--offline",
            "--target-dir",
            METADATA.target_directory.as_str(),
        ])
        .current_dir(&folder.0)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Where the README says that this repository is.
const PATH: &str = "../monocloud/monocloud-runtime";

/// The first block of TOML that is a whole manifest.
fn manifest() -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1);
    let mut blocks = blocks.filter_map(|rest| rest.split("```").next());
    blocks
        .find(|block| block.contains("[package]"))
        .unwrap()
        .to_owned()
}

/// A folder outside of the workspace. It goes when this is dropped.
struct Copy(PathBuf);

impl Copy {
    fn of(folder: &Path) -> Self {
        let copy = Self(env::temp_dir().join(format!("quickstart-copy-{}", process::id())));
        copy_folder(folder, &copy.0);
        copy
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
