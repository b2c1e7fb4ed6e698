//! Three processes of one site, at a provider of other hands, that share a Redis: what must hold whatever becomes of one of
//! them, or of the Redis.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod mode;

mod dump;
mod forms;
mod killed;
mod logout;
mod lost_master;
mod people;
mod redis;
mod refresh;
mod script;
mod site;
mod told_again;
