//! All that can happen to one session, when several processes write it, refresh it, end it and are told that it ended.
//!
//! A [`World`](world::World) is one state: the store with what its replica has of it, the issuer, and up to four tasks, each
//! in a process of its own and somewhere in what it does. From each state every next one is tried: a task goes a step
//! further, an answer is lost though what was asked is done, a process dies, a lease runs out, the store's machine is lost and
//! its replica takes over. What must hold is asked of every state and every step ([`properties`]); what must be possible
//! is counted, so that a model in which nothing happens is no proof.

mod explore;
mod ghost;
mod logout;
mod properties;
mod refresh;
mod sign_in;
mod task;
mod tests;
mod world;
