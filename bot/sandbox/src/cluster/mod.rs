//! A local cluster: the part of the Kubernetes API that a bot like First Mate and kubectl use, small
//! controllers on a clock that tests move, and hollow kubelets.

pub mod api;
