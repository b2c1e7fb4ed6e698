//! Claims in one buffer, read in place: a run of
//!
//! | bytes | |
//! |---|---|
//! | 1 | kind, and whether userinfo gave the claim |
//! | 1 to 5 | length of the name |
//! | 1 to 5 | length of the value |
//! | … | the name, then the value |
//!
//! Text stands as it is; a list of names, or of objects with nothing but an `id` and a `name`, as a
//! run of its own, so that groups are compared as bytes; everything else as JSON, which nobody reads
//! before it is asked for. `sub` comes first.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

const TEXT: u8 = 0;
const LIST: u8 = 1;
const JSON: u8 = 2;
const FROM_USER_INFO: u8 = 0x80;

/// What an entry of a list is: a name, or an object with these members.
const BARE: u8 = 0;
const WITH_ID: u8 = 1;
const WITH_NAME: u8 = 2;
const WITH_BOTH: u8 = 3;

/// Claims, wherever in a buffer they stand.
#[derive(Clone)]
pub(crate) struct Packed {
    buffer: Arc<[u8]>,
    range: Range<usize>,
}

/// One of them.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: Packaged<'a>,
    pub(crate) from_user_info: bool,
}

/// A value, not read yet.
#[derive(Clone, Copy)]
pub(crate) enum Packaged<'a> {
    Text(&'a [u8]),
    List(&'a [u8]),
    Json(&'a [u8]),
}

/// A group: a name alone, or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group<'a> {
    Name(&'a [u8]),
    Object {
        id: Option<&'a [u8]>,
        name: Option<&'a [u8]>,
    },
}

impl Packed {
    /// What stands in this range of the buffer. What cannot be read there is not there.
    pub(crate) fn new(buffer: Arc<[u8]>, range: Range<usize>) -> Self {
        Self { buffer, range }
    }

    pub(crate) fn of(claims: Map<String, Value>) -> Self {
        let mut packer = Packer::default();
        let (sub, rest): (Vec<_>, Vec<_>) = claims.into_iter().partition(|(name, _)| name == "sub");
        for (name, value) in sub.into_iter().chain(rest) {
            packer.push(&name, &value, false);
        }
        packer.finish()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.range.clone()).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Claim<'_>> {
        let mut rest = self.bytes();
        std::iter::from_fn(move || Claim::read(&mut rest))
    }

    pub(crate) fn find(&self, name: &str) -> Option<Claim<'_>> {
        let mut rest = self.bytes();
        loop {
            let mut claim = rest;
            // As `length` has it, where both are of one byte.
            let lengths = if let [_, of_name @ ..0x80, of_value @ ..0x80, ref after @ ..] = *rest {
                rest = after;
                (usize::from(of_name), usize::from(of_value))
            } else {
                rest.split_off_first()?;
                (length(&mut rest)?, length(&mut rest)?)
            };
            let (of_name, of_value) = lengths;
            if of_name == name.len() && rest.starts_with(name.as_bytes()) {
                return Claim::read(&mut claim);
            }
            rest = rest.get(of_name.checked_add(of_value)?..)?;
        }
    }
}

impl<'a> Claim<'a> {
    fn read(rest: &mut &'a [u8]) -> Option<Self> {
        let (kind, after) = rest.split_first()?;
        *rest = after;
        let name = length(rest)?;
        let value = length(rest)?;
        let name = take(rest, name)?;
        let value = take(rest, value)?;
        Some(Self {
            name,
            value: match kind & !FROM_USER_INFO {
                TEXT => Packaged::Text(value),
                LIST => Packaged::List(value),
                JSON => Packaged::Json(value),
                _ => return None,
            },
            from_user_info: kind & FROM_USER_INFO != 0,
        })
    }
}

impl<'a> Packaged<'a> {
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text(text) if !text.is_empty())
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    pub(crate) fn to_value(self) -> Option<Value> {
        match self {
            Self::Text(_) => self.text().map(Value::from),
            Self::List(list) => groups(list).map(Group::to_value).collect(),
            Self::Json(json) => serde_json::from_slice(json).ok(),
        }
    }
}

/// The entries of a list.
pub(crate) fn groups(mut list: &[u8]) -> impl Iterator<Item = Group<'_>> {
    std::iter::from_fn(move || {
        let (kind, after) = list.split_first()?;
        list = after;
        let mut next = || {
            let length = length(&mut list)?;
            take(&mut list, length)
        };
        let (id, name) = match *kind {
            BARE => return Some(Group::Name(next()?)),
            WITH_ID => (Some(next()?), None),
            WITH_NAME => (None, Some(next()?)),
            WITH_BOTH => (Some(next()?), Some(next()?)),
            _ => return None,
        };
        Some(Group::Object { id, name })
    })
}

impl<'a> Group<'a> {
    pub(crate) fn is(self, wanted: &str) -> bool {
        let wanted = wanted.as_bytes();
        !wanted.is_empty()
            && match self {
                Self::Name(name) => name == wanted,
                Self::Object { id, name } => id == Some(wanted) || name == Some(wanted),
            }
    }

    /// The name where there is one, else the id.
    pub(crate) fn shown(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Name(name) => Some(name),
            Self::Object { id, name } => name.or(id),
        }
        .map(String::from_utf8_lossy)
    }

    fn to_value(self) -> Option<Value> {
        let text = |bytes| std::str::from_utf8(bytes).ok().map(Value::from);
        let (id, name) = match self {
            Self::Name(name) => return text(name),
            Self::Object { id, name } => (id, name),
        };
        [("id", id), ("name", name)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .map(|(name, value)| Some((name, text(value)?)))
            .collect::<Option<Map<_, _>>>()
            .map(Value::Object)
    }
}

/// Writes claims. `sub` is to be the first.
#[derive(Default)]
pub(crate) struct Packer(Vec<u8>);

impl Packer {
    pub(crate) fn push(&mut self, name: &str, value: &Value, from_user_info: bool) {
        match value {
            Value::String(text) => self.push_bytes(TEXT, name.as_bytes(), text.as_bytes(), from_user_info),
            Value::Array(entries) => match packed_list(entries) {
                Some(list) => self.push_bytes(LIST, name.as_bytes(), &list, from_user_info),
                None => self.push_json(name, value, from_user_info),
            },
            _ => self.push_json(name, value, from_user_info),
        }
    }

    /// Takes a claim over as it is packed.
    pub(crate) fn push_claim(&mut self, claim: Claim<'_>, from_user_info: bool) {
        let (kind, value) = match claim.value {
            Packaged::Text(value) => (TEXT, value),
            Packaged::List(value) => (LIST, value),
            Packaged::Json(value) => (JSON, value),
        };
        self.push_bytes(kind, claim.name, value, from_user_info);
    }

    pub(crate) fn finish(self) -> Packed {
        let range = 0..self.0.len();
        Packed::new(self.0.into(), range)
    }

    fn push_json(&mut self, name: &str, value: &Value, from_user_info: bool) {
        self.push_bytes(
            JSON,
            name.as_bytes(),
            value.to_string().as_bytes(),
            from_user_info,
        );
    }

    fn push_bytes(&mut self, kind: u8, name: &[u8], value: &[u8], from_user_info: bool) {
        self.0.push(if from_user_info {
            kind | FROM_USER_INFO
        } else {
            kind
        });
        push_length(&mut self.0, name.len());
        push_length(&mut self.0, value.len());
        self.0.extend_from_slice(name);
        self.0.extend_from_slice(value);
    }
}

/// A list of names and of objects with nothing but an `id` and a `name`.
pub(crate) fn packed_list(entries: &[Value]) -> Option<Vec<u8>> {
    let mut list = Vec::new();
    for entry in entries {
        let texts = match entry {
            Value::String(name) => {
                list.push(BARE);
                [Some(name.as_str()), None]
            }
            Value::Object(members) => {
                let id = members.get("id").map(Value::as_str);
                let name = members.get("name").map(Value::as_str);
                list.push(match (id, name, members.len()) {
                    (Some(Some(_)), None, 1) => WITH_ID,
                    (None, Some(Some(_)), 1) => WITH_NAME,
                    (Some(Some(_)), Some(Some(_)), 2) => WITH_BOTH,
                    _ => return None,
                });
                [id.flatten(), name.flatten()]
            }
            _ => return None,
        };
        for text in texts.into_iter().flatten() {
            push_length(&mut list, text.len());
            list.extend_from_slice(text.as_bytes());
        }
    }
    Some(list)
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
pub(crate) fn push_length(out: &mut Vec<u8>, mut length: usize) {
    while length > 0x7f {
        out.push(0x80 | u8::try_from(length & 0x7f).unwrap_or_default());
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap_or_default());
}

/// Reads what [`push_length`] wrote. Nearly all are of one byte.
pub(crate) fn length(rest: &mut &[u8]) -> Option<usize> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    if *first < 0x80 {
        return Some(usize::from(*first));
    }
    let mut length = usize::from(first & 0x7f);
    for shift in [7, 14, 21, 28] {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

pub(crate) fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

#[cfg(test)]
mod tests;
