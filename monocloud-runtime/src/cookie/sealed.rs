//! The envelope: version, number of chunks, then what [`KeyRing::seal`] makes; all in base64url.

use std::borrow::Cow;

use base64_simd::URL_SAFE_NO_PAD;
use http::HeaderValue;

use super::{Sent, chunk_name};
use crate::config::CookieAttributes;
use crate::crypto::{KeyRing, OVERHEAD, Purpose};

const VERSION: u8 = 1;
const HEAD: usize = 2;

/// More than any session that is not refused.
pub(super) const MAX_CHUNKS: usize = 32;

/// Where a sibling domain planted chunks of the same name, as many combinations are tried.
const MAX_TRIES: usize = 16;

/// A sealed value, split.
pub(crate) struct Chunked {
    chunks: Vec<(String, String)>,
}

impl Chunked {
    /// The bytes that it takes in a request's `Cookie` header.
    pub(crate) fn header_bytes(&self) -> usize {
        self.chunks
            .iter()
            .map(|(name, value)| name.len() + 1 + value.len() + 2)
            .sum()
    }

    pub(crate) fn len(&self) -> usize {
        self.chunks.len()
    }

    /// The `Set-Cookie` values; `max_age` in seconds.
    pub(crate) fn set(
        &self,
        attributes: &CookieAttributes,
        max_age: i64,
    ) -> impl Iterator<Item = HeaderValue> {
        self.chunks
            .iter()
            .map(move |(name, value)| attributes.set(name, value, max_age))
    }

    /// `name=value; name.1=value`, as a request carries it.
    #[cfg(feature = "testing")]
    pub(crate) fn request_header(&self) -> String {
        let pairs: Vec<String> = self
            .chunks
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}

/// Seals `plaintext` under the cookie `name`. `None` when it is too large for any browser.
pub(crate) fn seal(
    keys: &KeyRing,
    purpose: Purpose,
    attributes: &CookieAttributes,
    name: &str,
    plaintext: &[u8],
) -> Option<Chunked> {
    let room = attributes.room(&chunk_name(name, MAX_CHUNKS));
    let encoded_len = (HEAD + OVERHEAD + plaintext.len()).div_ceil(3) * 4;
    let chunks = encoded_len.div_ceil(room.max(1));
    if chunks > MAX_CHUNKS {
        return None;
    }
    let head = [VERSION, u8::try_from(chunks).ok()?];
    let mut envelope = Vec::with_capacity(HEAD + OVERHEAD + plaintext.len());
    envelope.extend_from_slice(&head);
    keys.seal(purpose, &[name.as_bytes(), &head], plaintext, &mut envelope);
    let encoded = URL_SAFE_NO_PAD.encode_to_string(envelope);
    // The number of chunks was computed from a length with padding; spread evenly so that it holds.
    let step = encoded.len().div_ceil(chunks);
    let chunks = encoded
        .as_bytes()
        .chunks(step)
        .enumerate()
        .map(|(index, part)| {
            (
                chunk_name(name, index),
                String::from_utf8_lossy(part).into_owned(),
            )
        })
        .collect();
    Some(Chunked { chunks })
}

/// Opens the values that were sent under `name` until `accept` takes one.
///
/// A sibling domain may have planted some, old ones of ours among them; what is tried is bounded,
/// since anybody can send anything.
pub(crate) fn open<T>(
    keys: &KeyRing,
    purpose: Purpose,
    name: &str,
    sent: &Sent<'_>,
    mut accept: impl FnMut(&[u8]) -> Option<T>,
) -> Option<T> {
    let chunks = sent.chunks(MAX_CHUNKS, MAX_TRIES);
    let mut tries = MAX_TRIES;
    for first in chunks.first()? {
        let Some(further) = chunk_count(first).and_then(|count| chunks.get(1..count)) else {
            continue;
        };
        let combinations = further.iter().map(Vec::len).fold(1, usize::saturating_mul);
        for number in 0..combinations.min(tries) {
            tries -= 1;
            let opened = open_value(keys, purpose, name, &combination(first, further, number));
            let accepted = opened.and_then(|plaintext| accept(&plaintext));
            if accepted.is_some() {
                return accepted;
            }
        }
    }
    None
}

/// How many chunks there should be. Only what opens proves it.
fn chunk_count(first: &[u8]) -> Option<usize> {
    let head = URL_SAFE_NO_PAD.decode_to_vec(first.get(..4)?).ok()?;
    let chunks = usize::from(*head.get(1)?);
    (head[0] == VERSION && (1..=MAX_CHUNKS).contains(&chunks)).then_some(chunks)
}

/// The whole value, with the `number`th choice among what was sent for the further chunks.
fn combination<'a>(first: &'a [u8], further: &[Vec<&'a [u8]>], mut number: usize) -> Cow<'a, [u8]> {
    if further.is_empty() {
        return Cow::Borrowed(first);
    }
    let mut joined = first.to_vec();
    for candidates in further {
        joined.extend_from_slice(candidates[number % candidates.len()]);
        number /= candidates.len();
    }
    Cow::Owned(joined)
}

/// Opens one whole encoded value.
pub(crate) fn open_value(keys: &KeyRing, purpose: Purpose, name: &str, value: &[u8]) -> Option<Vec<u8>> {
    let mut envelope = URL_SAFE_NO_PAD.decode_to_vec(value).ok()?;
    let (head, sealed) = envelope.split_first_chunk_mut::<HEAD>()?;
    if head[0] != VERSION {
        return None;
    }
    let length = keys.open(purpose, &[name.as_bytes(), head], sealed)?.len();
    let start = HEAD + OVERHEAD - 16;
    envelope.copy_within(start..start + length, 0);
    envelope.truncate(length);
    Some(envelope)
}
