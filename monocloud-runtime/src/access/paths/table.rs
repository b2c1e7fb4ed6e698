//! All patterns as one structure, so that ten and a thousand cost a request the same.

use std::collections::{BTreeSet, HashMap};

use regex::{RegexSet, RegexSetBuilder};

use super::pattern::{MOST_BYTES, wrapped};
use super::readings::{Readings, segments};
use super::ways::caseless;

/// Of the automaton that a set becomes while it is used, at most, for each expression.
const AUTOMATON_BYTES: usize = 1 << 16;

/// A pattern that was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pattern<'a> {
    All,
    /// Itself and everything below.
    Path(&'a str),
    Regex(&'a str),
}

/// Whom the patterns are of is a number.
#[derive(Debug, Default)]
pub(crate) struct Table {
    everywhere: Vec<usize>,
    paths: Branch,
    regexes: Option<Regexes>,
}

/// The patterns that end at one path, and the names that go on from it.
#[derive(Debug, Default)]
struct Branch {
    here: Vec<usize>,
    below: HashMap<Box<str>, Branch>,
}

#[derive(Debug)]
struct Regexes {
    set: RegexSet,
    /// In the set's order.
    of: Vec<usize>,
}

impl Table {
    /// Fails where all regular expressions together are too large.
    pub(crate) fn new<'a>(
        patterns: impl IntoIterator<Item = (usize, Pattern<'a>)>,
    ) -> Result<Self, regex::Error> {
        let mut table = Self::default();
        let (mut regexes, mut of) = (Vec::new(), Vec::new());
        for (whose, pattern) in patterns {
            match pattern {
                Pattern::All => table.everywhere.push(whose),
                Pattern::Path(path) => table.paths.add(path, whose),
                Pattern::Regex(pattern) => {
                    regexes.push(wrapped(pattern));
                    of.push(whose);
                }
            }
        }
        if !regexes.is_empty() {
            let set = RegexSetBuilder::new(&regexes)
                .case_insensitive(true)
                .size_limit(MOST_BYTES.saturating_mul(regexes.len()))
                // With less, many expressions are tried one by one instead of in one pass.
                .dfa_size_limit(AUTOMATON_BYTES.saturating_mul(regexes.len().max(32)))
                .build()?;
            table.regexes = Some(Regexes { set, of });
        }
        Ok(table)
    }

    /// Whose patterns one of the readings is under.
    pub(crate) fn matches(&self, readings: &Readings<'_>, found: &mut BTreeSet<usize>) {
        found.extend(&self.everywhere);
        for reading in readings.iter() {
            self.paths.find(reading, found);
            if let Some(regexes) = &self.regexes {
                regexes.find(reading, found);
            }
        }
    }
}

impl Branch {
    fn add(&mut self, path: &str, whose: usize) {
        let path = caseless(path);
        let end = segments(&path).fold(self, |branch, segment| {
            branch.below.entry(segment.into()).or_default()
        });
        end.here.push(whose);
    }

    fn find(&self, reading: &str, found: &mut BTreeSet<usize>) {
        let mut branch = self;
        for segment in segments(reading) {
            if branch.below.is_empty() {
                return;
            }
            // The folded reading of what is not ASCII is among the readings.
            let below = if segment.bytes().any(|byte| byte.is_ascii_uppercase()) {
                branch.below.get(&*segment.to_ascii_lowercase())
            } else {
                branch.below.get(segment)
            };
            match below {
                Some(below) => branch = below,
                None => return,
            }
            found.extend(&branch.here);
        }
    }
}

impl Regexes {
    /// With and without a slash at the end, which some add and others take away.
    fn find(&self, reading: &str, found: &mut BTreeSet<usize>) {
        let other = match reading.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{reading}/"),
        };
        for reading in [reading, &other] {
            // Most paths are under none, and to know which is more work.
            if self.set.is_match(reading) {
                found.extend(self.set.matches(reading).into_iter().map(|at| self.of[at]));
            }
        }
    }
}
