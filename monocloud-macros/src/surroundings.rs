//! Whether an item stands in an `impl` block or a trait.
//!
//! A macro is given an item and not what stands around it, and the compiler's words about what has
//! no place there are five messages, none of which says what to do. So the source is read. Where it
//! cannot be (in an editor, or when code was made by code), the answer is no, and the compiler
//! explains.

mod braces;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use proc_macro2::Span;

pub(crate) use braces::Block;
use braces::Source;

/// The `impl` block or trait in which the token at `at` stands.
pub(crate) fn block_around(at: Span) -> Option<Block> {
    // Outside of a compiler there is no source.
    if !proc_macro::is_available() {
        return None;
    }
    let at = at.unwrap();
    let (line, column) = (at.line(), at.column());
    // What begins a line stands in the open.
    if column <= 1 {
        return None;
    }
    with_source(&at.local_file()?, |source| source.block_around(line, column))
}

/// The guards of one file come one after another, so the last file is kept.
fn with_source<T>(file: &Path, read: impl FnOnce(&Source) -> Option<T>) -> Option<T> {
    thread_local! {
        static LAST: RefCell<Option<(PathBuf, Source)>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| {
        if last.as_ref().is_none_or(|(known, _)| known != file) {
            let text = std::fs::read_to_string(file).ok()?;
            *last = Some((file.to_owned(), Source::read(&text)));
        }
        last.as_ref().and_then(|(_, source)| read(source))
    })
}
