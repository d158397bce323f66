//! Changing a cluster: what can be done, what it would touch, and who said yes.
//!
//! [`action`] is the closed list; [`plan`] an action with all that it depends on; [`approval`] the life of a
//! request, as a pure state machine over what the store keeps.

pub mod action;
pub mod approval;
pub mod plan;
