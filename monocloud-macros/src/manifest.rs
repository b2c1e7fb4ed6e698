//! What a crate calls one of its dependencies.
//!
//! `auth = { package = "monocloud-runtime", … }` in `Cargo.toml` makes `::auth` the only name by
//! which an expansion can find the runtime. Without a manifest, as in builds that are not cargo's,
//! the usual name holds, and `crate = ::auth` says another.

use std::path::Path;
use std::sync::Mutex;

/// The name of `package` in the crate that is being compiled, if it has another than its own.
pub(crate) fn renamed(package: &str) -> Option<String> {
    // One process may compile many crates, an editor's does.
    static LAST: Mutex<Option<(String, Option<String>)>> = Mutex::new(None);
    let folder = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    let mut last = LAST.lock().ok()?;
    if last.as_ref().is_none_or(|(known, _)| *known != folder) {
        let name = read(Path::new(&folder), package);
        *last = Some((folder, name));
    }
    last.as_ref().and_then(|(_, name)| name.clone())
}

fn read(folder: &Path, package: &str) -> Option<String> {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let own = dependencies(&manifest);
    let is_usual = |found: &Dependency| found.name == package && found.package.is_none();
    if own.iter().any(is_usual) {
        return None;
    }
    let is_it = |found: &&Dependency| found.package.as_deref() == Some(package);
    let inherits = |name: &str| own.iter().any(|found| found.name == name && found.is_inherited);
    let name = own
        .iter()
        .find(is_it)
        .map(|found| found.name.clone())
        .or_else(|| {
            let root = workspace(folder)?;
            let all = dependencies(&root);
            let found = all.iter().filter(is_it).find(|found| inherits(&found.name))?;
            Some(found.name.clone())
        })?;
    Some(name.replace('-', "_"))
}

/// The manifest of the workspace that `folder` belongs to.
fn workspace(folder: &Path) -> Option<String> {
    folder
        .ancestors()
        .filter_map(|folder| std::fs::read_to_string(folder.join("Cargo.toml")).ok())
        .find(|manifest| manifest.lines().any(|line| line.trim().starts_with("[workspace")))
}

/// A dependency, as far as it is of interest.
#[derive(Debug, Default, PartialEq, Eq)]
struct Dependency {
    name: String,
    package: Option<String>,
    is_inherited: bool,
}

/// Reads `name = { … }`, `name.key = …` and `[dependencies.name]` of every table of dependencies. A
/// dependency is on one line or has a table: TOML's inline tables have no line breaks.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut table = String::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            table = header
                .split(']')
                .next()
                .unwrap_or_default()
                .replace(['"', '\''], "");
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let key = key.trim().replace(['"', '\''], "");
        let path = match table.rsplit_once("dependencies") {
            Some((_, "")) => key,
            Some((_, name)) if name.starts_with('.') => format!("{}.{key}", &name[1..]),
            _ => continue,
        };
        let (name, setting) = path.split_once('.').unwrap_or((&path, ""));
        let at = found.iter().position(|known| known.name == name);
        let at = at.unwrap_or_else(|| {
            found.push(Dependency {
                name: name.to_owned(),
                ..Dependency::default()
            });
            found.len() - 1
        });
        let settings = if setting.is_empty() {
            value.to_owned()
        } else {
            format!("{{ {setting} ={value}")
        };
        found[at].package = found[at].package.take().or_else(|| text_of(&settings, "package"));
        found[at].is_inherited |=
            value_of(&settings, "workspace").is_some_and(|value| value.starts_with("true"));
    }
    found
}

/// What stands after `key =` in an inline table.
fn value_of<'a>(settings: &'a str, key: &str) -> Option<&'a str> {
    settings.split(['{', ',']).find_map(|setting| {
        let (name, value) = setting.split_once('=')?;
        (name.trim() == key).then(|| value.trim())
    })
}

fn text_of(settings: &str, key: &str) -> Option<String> {
    let value = value_of(settings, key)?;
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.split(quote).nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_in(manifest: &str) -> Option<String> {
        let found = dependencies(manifest);
        let found = found
            .into_iter()
            .find(|found| found.package.as_deref() == Some("the-runtime"));
        found.map(|found| found.name)
    }

    #[test]
    fn a_renamed_dependency_is_found_in_every_form() {
        for manifest in [
            "[dependencies]\nauth = { package = \"the-runtime\", version = \"1\" }",
            "[dependencies]\naxum = \"0.8\"\nauth = { version = '1', package = 'the-runtime' } # a remark",
            "[dependencies]\nauth.version = \"1\"\nauth.package = \"the-runtime\"",
            "[dependencies.auth]\nversion = \"1\"\npackage = \"the-runtime\"",
            "[target.'cfg(unix)'.dependencies]\n\"auth\" = { package = \"the-runtime\" }",
            "[dev-dependencies.auth]\nfeatures = [\"testing\"]\npackage = \"the-runtime\"",
            "[workspace.dependencies]\nauth = { path = \"x\", package = \"the-runtime\" }",
        ] {
            assert_eq!(name_in(manifest).as_deref(), Some("auth"), "{manifest}");
        }
    }

    #[test]
    fn nothing_else_is_a_renamed_dependency() {
        for manifest in [
            "[package]\nname = \"the-runtime\"\npackage = \"the-runtime\"",
            "[dependencies]\nthe-runtime = \"1\"",
            "[dependencies]\nauth = { package = \"the-runtime-of-others\" }",
            "[dependencies]\n# auth = { package = \"the-runtime\" }",
            "[features]\nauth = [\"package = the-runtime\"]",
        ] {
            assert_eq!(name_in(manifest), None, "{manifest}");
        }
    }

    #[test]
    fn what_the_workspace_says_is_inherited() {
        let inherited = "[dependencies]\nauth = { workspace = true }\nother.workspace = true\nown = \"1\"";
        let names: Vec<String> = dependencies(inherited)
            .into_iter()
            .filter(|found| found.is_inherited)
            .map(|found| found.name)
            .collect();
        assert_eq!(names, ["auth", "other"]);
    }
}
