//! Where the bot can be stopped between two writes: one list, so that each place is tried.
//!
//! A crash between two writes is the only one that can leave the store, the cluster and the card at odds. So every
//! write has its point right behind it, and a test ends the process there: see [`at`].

use super::approval::Event;

/// A place right behind a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A new request is kept; its card is not posted.
    RequestKept,
    /// A card is posted; where is not kept.
    CardPosted,
    /// It is kept where a card is, or that there is none any more.
    CardPlaced,
    /// A card is edited; that it is as the row is not kept.
    CardEdited,
    /// It is kept that a card is as its row.
    CardShown,
    /// An approval is kept; nothing is done yet.
    Approved,
    /// It is kept that the cluster is another one than the card says.
    Replanned,
    /// A rejection is kept.
    Rejected,
    /// It is kept that a request expired.
    Expired,
    /// It is kept that the bot refused a request.
    Refused,
    /// It is kept that the call is let out; it is not made.
    CallKept,
    /// The call is answered; that is not kept.
    Called,
    /// It is kept that the call was carried out; it is not verified.
    Executed,
    /// It is kept on a request that another took it back; the other is not finished.
    Undone,
    /// The Event on the node is written; the request is not finished.
    Announced,
    /// It is kept what became of a request; its card does not say so.
    Finished,
    /// A click that was refused is in the audit; who clicked is not told.
    Noted,
    /// A freeze is kept; no card says so.
    Frozen,
    /// The end of a freeze is kept; no card says so.
    Unfrozen,
    /// Old requests are forgotten.
    Forgotten,
}

impl Point {
    /// Every point, with its name on the command line.
    pub const ALL: &[(&str, Self)] = &[
        ("request-kept", Self::RequestKept),
        ("card-posted", Self::CardPosted),
        ("card-placed", Self::CardPlaced),
        ("card-edited", Self::CardEdited),
        ("card-shown", Self::CardShown),
        ("approved", Self::Approved),
        ("replanned", Self::Replanned),
        ("rejected", Self::Rejected),
        ("expired", Self::Expired),
        ("refused", Self::Refused),
        ("call-kept", Self::CallKept),
        ("called", Self::Called),
        ("executed", Self::Executed),
        ("undone", Self::Undone),
        ("announced", Self::Announced),
        ("finished", Self::Finished),
        ("noted", Self::Noted),
        ("frozen", Self::Frozen),
        ("unfrozen", Self::Unfrozen),
        ("forgotten", Self::Forgotten),
    ];

    /// The point with this name.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(it, _)| *it == name);
        found.map(|(_, point)| *point)
    }

    /// The point behind keeping what an event made of a request.
    pub const fn after(event: &Event) -> Self {
        match event {
            Event::Posted { .. } => Self::CardPlaced,
            Event::Approve { .. } => Self::Approved,
            Event::Replan { .. } => Self::Replanned,
            Event::Reject { .. } => Self::Rejected,
            Event::Expire => Self::Expired,
            Event::Call { .. } => Self::CallKept,
            Event::Executed { .. } => Self::Executed,
            Event::Finish { .. } => Self::Finished,
            Event::Undone { .. } => Self::Undone,
            Event::Refuse { .. } => Self::Refused,
        }
    }
}

/// Ends the process on the spot if this is the point that was armed: nothing is finished, nothing is flushed.
#[cfg(feature = "sandbox")]
pub fn at(point: Point) {
    if armed::ARMED.get() == Some(&point) {
        std::process::abort();
    }
}

/// Nothing: only a build with the sandbox can be made to crash.
#[cfg(not(feature = "sandbox"))]
pub const fn at(_: Point) {}

#[cfg(feature = "sandbox")]
pub use armed::arm;

#[cfg(feature = "sandbox")]
mod armed {
    use std::sync::OnceLock;

    use super::Point;

    pub(super) static ARMED: OnceLock<Point> = OnceLock::new();

    /// Has the process end when it comes to this point for the first time.
    pub fn arm(point: Point) {
        // Whoever arms twice gets the first; the command line cannot.
        let _ = ARMED.set(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_found_by_its_name() {
        for (name, point) in Point::ALL {
            assert_eq!(Point::named(name), Some(*point));
            let others = Point::ALL.iter().filter(|(_, other)| other == point);
            assert_eq!(others.count(), 1, "{name}");
        }
        assert_eq!(Point::named("elsewhere"), None);
    }
}
