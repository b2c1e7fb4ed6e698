//! All that a path may mean to those who answer the request.
//!
//! Routers, file servers, proxies and file systems disagree about escapes, dots, slashes, backslashes, parameters, case
//! and the end of a name, and nobody knows which of them stand behind a layer, nor in which order. So every path that
//! they can come to is collected, and a pattern that any one of them is under applies. What has no end, or no reading
//! that all agree on, is not read.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::short_names::has_short_name;
use super::ways::{WAYS, caseless};

/// How often escapes may be escaped again.
const ROUNDS: usize = 3;

/// Of readings: a path of people has one or two.
const MOST: usize = 64;

/// Of a path that has more than plain characters, in bytes.
const LONGEST: usize = 4_096;

/// The readings of one path.
#[derive(Debug)]
pub(crate) struct Readings<'a> {
    sent: Cow<'a, str>,
    others: Vec<String>,
}

/// Why a path is not read: whatever stands behind might make anything of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("escapes are escaped more than {ROUNDS} times")]
    Rounds,
    #[error("an escape is none of RFC 3986")]
    Escape,
    #[error("its escapes are no UTF-8")]
    Utf8,
    #[error("there is a control character in it")]
    Control,
    #[error("there are more than {MOST} ways to read it")]
    Ambiguous,
    #[error("it has more than {LONGEST} bytes, and not only plain characters")]
    Long,
    #[error("a name in it may be the short one of another, as `PROGRA~1` is on Windows")]
    ShortName,
}

impl<'a> Readings<'a> {
    pub(crate) fn of(path: &'a str) -> Result<Self, Unreadable> {
        let readings = Self::collect(path)?;
        if cfg!(windows) && readings.iter().any(has_short_name) {
            return Err(Unreadable::ShortName);
        }
        Ok(readings)
    }

    fn collect(path: &'a str) -> Result<Self, Unreadable> {
        if is_plain(path) {
            return Ok(Self {
                sent: Cow::Borrowed(path),
                others: Vec::new(),
            });
        }
        if path.len() > LONGEST {
            return Err(Unreadable::Long);
        }
        // `OPTIONS *` and CONNECT have none.
        let sent = if path.starts_with('/') {
            Cow::Borrowed(path)
        } else {
            Cow::Owned(format!("/{path}"))
        };
        has_an_end(&sent)?;
        let mut readings = Self {
            sent,
            others: Vec::new(),
        };
        let mut at = 0;
        while let Some(reading) = readings.at(at) {
            let decoded = decoded(reading)?;
            let further: Vec<String> = WAYS
                .iter()
                .filter_map(|read| read(reading))
                .chain(decoded)
                .collect();
            for reading in further {
                readings.add(reading)?;
            }
            at += 1;
        }
        Ok(readings)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.sent).chain(self.others.iter().map(String::as_str))
    }

    /// Whether one of them is `path`, or stands below it.
    pub(crate) fn are_below(&self, path: &str) -> bool {
        let path = caseless(path);
        self.iter().any(|reading| is_below(reading, &path))
    }

    /// Whether each of them is.
    pub(crate) fn are_all_below(&self, path: &str) -> bool {
        let path = caseless(path);
        self.iter().all(|reading| is_below(reading, &path))
    }

    fn at(&self, at: usize) -> Option<&str> {
        match at.checked_sub(1) {
            None => Some(&self.sent),
            Some(at) => self.others.get(at).map(String::as_str),
        }
    }

    fn add(&mut self, reading: String) -> Result<(), Unreadable> {
        if reading.chars().any(char::is_control) {
            return Err(Unreadable::Control);
        }
        if self.iter().any(|known| known == reading) {
            return Ok(());
        }
        if self.others.len() + 1 == MOST {
            return Err(Unreadable::Ambiguous);
        }
        self.others.push(reading);
        Ok(())
    }
}

/// The names in a path; slashes that follow each other are one.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// Whether there is one way to read it, case apart.
fn is_plain(path: &str) -> bool {
    let mut before = 0;
    let is_plain = path.bytes().all(|byte| {
        let is_plain = match byte {
            // No empty segment, and none that ends with a dot.
            b'/' => !matches!(before, b'/' | b'.'),
            b'.' => before != b'/',
            _ => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~'),
        };
        before = byte;
        is_plain
    });
    is_plain && path.starts_with('/') && before != b'.'
}

/// One round; nothing, where there is no escape.
fn decoded(path: &str) -> Result<Option<String>, Unreadable> {
    if !path.contains('%') {
        return Ok(None);
    }
    let decoded = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| Unreadable::Utf8)?;
    Ok((decoded != path).then(|| decoded.into_owned()))
}

/// Whether it means something in the end, whatever anybody reads in between.
fn has_an_end(path: &str) -> Result<(), Unreadable> {
    let mut path = Cow::Borrowed(path);
    for round in 0.. {
        if has_wide_escape(&path) {
            return Err(Unreadable::Escape);
        }
        match decoded(&path)? {
            None => break,
            Some(_) if round == ROUNDS => return Err(Unreadable::Rounds),
            Some(further) => path = Cow::Owned(further),
        }
    }
    if path.chars().any(char::is_control) {
        return Err(Unreadable::Control);
    }
    Ok(())
}

/// `%u0061`, which some read as `a`, and others as it stands.
fn has_wide_escape(path: &str) -> bool {
    path.as_bytes().windows(6).any(|escape| {
        escape[0] == b'%' && matches!(escape[1], b'u' | b'U') && escape[2..].iter().all(u8::is_ascii_hexdigit)
    })
}

fn is_below(reading: &str, path: &str) -> bool {
    let mut found = segments(reading);
    segments(path).all(|expected| {
        found
            .next()
            .is_some_and(|segment| segment.eq_ignore_ascii_case(expected))
    })
}
