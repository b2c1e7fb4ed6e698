//! What the compiler says about mistakes with the macros. See `README.md` and `fixtures`.
