//! Access tokens of callers: what guards and extractors make of `Authorization: Bearer`.

mod alone;
mod api;
mod challenges;
mod handles;
mod metadata;
mod opaque;
mod protected;
mod step_up;
mod who;
