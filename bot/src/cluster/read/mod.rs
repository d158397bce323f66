//! Kubernetes objects, read. Pure functions from the API's types to the structs of
//! [`snapshot`](super::snapshot): no IO, and the present is an argument wherever it counts.
//!
//! What is missing or absurd becomes `None` or `<unknown>`, never a wrong figure, and never a panic.

pub mod changes;
pub mod event;
pub mod metrics;
pub mod node;
pub mod node_changes;
pub mod pod;
pub mod pod_detail;
pub mod pod_status;
pub mod quantity;
pub mod resources;
pub mod rollout;
pub mod rows;
pub mod service;
pub mod slim;
pub mod time;
pub mod tiny;
pub mod top;
pub mod volume;
pub mod workload;

#[cfg(test)]
mod tests;
