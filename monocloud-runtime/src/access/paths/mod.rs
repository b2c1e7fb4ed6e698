//! Which of many patterns a request's path is under, however the path is written.

mod pattern;
mod readings;
mod short_names;
mod table;
mod ways;

pub(crate) use pattern::{check_path, check_regex};
pub(crate) use readings::{Readings, Unreadable};
pub(crate) use table::{Pattern, Table};

#[cfg(test)]
mod properties;
