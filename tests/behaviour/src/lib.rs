//! Behaviour of the library from outside: see `tests/behaviour`.
