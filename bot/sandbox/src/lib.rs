//! The local services that First Mate is tried on: a Discord and a Kubernetes cluster that run in
//! the same process and speak HTTP and WebSocket only. Nothing of the bot is imported here, so that
//! a test of the bot cannot agree with itself.
//!
//! Read `clock`, then `discord` from its `world` (who is there) through `state` (what happened)
//! to `rest` and `gateway` (what the bot sees) and `people` (what persons do); then `cluster`.

mod clock;
pub mod cluster;
pub mod discord;

pub use clock::{Clock, START_MS};
