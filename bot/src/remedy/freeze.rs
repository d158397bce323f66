//! Stops every change at once, by anybody, until another person says go on.

use firstmate_kb::Lang;

use super::approval::Freeze;
use super::crash::{self, Point};
use super::no::No;
use super::{reason_of, who};
use crate::app::App;
use crate::caller::Caller;
use crate::handle::Failure;
use crate::reply::{Card, Reply, Tone};
use crate::store::Unfreeze;
use crate::text::change as say;

pub(super) async fn freeze(app: &App, caller: &Caller, lang: Lang, reason: &str) -> Result<Reply, Failure> {
    if !who::is_crew(&app.config, caller) {
        return Err(No::MayNotFreeze.into());
    }
    let freeze = Freeze {
        by: who::person(&app.config, caller)?,
        at: app.clock.now(),
        reason: reason_of(reason)?,
    };
    let frozen = app.store.set_freeze(&freeze).await?;
    crash::at(Point::Frozen);
    if let Err(earlier) = frozen {
        return Err(No::AlreadyFrozen(Box::new(earlier)).into());
    }
    show_all(app).await;
    Ok(Reply {
        text: say::frozen_summary(lang),
        card: Some(Card {
            title: say::freeze_title(lang).to_owned(),
            body: say::freeze_body(lang, &freeze),
            tone: Tone::Unsure,
            ..Card::default()
        }),
        ..Reply::default()
    })
}

pub(super) async fn unfreeze(app: &App, caller: &Caller, lang: Lang) -> Result<Reply, Failure> {
    if !who::is_approver(&app.config, caller) {
        return Err(No::MayNotFreeze.into());
    }
    let by = who::person(&app.config, caller)?;
    let may_be_same = app.config.changes.unfreeze_by_same;
    let unfrozen = app.store.unfreeze(&by, may_be_same, app.clock.now()).await?;
    crash::at(Point::Unfrozen);
    let freeze = match unfrozen {
        Ok(freeze) => freeze,
        Err(Unfreeze::NotFrozen) => return Err(No::NotFrozen.into()),
        Err(Unfreeze::SamePerson(freeze)) => return Err(No::SamePerson(Box::new(freeze)).into()),
    };
    show_all(app).await;
    Ok(Reply::text(say::unfrozen(lang, &freeze, &by)))
}

/// Whether the person may freeze, before it is said where everybody reads it.
pub(super) async fn may_freeze(app: &App, caller: &Caller, reason: &str) -> Result<(), Failure> {
    who::person(&app.config, caller)?;
    reason_of(reason)?;
    match app.store.freeze().await? {
        Some(earlier) => Err(No::AlreadyFrozen(Box::new(earlier)).into()),
        None => Ok(()),
    }
}

/// Whether the person may unfreeze, before it is said where everybody reads it.
pub(super) async fn may_unfreeze(app: &App, caller: &Caller) -> Result<(), Failure> {
    let by = who::person(&app.config, caller)?;
    match app.store.freeze().await? {
        None => Err(No::NotFrozen.into()),
        Some(freeze) if freeze.by.id == by.id && !app.config.changes.unfreeze_by_same => {
            Err(No::SamePerson(Box::new(freeze)).into())
        }
        Some(_) => Ok(()),
    }
}

/// Every card that waits says whether changes are frozen.
async fn show_all(app: &App) {
    match app.store.waiting().await {
        Ok(waiting) => waiting
            .iter()
            .for_each(|request| app.cards.show(request.id, &app.work)),
        // Frozen it is all the same; the cards say so as soon as they can be read.
        Err(error) => {
            tracing::error!("the cards of what waits cannot be read: {error:#}");
            app.sweep.look_again_later();
        }
    }
}
