//! The edge to Discord: the only place that names serenity.
//!
//! Reading order: [`endpoint`] builds the connection, [`connect`] keeps it alive, `register` tells
//! Discord the commands, `incoming` turns events into commands, `outgoing` sends what comes back,
//! [`cards`] keeps the cards of requests true, `render` turns a reply into Discord's form, [`permission`] finds out what the bot may do where.

pub mod cards;
pub mod connect;
pub mod digest;
pub mod endpoint;
mod files;
mod incoming;
mod outgoing;
pub mod permission;
pub mod probe;
mod register;
mod render;

pub use endpoint::Endpoint;
pub use register::reference;
pub use serenity::all::Http;
