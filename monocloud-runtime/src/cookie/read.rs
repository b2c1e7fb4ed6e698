//! Finding our cookies among all that a browser sends.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::COOKIE;
use memchr::memchr;

/// The cookies of a request whose name begins with ours: `(rest of the name, value)`.
///
/// HTTP/2 may split them over several headers, a sibling domain may plant further ones, and the
/// rest may be anything, not even UTF-8.
pub(crate) struct Sent<'a> {
    found: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Sent<'a> {
    pub(crate) fn named(headers: &'a HeaderMap, name: &str) -> Self {
        let mut found = Vec::new();
        for header in headers.get_all(COOKIE) {
            let mut rest = header.as_bytes();
            while !rest.is_empty() {
                let end = memchr(b';', rest).unwrap_or(rest.len());
                let (pair, after) = rest.split_at(end);
                rest = after.get(1..).unwrap_or_default();
                let pair = pair.trim_ascii();
                if let Some(tail) = pair.strip_prefix(name.as_bytes())
                    && matches!(tail.first(), Some(b'=' | b'.'))
                    && let Some(equals) = memchr(b'=', tail)
                {
                    found.push((&tail[..equals], &tail[equals + 1..]));
                }
            }
        }
        Self { found }
    }

    /// Whether some chunk was sent twice: then a sibling domain or another path has a say in it, and
    /// deleting ours would not make it readable.
    pub(crate) fn is_ambiguous(&self) -> bool {
        let mut seen = BTreeSet::new();
        let mut chunks = self.found.iter().filter_map(|(tail, _)| chunk_index(tail));
        chunks.any(|index| !seen.insert(index))
    }

    /// Whether the cookie itself was sent, or only what begins like it.
    pub(crate) fn has_first_chunk(&self) -> bool {
        self.found.iter().any(|(tail, _)| tail.is_empty())
    }

    /// The numbers of the chunks that were sent, from this one on, each once.
    ///
    /// A sibling domain may have planted one far beyond ours, so nothing may count up to it.
    pub(crate) fn chunks_from(&self, first: usize) -> BTreeSet<usize> {
        self.found
            .iter()
            .filter_map(|(tail, _)| chunk_index(tail))
            .filter(|index| (first..super::sealed::MAX_CHUNKS).contains(index))
            .collect()
    }

    /// The bytes that these cookies take in the `Cookie` header, with the name of `name_length` bytes.
    pub(crate) fn header_bytes(&self, name_length: usize) -> usize {
        self.found
            .iter()
            .map(|(tail, value)| name_length + tail.len() + 1 + value.len() + 2)
            .sum()
    }

    /// The values that were sent for each chunk, up to the highest below `count` that was sent; at
    /// most `most` for one: more than one where a sibling domain planted some.
    pub(super) fn chunks(&self, count: usize, most: usize) -> Vec<Vec<&'a [u8]>> {
        let mut chunks: Vec<Vec<&[u8]>> = Vec::new();
        for (tail, value) in &self.found {
            let Some(index) = chunk_index(tail).filter(|index| *index < count) else {
                continue;
            };
            if chunks.len() <= index {
                chunks.resize_with(index + 1, Vec::new);
            }
            if chunks[index].len() < most {
                chunks[index].push(*value);
            }
        }
        chunks
    }

    /// The cookies named `name.…`: what follows the dot, and the value. Each name once.
    pub(crate) fn dotted(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let mut seen = BTreeSet::new();
        self.found.iter().filter_map(move |(tail, value)| {
            let tail = std::str::from_utf8(tail).ok()?.strip_prefix('.')?;
            seen.insert(tail).then_some((tail, *value))
        })
    }

    /// The values of the cookie whose name ends with `.tail`.
    pub(crate) fn with_tail(&self, tail: &str) -> impl Iterator<Item = &'a [u8]> {
        self.found
            .iter()
            .filter(move |(found, _)| found.strip_prefix(b".") == Some(tail.as_bytes()))
            .map(|(_, value)| *value)
    }
}

fn chunk_index(tail: &[u8]) -> Option<usize> {
    match tail.strip_prefix(b".") {
        None => tail.is_empty().then_some(0),
        Some(digits @ [b'1'..=b'9', ..]) if digits.len() <= 2 => {
            std::str::from_utf8(digits).ok()?.parse().ok()
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::Sent;

    #[test]
    fn ours_are_found_over_all_headers_among_garbage() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_bytes(b"x=\xff\xfe; session=a ; sessionx=b;session.1=c").expect("a header"),
        );
        headers.append(
            COOKIE,
            HeaderValue::from_static("session.1=d; ; session.01=e; session"),
        );
        let sent = Sent::named(&headers, "session");
        let chunks = sent.chunks(9, 4);
        assert_eq!(chunks, [vec![&b"a"[..]], vec![b"c", b"d"]]);
        assert_eq!(sent.chunks(1, 1), [vec![&b"a"[..]]]);
        assert_eq!(sent.chunks_from(0).into_iter().collect::<Vec<_>>(), [0, 1]);
    }
}
