//! The report as text.

use std::fmt::{Debug, Display, Formatter, Result};

use super::collect::AccessReport;
use super::entry::{Entry, Guard, Policy};
use super::handlers::GuardKind;

/// A line for each entry, in columns: method, path, handler, where that stands, and the guard as it is written.
impl Display for AccessReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let rows: Vec<[String; COLUMNS]> = self.entries().iter().map(row).collect();
        let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
            let lengths = rows.iter().map(|row| row[column].chars().count());
            lengths.max().unwrap_or_default()
        });
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
                let padding = width - cell.chars().count() + 2;
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', padding));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

const COLUMNS: usize = 5;

fn row(entry: &Entry) -> [String; COLUMNS] {
    let place = match (entry.module, entry.line) {
        (Some(module), Some(line)) => format!("{module}:{line}"),
        _ => String::new(),
    };
    let unused = match entry.has_matched {
        Some(false) => ", no request yet",
        _ => "",
    };
    [
        entry.method.unwrap_or("-").to_owned(),
        entry.path.clone().unwrap_or_else(|| "-".to_owned()),
        entry.handler.clone().unwrap_or_else(|| "-".to_owned()),
        place,
        guard(entry) + unused,
    ]
}

/// `#[protect(groups = ["admin"])]`
fn guard(entry: &Entry) -> String {
    let (name, kind) = match entry.guard {
        Guard::Public => return "public".to_owned(),
        Guard::ProtectedRoutes => ("protected_routes", None),
        Guard::ProtectedApiRoutes => ("protected_routes", Some("api".to_owned())),
        Guard::Page => ("#[protect", None),
        Guard::Api => ("#[protect_api", None),
    };
    let end = if name.starts_with('#') { "]" } else { "" };
    let policy = entry.policy.iter();
    let said = kind
        .into_iter()
        .chain(policy.flat_map(|policy| options(policy, entry.answers())))
        .collect::<Vec<_>>()
        .join(", ");
    if said.is_empty() {
        format!("{name}{end}")
    } else {
        format!("{name}({said}){end}")
    }
}

/// Those that are not as they are where nothing is said.
fn options(policy: &Policy, kind: GuardKind) -> Vec<String> {
    let Policy {
        groups,
        match_all,
        groups_claim,
        scopes,
        accept,
        max_age,
        acr_values,
        csrf,
        return_url,
        on_access_denied,
        on_group_access_denied,
        check,
    } = policy;
    let usual = match kind {
        GuardKind::Page => "session",
        GuardKind::Api => "any",
    };
    let list = |list: &Vec<String>| (!list.is_empty()).then(|| format!("{list:?}"));
    let quoted = |text: &Option<String>| text.as_ref().map(|text| format!("{text:?}"));
    [
        ("groups", list(groups)),
        ("match_all", shown(match_all.as_ref())),
        ("groups_claim", quoted(groups_claim)),
        ("scopes", list(scopes)),
        ("accept", (*accept != usual).then(|| format!("{accept:?}"))),
        ("max_age", shown(max_age.as_ref())),
        ("acr_values", list(acr_values)),
        ("csrf", (!csrf).then(|| "false".to_owned())),
        ("return_url", quoted(return_url)),
        ("on_access_denied", on_access_denied.clone()),
        ("on_group_access_denied", on_group_access_denied.clone()),
        ("check", check.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name} = {}", value?)))
    .collect()
}

fn shown(value: Option<&impl Debug>) -> Option<String> {
    value.map(|value| format!("{value:?}"))
}
