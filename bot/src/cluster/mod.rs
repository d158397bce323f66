//! The edge to the cluster. Nothing else in this crate names kube or the Kubernetes types.
//!
//! [`read`] turns what the API server answers into the plain structs of [`snapshot`], as kubectl and
//! the server's own tables read it; it does no IO and asks no clock.

pub mod read;
pub mod snapshot;
