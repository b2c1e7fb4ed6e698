//! The macros of `monocloud-runtime`.
