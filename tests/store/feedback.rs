//! Questions that were asked, and votes.

use firstmate::feedback::{Asked, Tally, Vote};
use firstmate_kb::Lang;

use super::*;

const ANSWER: &str = "0123456789abcdef";

fn asked(id: i64, at: u64, answered: bool, question: &str) -> Asked {
    Asked {
        id,
        at,
        lang: Lang::Zh,
        private: question.is_empty(),
        question: question.to_owned(),
        answered,
        answer: ANSWER.to_owned(),
        title: "节点反复重启".to_owned(),
    }
}

fn vote(asked: i64, person: u64, helpful: bool, reason: &str) -> Vote {
    Vote {
        asked,
        person,
        answer: ANSWER.to_owned(),
        helpful,
        reason: reason.to_owned(),
        at: 50,
    }
}

#[tokio::test]
async fn a_person_has_one_vote_an_answer_and_the_last_one_counts() {
    on_both(async |database| {
        let store = database.open().await;
        store.keep_asked(&asked(1, 10, true, "一")).await.unwrap();
        assert_eq!(store.keep_vote(&vote(1, 7, true, "")).await.unwrap(), None);
        assert_eq!(
            store.keep_vote(&vote(1, 7, false, "too short")).await.unwrap(),
            Some(true)
        );
        assert_eq!(store.keep_vote(&vote(1, 8, true, "")).await.unwrap(), None);
        // For another answer it is another vote.
        assert_eq!(store.keep_vote(&vote(2, 7, true, "")).await.unwrap(), None);
        let tally = Tally {
            answer: ANSWER.to_owned(),
            helpful: 2,
            votes: 3,
        };
        assert_eq!(store.tallies(0).await.unwrap(), [tally]);
        assert_eq!(store.tallies(51).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn gaps_are_what_was_not_answered_or_did_not_help() {
    on_both(async |database| {
        let store = database.open().await;
        for it in [
            asked(1, 10, true, "answered"),
            asked(2, 20, false, "unknown"),
            asked(3, 30, true, "unhelpful"),
            asked(4, 40, false, ""),
        ] {
            // What is kept twice is there once.
            store.keep_asked(&it).await.unwrap();
            store.keep_asked(&it).await.unwrap();
        }
        store.keep_vote(&vote(1, 7, true, "")).await.unwrap();
        store
            .keep_vote(&vote(3, 7, false, "no word of it"))
            .await
            .unwrap();
        store.keep_vote(&vote(3, 8, false, "")).await.unwrap();
        let told = |gaps: Vec<(Asked, Vec<String>)>| -> Vec<(i64, usize)> {
            gaps.into_iter()
                .map(|(asked, reasons)| (asked.id, reasons.len()))
                .collect()
        };
        assert_eq!(told(store.gaps(0).await.unwrap()), [(4, 0), (3, 1), (2, 0)]);
        assert_eq!(told(store.gaps(35).await.unwrap()), [(4, 0)]);
        assert_eq!(store.counts(0).await.unwrap(), (4, 2));
        assert_eq!(store.counts(99).await.unwrap(), (0, 0));
        store.forget_asked(31).await.unwrap();
        assert_eq!(store.counts(0).await.unwrap(), (1, 1));
        assert_eq!(store.tallies(0).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_posted_last_is_known_to_the_next_process() {
    on_both(async |database| {
        let store = database.open().await;
        assert_eq!(store.posted("gaps").await.unwrap(), None);
        for at in [7, 14] {
            store.keep_posted("gaps", at).await.unwrap();
        }
        store.close().await;
        let store = database.open().await;
        assert_eq!(store.posted("gaps").await.unwrap(), Some(14));
        assert_eq!(store.posted("other").await.unwrap(), None);
    })
    .await;
}
