//! The local cluster from outside, over HTTP.
#![expect(clippy::unwrap_used, reason = "a failed test should stop at the spot")]

mod access;
mod discovery;
mod evictions;
mod faults;
mod harness;
mod kubelets;
mod objects;
mod recorded;
mod tables;
mod watches;
