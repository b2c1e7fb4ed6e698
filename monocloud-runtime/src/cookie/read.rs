//! Finding our cookies among all that a browser sends.

use std::collections::BTreeSet;

use http::header::{COOKIE, Entry};
use http::{HeaderMap, HeaderValue};
use memchr::memchr;

/// Several times what browsers keep for a whole domain.
const MAX_OF_ONE_NAME: usize = 1_000;

/// The `Cookie` headers of a request, as they came: HTTP/2 may split them.
#[derive(Clone, Default)]
pub(crate) struct Cookies {
    first: Option<HeaderValue>,
    further: Vec<HeaderValue>,
}

impl Cookies {
    /// Keeps a copy, and marks them so that no log shows them.
    pub(crate) fn take(headers: &mut HeaderMap) -> Self {
        let Entry::Occupied(mut sent) = headers.entry(COOKIE) else {
            return Self::default();
        };
        let mut values = sent.iter_mut().map(|value| {
            value.set_sensitive(true);
            value.clone()
        });
        Self {
            first: values.next(),
            further: values.collect(),
        }
    }

    /// Those whose name is `name`, or begins with it and a dot.
    pub(crate) fn named(&self, name: &str) -> Sent<'_> {
        Sent::named(self.first.iter().chain(&self.further), name)
    }
}

/// The cookies of a request whose name begins with ours: `(rest of the name, value)`.
///
/// A sibling domain may plant further ones, and the rest may be anything, not even UTF-8.
pub(crate) struct Sent<'a> {
    /// There is rarely another.
    first: Option<(&'a [u8], &'a [u8])>,
    further: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Sent<'a> {
    fn named(headers: impl Iterator<Item = &'a HeaderValue>, name: &str) -> Self {
        let mut sent = Self {
            first: None,
            further: Vec::new(),
        };
        for header in headers {
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
                    let pair = (&tail[..equals], &tail[equals + 1..]);
                    if sent.first.is_none() {
                        sent.first = Some(pair);
                    } else {
                        sent.further.push(pair);
                    }
                }
            }
        }
        sent
    }

    fn found(&self) -> impl Iterator<Item = &(&'a [u8], &'a [u8])> {
        self.first.iter().chain(&self.further)
    }

    /// Whether some chunk was sent twice: then a sibling domain or another path has a say in it, and
    /// deleting ours would not make it readable.
    pub(crate) fn is_ambiguous(&self) -> bool {
        let mut seen = BTreeSet::new();
        let mut chunks = self.found().filter_map(|(tail, _)| chunk_index(tail));
        chunks.any(|index| !seen.insert(index))
    }

    /// How often the cookie itself was sent, and not what only begins like it; counted up to `most`.
    pub(crate) fn count_first_chunks(&self, most: usize) -> usize {
        self.first_chunks().take(most).count()
    }

    /// The numbers of the chunks that were sent, from this one on, each once.
    ///
    /// A sibling domain may have planted one far beyond ours, so nothing may count up to it.
    pub(crate) fn chunks_from(&self, first: usize) -> BTreeSet<usize> {
        self.found()
            .filter_map(|(tail, _)| chunk_index(tail))
            .filter(|index| (first..super::envelope::MAX_CHUNKS).contains(index))
            .collect()
    }

    /// The bytes that these cookies take in the `Cookie` header, with the name of `name_length` bytes.
    pub(crate) fn header_bytes(&self, name_length: usize) -> usize {
        self.found()
            .map(|(tail, value)| name_length + tail.len() + 1 + value.len() + 2)
            .sum()
    }

    /// The values of the cookie itself: several where a sibling domain planted some, of which no more
    /// are looked at than a browser keeps.
    pub(super) fn first_chunks(&self) -> impl Iterator<Item = &'a [u8]> {
        let whole = self.found().filter(|(tail, _)| tail.is_empty());
        whole.map(|(_, value)| *value).take(MAX_OF_ONE_NAME)
    }

    /// The values that were sent for the chunks from the second one up to `count`, each as long as
    /// it must be; at most `most` for one.
    pub(super) fn further_chunks(
        &self,
        count: usize,
        most: usize,
        length: impl Fn(usize) -> Option<usize>,
    ) -> Vec<Vec<&'a [u8]>> {
        let mut chunks = vec![Vec::new(); count.saturating_sub(1)];
        for (tail, value) in self.found() {
            if let Some(number) = chunk_index(tail)
                && let Some(candidates) = number.checked_sub(1).and_then(|at| chunks.get_mut(at))
                && candidates.len() < most
                && length(number) == Some(value.len())
            {
                candidates.push(*value);
            }
        }
        chunks
    }

    /// The cookies named `name.…`: what follows the dot, and the value. Each name once.
    pub(crate) fn dotted(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let mut seen = BTreeSet::new();
        self.found().filter_map(move |(tail, value)| {
            let tail = std::str::from_utf8(tail).ok()?.strip_prefix('.')?;
            seen.insert(tail).then_some((tail, *value))
        })
    }

    /// The values of the cookie whose name ends with `.tail`.
    pub(crate) fn with_tail(&self, tail: &str) -> impl Iterator<Item = &'a [u8]> {
        self.found()
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

    use super::Cookies;

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
        let cookies = Cookies::take(&mut headers);
        let sent = cookies.named("session");
        assert_eq!(sent.first_chunks().collect::<Vec<_>>(), [b"a"]);
        let further = sent.further_chunks(3, 4, |_| Some(1));
        assert_eq!(further, [vec![&b"c"[..], b"d"], vec![]]);
        assert_eq!(sent.further_chunks(2, 1, |_| Some(1)), [vec![&b"c"[..]]]);
        assert_eq!(sent.further_chunks(2, 4, |_| Some(2)), [Vec::<&[u8]>::new()]);
        assert_eq!(sent.chunks_from(0).into_iter().collect::<Vec<_>>(), [0, 1]);
    }
}
