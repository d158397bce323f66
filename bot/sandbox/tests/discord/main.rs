//! The local Discord from outside: over HTTP, the gateway, and with the real client library.
#![expect(clippy::unwrap_used, reason = "a failed test should stop at the spot")]

mod control;
mod document;
mod faults;
mod gateway;
mod harness;
mod interactions;
mod messages;
mod people;
mod serenity;
