//! What is wrong with entries, all at once.

use std::collections::BTreeSet;

use super::pattern::{Kind, Pattern};
use super::route::ProtectedRoute;
use crate::access::paths::{check_path, check_regex};
use crate::client::MonoCloud;

/// One sentence for each mistake: what is wrong, and what to write.
pub(super) fn problems(client: &MonoCloud, routes: &[ProtectedRoute]) -> Vec<String> {
    let mut problems: Vec<String> = Vec::new();
    let mut without_patterns = 0;
    for route in routes {
        let Some(first) = route.patterns.first() else {
            without_patterns += 1;
            continue;
        };
        let mut seen = BTreeSet::new();
        for pattern in &route.patterns {
            let name = written(pattern);
            if !matches!(pattern.0, Kind::Predicate(_)) && !seen.insert(name.clone()) {
                problems.push(format!("{name}: it stands twice in one entry; leave one out"));
            } else if let Err(problem) = check(client, pattern) {
                problems.push(format!("{name}: {problem}"));
            }
        }
        let of_options = route.protect.problems(client);
        problems.extend(
            of_options
                .into_iter()
                .map(|problem| format!("{}: {problem}", written(first))),
        );
    }
    if without_patterns > 0 {
        problems.push(
            "`at([])`: an entry without a path protects nothing; name its paths, or leave it out".to_owned(),
        );
    }
    problems
        .into_iter()
        .map(|problem| format!("protected_routes: {problem}"))
        .collect()
}

/// As it stands in code.
fn written(pattern: &Pattern) -> String {
    match &pattern.0 {
        Kind::Path(path) => format!("\"{path}\""),
        Kind::Regex(pattern) => format!("regex(\"{pattern}\")"),
        Kind::All | Kind::Predicate(_) => pattern.to_string(),
    }
}

fn check(client: &MonoCloud, pattern: &Pattern) -> Result<(), String> {
    match &pattern.0 {
        Kind::All | Kind::Predicate(_) => Ok(()),
        Kind::Regex(pattern) => check_regex(pattern),
        Kind::Path(path) if client.is_own_route(path) || client.is_own_route(path.trim_end_matches('/')) => Err(
            "it is a route of the library's own, which everybody reaches; leave it out, or name paths of your own"
                .to_owned(),
        ),
        Kind::Path(path) => check_path(path),
    }
}
