//! What was read of a cluster, as plain structs without a Kubernetes type in them: what replies are
//! made of, and what a diagnosis judges.
//!
//! Times are milliseconds since 1970; `None` is "not known". Counts are as the cluster gave them, and
//! may be absurd.

pub mod change;
pub mod event;
pub mod node;
pub mod pod;
pub mod resources;
pub mod service;
pub mod usage;
pub mod workload;
