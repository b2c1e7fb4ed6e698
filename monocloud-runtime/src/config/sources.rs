//! Where settings come from: the builder first, then the variables.
//!
//! Empty text counts as not set, in code as in a variable. A `MONOCLOUD_*` name that nobody reads is one warning in the log.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Kind;
use super::setting::Setting;
use super::suspicious;

const PREFIX: &str = "MONOCLOUD_";

/// Read by the `testing` feature, so not unknown.
const READ_ELSEWHERE: &[&str] = &["MONOCLOUD_EMBEDDED_PROVIDER"];

/// Variables as they were given.
#[derive(Clone, Default)]
pub(crate) struct Variables {
    /// Whether there is anybody who might set a variable.
    offered: bool,
    given: BTreeMap<String, String>,
    not_utf8: Vec<String>,
}

impl Variables {
    pub(crate) fn add_process(&mut self) {
        let mut vars = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => vars.push((name, value)),
                Err(_) if name.starts_with(PREFIX) => self.not_utf8.push(name),
                Err(_) => {}
            }
        }
        self.add(vars);
    }

    pub(crate) fn add<N: Into<String>, V: Into<String>>(&mut self, vars: impl IntoIterator<Item = (N, V)>) {
        self.offered = true;
        let vars = vars.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.given
            .extend(vars.filter(|(name, _): &(String, _)| name.starts_with(PREFIX)));
    }
}

/// Both sources while they are read, and what is found out about them.
pub(super) struct Sources {
    variables: Variables,
    /// Methods that were called.
    in_code: BTreeSet<&'static str>,
    /// Methods whose variable could not be read.
    failed: BTreeSet<&'static str>,
    pub(super) problems: Vec<String>,
}

impl Sources {
    pub(super) fn new(mut variables: Variables) -> Self {
        let problems = std::mem::take(&mut variables.not_utf8)
            .into_iter()
            .map(|name| format!("{name}: not UTF-8; write plain text"))
            .collect();
        Self {
            variables,
            in_code: BTreeSet::new(),
            failed: BTreeSet::new(),
            problems,
        }
    }

    /// Fills what the builder left open. A variable beside it is not even read.
    pub(super) fn fill<K: Kind>(&mut self, setting: &Setting, slot: &mut Option<K::Value>) {
        *slot = slot.take().filter(|value| !K::is_empty(value));
        if slot.is_some() {
            self.in_code.insert(setting.method);
        }
        for variable in setting.variables {
            let Some(value) = self.variables.given.remove(*variable) else {
                continue;
            };
            let value = value.trim();
            if slot.is_some() || value.is_empty() {
                continue;
            }
            match suspicious::quoted(value).and_then(|()| K::read(value)) {
                Ok(value) => *slot = Some(value),
                Err(problem) => {
                    self.problems.push(format!("{variable}: {problem}"));
                    self.failed.insert(setting.method);
                }
            }
        }
    }

    /// A variable, where that is what is to be changed; else the method, and the variable beside it.
    pub(super) fn name(&self, setting: &Setting) -> String {
        match setting.variables.first() {
            None => setting.method.to_owned(),
            Some(variable) if self.variables.offered && !self.in_code.contains(setting.method) => {
                (*variable).to_owned()
            }
            Some(variable) => format!("{} ({variable})", setting.method),
        }
    }

    pub(super) fn has_failed(&self, setting: &Setting) -> bool {
        self.failed.contains(setting.method)
    }

    pub(super) fn warn_of_unknown(&self) {
        let unknown: Vec<&str> = self
            .variables
            .given
            .keys()
            .map(String::as_str)
            .filter(|name| !READ_ELSEWHERE.contains(name))
            .collect();
        if !unknown.is_empty() {
            tracing::warn!(
                name: "monocloud.config.unknown_variables",
                variables = unknown.join(", "),
                "these variables are not known to this version and have no effect"
            );
        }
    }
}
