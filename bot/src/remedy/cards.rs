//! Which cards are to be shown anew: a card is a view of a row, brought up to date by one task.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Notify, oneshot};

use crate::work::{InHand, Work};

/// Requests whose cards wait to be shown as they stand.
#[derive(Debug, Default)]
pub struct Cards {
    waiting: Mutex<BTreeMap<i64, Waiting>>,
    came: Notify,
}

/// One card that is to be shown.
#[derive(Debug)]
pub struct Waiting {
    /// So that a stop waits for it.
    _in_hand: InHand,
    /// Who wants to know when it is shown.
    told: Vec<oneshot::Sender<()>>,
}

impl Waiting {
    /// Tells whoever waits that an attempt was made.
    pub fn tell(self) {
        for told in self.told {
            // Whoever waited may have given up.
            let _ = told.send(());
        }
    }
}

impl Cards {
    /// Has the card of a request shown as it stands.
    pub fn show(&self, id: i64, work: &Work) {
        self.wait(id, work, None);
    }

    /// The same; returns once an attempt was made.
    pub async fn shown(&self, id: i64, work: &Work) {
        let (tell, told) = oneshot::channel();
        self.wait(id, work, Some(tell));
        // The task that shows cards is gone only when the bot stops.
        let _ = told.await;
    }

    fn wait(&self, id: i64, work: &Work, tell: Option<oneshot::Sender<()>>) {
        let mut waiting = self.lock();
        let one = waiting.entry(id).or_insert_with(|| Waiting {
            _in_hand: work.begin(),
            told: Vec::new(),
        });
        one.told.extend(tell);
        self.came.notify_one();
    }

    /// What waits now, once something does.
    pub async fn take(&self) -> BTreeMap<i64, Waiting> {
        loop {
            let waiting = std::mem::take(&mut *self.lock());
            if !waiting.is_empty() {
                return waiting;
            }
            self.came.notified().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<i64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
