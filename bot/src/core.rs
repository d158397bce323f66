//! What First Mate is: all but the edge to Discord and the command line, which crate `firstmate` adds.
//!
//! Reading order: [`config`] and [`app`] make the bot; [`command`] is what a person can ask, [`handle`]
//! what they are told, [`reply`] what that is made of; [`text`] holds every sentence; [`redact`] takes
//! secrets out of what others wrote, [`chart`] draws figures, [`shell`] knows what the commands of documents
//! do, [`offer`] makes buttons of them. [`remedy`] is what the bot can change and who
//! must say yes, [`store`] what it keeps of that. [`health`] and [`metrics`] say how it is;
//! [`lint`] says what is wrong in documents.

pub mod app;
pub mod bundled;
pub mod caller;
pub mod chart;
pub mod check;
pub mod clock;
pub mod cluster;
pub mod command;
pub mod complete;
pub mod config;
pub mod documents;
pub mod feedback;
pub mod handle;
pub mod health;
pub mod limits;
pub mod lint;
pub mod markdown;
pub mod mention;
pub mod metrics;
pub mod offer;
pub mod page;
pub mod redact;
pub mod reference;
pub mod remedy;
pub mod reply;
pub mod shell;
pub mod store;
pub mod text;
pub mod work;
