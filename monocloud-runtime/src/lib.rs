//! Declarative OpenID Connect authentication for axum.
