//! The cluster's side of a change, on the local cluster and on a real control plane: what a plan reads, who may, the
//! one call, and what is true afterwards.

mod answers;
mod check;
mod faults;
mod flow;
mod ground;
mod moved;
mod narrowed;
mod proxy;
mod rights;
mod twin;
