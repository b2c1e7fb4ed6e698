//! The floors of the house, as CONTRIBUTING.md lists them: a file uses its own floor and lower ones,
//! no files use each other in a circle, and only the web knows the web framework.

#![allow(clippy::unwrap_used)]

mod circles;
mod plan;
mod source;

use std::fs;
use std::path::Path;

use plan::Plan;
use source::{Crate, Source};

/// Who may name axum and tower. `testing` brings a provider of its own.
const OF_THE_WEB: [&str; 3] = ["web", "__private", "testing"];

/// A file has one subject; longer ones have two.
const MOST_LINES: usize = 350;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn plan() -> Plan {
    Plan::read(&fs::read_to_string(root().join("../CONTRIBUTING.md")).unwrap())
}

fn runtime() -> Crate {
    let runtime = Crate::read(&root().join("src"));
    assert!(runtime.files.len() > 60, "{} files", runtime.files.len());
    runtime
}

#[test]
fn the_plan_and_the_rooms_agree() {
    let (plan, runtime) = (plan(), runtime());
    let mut rooms: Vec<&str> = runtime.files.iter().map(Source::room).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let mut planned: Vec<&str> = plan.rooms().collect();
    planned.sort_unstable();
    assert_eq!(
        rooms, planned,
        "CONTRIBUTING.md lists the rooms of src, each once"
    );
}

#[test]
fn no_file_uses_an_upper_floor() {
    let violations = above(&plan(), &runtime());
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let circles = circles::circles(&runtime());
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn only_the_web_names_axum_and_tower() {
    for file in &runtime().files {
        let of_the_web = OF_THE_WEB.contains(&file.room());
        assert!(
            of_the_web || !file.names_the_framework(),
            "`{}` names the web framework",
            file.name()
        );
    }
}

#[test]
fn a_file_has_one_subject() {
    for file in &runtime().files {
        assert!(
            file.lines <= MOST_LINES,
            "`{}` has {} lines, {MOST_LINES} are enough for one subject",
            file.name(),
            file.lines
        );
    }
}

/// What names a room above its own.
fn above(plan: &Plan, krate: &Crate) -> Vec<String> {
    let mut violations = Vec::new();
    for file in &krate.files {
        let own = plan.floor(file.room());
        for path in &file.paths {
            let room = path.segments.first().map(String::as_str);
            if let Some(room) = room.filter(|room| plan.floor(room) > own) {
                violations.push(format!("`{}` uses `{room}`, which is above it", file.name()));
            }
        }
    }
    violations
}

/// The checks see what they look for.
mod of_the_checks {
    use super::{Crate, Plan, above, circles::circles};

    fn krate(files: &[(&str, &str)]) -> Crate {
        Crate::of(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned())),
        )
    }

    fn plan() -> Plan {
        Plan::read(
            "## The floors\n\n| Floor | Rooms | Purpose |\n|---|---|---|\n\
             | 0 | `error` | one |\n| 1 | `oidc`, `session/` | two |\n| 2 | `web`, `lib` | three |\n",
        )
    }

    #[test]
    fn a_path_to_an_upper_floor_is_found_however_it_is_written() {
        for text in [
            "use crate::web::Auth;",
            "fn f() { crate::web::answer() }",
            "use crate::{error::Error, web::Auth};",
            "use crate::{\n    error::{Error},\n    web,\n};",
            "use super::super::web::Auth;",
            "use super::{super::web::Auth, Metadata};",
            "mod tests { use super::super::super::web::Auth; }",
            "type T = crate :: web :: Auth;",
            "macro_rules! m { () => { $crate::web::Auth } }",
        ] {
            let krate = krate(&[("oidc/token.rs", text), ("web/mod.rs", "")]);
            assert_eq!(above(&plan(), &krate).len(), 1, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_such_a_path_is_none() {
        for text in [
            "//! `crate::web`\n/* crate::web */ const A: &str = \"crate::web axum::\";",
            "use super::{Issuer, web_of_trust}; use crate::error::Error;",
            "use super::web::of_this_room;",
            "mod tests { use super::super::web; }",
            "const A: &str = r#\"crate::web\"#; const B: char = '\"'; // crate::web",
        ] {
            let krate = krate(&[("oidc/token.rs", text), ("web/mod.rs", "")]);
            assert_eq!(above(&plan(), &krate), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_framework_is_found_where_a_path_begins_with_it() {
        let names = |text: &str| krate(&[("oidc/token.rs", text)]).files[0].names_the_framework();
        assert!(names("use axum::Router;") && names("fn f(_: ::axum::Router) {}"));
        assert!(names("use tower_layer::Layer;") && names("mod tests { use tower::ServiceExt as _; }"));
        assert!(!names("let tower_of_babel = 1; // axum::Router"));
    }

    #[test]
    fn circles_are_found_through_re_exports_and_aliases() {
        for files in [
            &[
                ("oidc/a.rs", "use super::b::B;"),
                ("oidc/b.rs", "use super::a::A;"),
                ("oidc/mod.rs", "mod a; mod b;"),
            ][..],
            &[
                ("oidc/a.rs", "use crate::oidc::B;"),
                ("oidc/b.rs", "use super::a;\nfn f() { a::g() }"),
                ("oidc/mod.rs", "mod a; mod b; pub(crate) use b::{B, C as D};"),
            ],
            &[
                ("oidc/a.rs", "use crate::session; fn f() { session::g() }"),
                ("session/b.rs", "use crate::oidc::a::A;"),
                ("session/mod.rs", "mod b; pub use b::g;"),
                ("oidc/mod.rs", "pub mod a;"),
            ],
        ] {
            assert_eq!(circles(&krate(files)).len(), 1, "{files:?}");
        }
    }

    #[test]
    fn an_index_that_lists_its_files_is_no_circle() {
        let files = [
            (
                "oidc/a.rs",
                "use super::b::B; #[cfg(test)] mod tests { use super::super::c::C; }",
            ),
            (
                "oidc/b.rs",
                "pub(in crate::oidc) struct B; macro_rules! m { ($c:ident) => { $crate::oidc::$c } }",
            ),
            ("oidc/c.rs", "use super::a::A;"),
            (
                "oidc/mod.rs",
                "mod a; mod b; mod c; pub(crate) use a::A; pub use c::C; fn f() -> b::B {}",
            ),
        ];
        assert_eq!(circles(&krate(&files)), Vec::<String>::new());
    }
}
