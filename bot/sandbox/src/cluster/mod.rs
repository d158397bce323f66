//! A local cluster: the part of the Kubernetes API that a bot like First Mate and kubectl use, small
//! controllers on a clock that tests move, and hollow kubelets.

pub mod api;
pub mod catalog;
pub mod patch;
pub mod problem;
pub mod store;
pub mod time;
