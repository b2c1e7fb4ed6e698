//! What rules are made of, and what collects their findings.

use std::borrow::Borrow;
use std::fmt::Display;
use std::time::Duration;

use super::kind::Kind;
use super::setting::Setting;
use super::sources::Sources;

/// Collects what the rules find.
pub(super) struct Check {
    sources: Sources,
    warnings: Vec<String>,
}

impl Check {
    pub(super) fn new(sources: Sources) -> Self {
        Self {
            sources,
            warnings: Vec::new(),
        }
    }

    /// Asks one rule. A variable that could not be read is a problem already.
    pub(super) fn rule<K: Kind, T>(
        &mut self,
        setting: &Setting,
        value: Option<K::Value>,
        rule: impl FnOnce(Option<K::Value>) -> Result<T, String>,
    ) -> Option<T> {
        if self.sources.has_failed(setting) {
            return None;
        }
        let inspected = value.as_ref().map_or(Ok(()), K::inspect);
        if let Some(doubt) = value.as_ref().and_then(K::doubt) {
            self.warning(setting, doubt);
        }
        match inspected.and_then(|()| rule(value)) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problem(setting, problem);
                None
            }
        }
    }

    pub(super) fn problem(&mut self, setting: &Setting, problem: impl Display) {
        let name = self.sources.name(setting);
        self.sources.problems.push(format!("{name}: {problem}"));
    }

    /// For what can be meant.
    pub(super) fn warning(&mut self, setting: &Setting, warning: impl Display) {
        let name = self.sources.name(setting);
        self.warnings.push(format!("{name}: {warning}"));
    }

    /// For what has one word.
    pub(super) fn warn_of_space(&mut self, setting: &Setting, value: &str) {
        if value.contains(' ') {
            self.warning(
                setting,
                "a space is part of the value; is a comment or a second value behind it?",
            );
        }
    }

    /// Says what there is to warn of, and returns the problems.
    pub(super) fn finish(self) -> Vec<String> {
        self.sources.warn_of_unknown();
        for warning in self.warnings {
            tracing::warn!(name: "monocloud.config.warning", "{warning}");
        }
        self.sources.problems
    }
}

/// `write` says what to write where nothing is.
pub(super) fn required<V: Borrow<B>, B: ?Sized, T>(
    write: &'static str,
    parse: impl FnOnce(&B) -> Result<T, String>,
) -> impl FnOnce(Option<V>) -> Result<T, String> {
    move |value| match value {
        Some(value) => parse(value.borrow()),
        None => Err(format!("missing; write {write}")),
    }
}

/// With a default.
pub(super) fn or<V: Borrow<B>, B: ?Sized, T>(
    default: V,
    parse: impl FnOnce(&B) -> Result<T, String>,
) -> impl FnOnce(Option<V>) -> Result<T, String> {
    move |value| parse(value.unwrap_or(default).borrow())
}

/// Any value of the kind, and a default.
pub(super) fn any_or<T>(default: T) -> impl FnOnce(Option<T>) -> Result<T, String> {
    move |value| Ok(value.unwrap_or(default))
}

pub(super) fn optional<V: Borrow<B>, B: ?Sized, T>(
    parse: impl FnOnce(&B) -> Result<T, String>,
) -> impl FnOnce(Option<V>) -> Result<Option<T>, String> {
    move |value| value.map(|value| parse(value.borrow())).transpose()
}

/// Any value of the kind, or none.
#[expect(clippy::unnecessary_wraps, reason = "it is a rule")]
pub(super) fn any<T>(value: Option<T>) -> Result<Option<T>, String> {
    Ok(value)
}

/// A list, every member of which is parsed; all that is wrong is said.
pub(super) fn each<T>(
    parse: impl Fn(&str) -> Result<T, String>,
) -> impl FnOnce(Option<Vec<String>>) -> Result<Vec<T>, String> {
    move |values| {
        let mut problems = Vec::new();
        let parsed = values
            .into_iter()
            .flatten()
            .filter_map(|value| parse(&value).map_err(|problem| problems.push(problem)).ok())
            .collect();
        if problems.is_empty() {
            Ok(parsed)
        } else {
            Err(problems.join("; "))
        }
    }
}

/// Whole seconds within bounds.
pub(super) fn seconds(
    least: i64,
    most: i64,
    write: &'static str,
) -> impl FnOnce(&Duration) -> Result<i64, String> {
    move |value| {
        let value = i64::try_from(value.as_secs()).unwrap_or(i64::MAX);
        within(value, least, most, "seconds", write)
    }
}

/// A number within bounds. `unit` is what it counts, `write` an example.
pub(super) fn between<N: PartialOrd + Display + Copy>(
    least: N,
    most: N,
    unit: &'static str,
    write: &'static str,
) -> impl FnOnce(&N) -> Result<N, String> {
    move |value| within(*value, least, most, unit, write)
}

pub(super) fn within<N: PartialOrd + Display + Copy>(
    value: N,
    least: N,
    most: N,
    unit: &str,
    write: &str,
) -> Result<N, String> {
    if least <= value && value <= most {
        return Ok(value);
    }
    Err(format!(
        "it is none of {least} to {most} {unit}; write for example {write}"
    ))
}
