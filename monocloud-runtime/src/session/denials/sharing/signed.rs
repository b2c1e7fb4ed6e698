//! An entry as it stands in a log, signed: whoever can write there and has no cookie secret can end nobody's session.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::super::entry::{BYTES, Entry};
use crate::crypto::{self, Name, Named, Namer, Names};

/// For each process, whichever of the secrets it has.
pub(super) fn sign(entry: Entry, names: &Names) -> impl Iterator<Item = Bytes> {
    let bytes = entry.to_bytes(0, 0);
    names.each().map(move |namer| {
        let mut signed = BytesMut::with_capacity(BYTES + size_of::<Name>());
        signed.put_slice(&bytes);
        signed.put_slice(&signature(namer, &bytes));
        signed.freeze()
    })
}

/// An entry that a process of this application has signed, of a kind that is known.
pub(super) fn verify(signed: &[u8], names: &Names) -> Option<Entry> {
    let (bytes, signature_) = signed.split_first_chunk::<BYTES>()?;
    let is_good = |namer| crypto::equal(&signature(namer, bytes)[..], signature_);
    if !names.each().any(is_good) {
        return None;
    }
    Entry::read(bytes, 0)?.entry
}

fn signature(namer: Namer<'_>, bytes: &[u8]) -> Name {
    namer.of(Named::Entry, "", bytes)
}
