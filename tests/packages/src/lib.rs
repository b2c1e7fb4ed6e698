//! What is packed, what it depends on, and whether what the README prints can be used as it is printed.

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
