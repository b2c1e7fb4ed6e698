//! Sealing values into cookies, and opening what was sent.

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use http::HeaderValue;

use super::envelope::{Chunks, FRONT, HEAD, Head, MAX_CHUNKS, encoded};
use super::{Sent, chunk_name};
use crate::config::CookieAttributes;
use crate::crypto::{KeyName, KeyRing, Purpose, TAG};

/// Where a sibling domain planted cookies of the same name, as many are opened. It takes more than
/// servers let through in all headers to hide ours behind such that have a key of ours.
const MAX_TRIES: usize = 64;

/// Names of cookies that are no longer cost no allocation.
const SHORT: usize = 64;

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

/// More was sent than is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// Keys, the name of a cookie and the time: what sealing and opening under that name needs.
#[derive(Clone, Copy)]
pub(crate) struct Seal<'a> {
    pub(crate) keys: &'a KeyRing,
    pub(crate) name: &'a str,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

/// The front of an envelope, opened in place.
pub(crate) struct Front {
    /// Head, nonce, plaintext, padding, tag.
    pub(crate) buffer: Arc<[u8]>,
    length: usize,
    /// What it was sealed with.
    pub(super) key: KeyName,
}

impl Front {
    /// Where the plaintext stands in the buffer.
    pub(crate) fn plaintext(&self) -> std::ops::Range<usize> {
        FRONT..FRONT + self.length
    }
}

impl Seal<'_> {
    /// Seals `front`, and `contents` bound to it unless they are empty. `None` when they are too
    /// large for any browser.
    pub(crate) fn seal(
        &self,
        attributes: &CookieAttributes,
        (purpose, front): (Purpose, &[u8]),
        (contents_purpose, contents): (Purpose, &[u8]),
    ) -> Option<Chunked> {
        let key = self.keys.today(self.now);
        let mut head = Head {
            chunks: 1,
            key,
            front: front.len(),
            contents: contents.len(),
        };
        let room = attributes.room(&chunk_name(self.name, MAX_CHUNKS)) / 4 * 4;
        head.chunks = head.characters().div_ceil(room.max(4));
        if head.chunks > MAX_CHUNKS {
            return None;
        }
        let mut envelope = Vec::with_capacity(head.end());
        envelope.extend_from_slice(&head.to_bytes()?);
        let associated_data = self.associated_data(&envelope);
        let mut padded = front.to_vec();
        padded.resize(head.padded_front(), 0);
        self.keys
            .key(purpose, key, self.now)?
            .seal(&associated_data, &padded, &mut envelope);
        if !contents.is_empty() {
            let tag = envelope[envelope.len() - TAG..].to_vec();
            self.keys
                .key(contents_purpose, key, self.now)?
                .seal(&tag, contents, &mut envelope);
        }
        let text = URL_SAFE_NO_PAD.encode_to_string(envelope);
        let step = if head.chunks == 1 { text.len() } else { room };
        let chunks = text
            .as_bytes()
            .chunks(step)
            .enumerate()
            .map(|(index, part)| {
                (
                    chunk_name(self.name, index),
                    String::from_utf8_lossy(part).into_owned(),
                )
            })
            .collect();
        Some(Chunked { chunks })
    }

    /// Opens the fronts of the values that were sent under this name until `accept` takes one.
    ///
    /// A sibling domain may have planted some, old ones of ours among them. What has no key of ours
    /// is not tried, and the tries are bounded, since anybody can send anything: where they were too few,
    /// what was found may not be all.
    pub(crate) fn open<T>(
        &self,
        purpose: Purpose,
        sent: &Sent<'_>,
        mut accept: impl FnMut(Front) -> Option<T>,
    ) -> Result<Option<T>, TooMany> {
        let mut tries = MAX_TRIES;
        for first in sent.first_chunks() {
            let Some(head) = self.head(first) else { continue };
            let needed = encoded(head.front_end()).div_ceil(first.len());
            let accepted = combinations(sent, head, first, needed, &mut tries, |chunks| {
                accept(self.open_front(purpose, head, chunks)?)
            });
            if accepted.is_some() {
                return Ok(accepted);
            }
        }
        if tries == 0 { Err(TooMany) } else { Ok(None) }
    }

    /// Opens the contents that were sealed with a front, which is known by its buffer, from what was sent.
    /// Empty where there are none.
    pub(crate) fn open_contents(&self, purpose: Purpose, sent: &Sent<'_>, front: &[u8]) -> Option<Vec<u8>> {
        let (front_head, front_tag) = (front.get(..HEAD)?, front.last_chunk::<TAG>()?);
        let mut tries = MAX_TRIES;
        for first in sent.first_chunks() {
            let Some(head) = self.head(first) else { continue };
            if head.to_bytes()? != front_head {
                continue;
            }
            if head.contents == 0 {
                return Some(Vec::new());
            }
            let range = head.front_end()..head.end();
            let opened = combinations(sent, head, first, head.chunks, &mut tries, |chunks| {
                let mut sealed = vec![0; range.len()];
                chunks.decode(range.clone(), &mut sealed)?;
                let key = self.keys.key(purpose, head.key, self.now)?;
                Some(key.open(front_tag, &mut sealed)?.to_vec())
            });
            if opened.is_some() {
                return opened;
            }
        }
        None
    }

    /// Opens one whole value that has a front alone.
    pub(crate) fn open_value(&self, purpose: Purpose, value: &[u8]) -> Option<Front> {
        let head = self.head(value)?;
        let is_whole = head.chunks == 1 && value.len() == head.characters();
        is_whole.then(|| self.open_front(purpose, head, Chunks(&[value])))?
    }

    /// Whether something that was sent under this name has been sealed with a secret of ours,
    /// whether or not it can be opened. Not what is from another day to come: it may be good then.
    pub(crate) fn is_ours(&self, sent: &Sent<'_>) -> bool {
        let mut heads = sent.first_chunks().filter_map(Head::of_first_chunk);
        heads.any(|head| self.keys.knows(head.key) && !head.key.is_ahead(self.now))
    }

    /// The same of one value, at the cost of reading its first bytes.
    pub(crate) fn may_open(&self, value: &[u8]) -> bool {
        self.head(value).is_some()
    }

    /// The head of a value that has a secret of ours.
    fn head(&self, first_chunk: &[u8]) -> Option<Head> {
        let head = Head::of_first_chunk(first_chunk)?;
        let fits = head.chunk_length(first_chunk.len(), 0) == Some(first_chunk.len());
        (fits && self.keys.knows(head.key)).then_some(head)
    }

    fn open_front(&self, purpose: Purpose, head: Head, chunks: Chunks<'_>) -> Option<Front> {
        let mut buffer: Arc<[u8]> = std::iter::repeat_n(0, head.front_end()).collect();
        let bytes = Arc::get_mut(&mut buffer).expect("nobody else has it yet");
        chunks.decode(0..head.front_end(), bytes)?;
        let (head_bytes, sealed) = bytes.split_at_mut(HEAD);
        let key = self.keys.key(purpose, head.key, self.now)?;
        let mut associated_data = [0; HEAD + SHORT];
        match associated_data.get_mut(..HEAD + self.name.len()) {
            Some(short) => {
                short[..HEAD].copy_from_slice(head_bytes);
                short[HEAD..].copy_from_slice(self.name.as_bytes());
                key.open(short, sealed)?;
            }
            None => {
                key.open(&self.associated_data(head_bytes), sealed)?;
            }
        }
        Some(Front {
            buffer,
            length: head.front,
            key: head.key,
        })
    }

    /// The head is of a fixed length, so that nothing runs together with the name.
    fn associated_data(&self, head: &[u8]) -> Vec<u8> {
        [head, self.name.as_bytes()].concat()
    }
}

/// Gives the first `needed` chunks to `open`, in every combination of what was sent for each, until
/// it takes one.
fn combinations<T>(
    sent: &Sent<'_>,
    head: Head,
    first: &[u8],
    needed: usize,
    tries: &mut usize,
    mut open: impl FnMut(Chunks<'_>) -> Option<T>,
) -> Option<T> {
    if needed == 1 {
        *tries = tries.checked_sub(1)?;
        return open(Chunks(&[first]));
    }
    let mut found = vec![first; needed];
    let further = sent.further_chunks(needed, MAX_TRIES, |number| head.chunk_length(first.len(), number));
    let combinations = further.iter().map(Vec::len).fold(1, usize::saturating_mul);
    for number in 0..combinations.min(*tries) {
        *tries -= 1;
        let mut choice = number;
        for (index, candidates) in further.iter().enumerate() {
            found[index + 1] = candidates[choice % candidates.len()];
            choice /= candidates.len();
        }
        let opened = open(Chunks(&found));
        if opened.is_some() {
            return opened;
        }
    }
    None
}
