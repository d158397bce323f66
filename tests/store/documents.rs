//! Documents that were written in chat: proposals, versions, and two hands on one document.

use firstmate::documents::version::{Not, State, Text, Verdict, Version, Word, Writer};
use firstmate::store::Decided;
use firstmate_kb::Lang;

use super::*;

fn writer(id: u64) -> Writer {
    Writer {
        id,
        name: format!("w{id}"),
    }
}

fn text(short: &str) -> Text {
    Text {
        lang: Lang::En,
        question: "How do I drain a node?".to_owned(),
        short: short.to_owned(),
        details: "## 1. Look\n\nLook first.".to_owned(),
    }
}

/// A proposal of 1, at `at`.
fn proposal(document: i64, base: i64, short: &str, at: u64) -> Version {
    Version {
        number: 0,
        document,
        version: 0,
        base,
        state: State::Proposed,
        retires: false,
        translates: None,
        text: text(short),
        author: writer(1),
        reviewer: None,
        reason: String::new(),
        created_at: at,
        decided_at: None,
    }
}

fn verdict_of(by: u64, word: Word, at: u64) -> Verdict {
    Verdict {
        by: writer(by),
        word,
        at,
    }
}

/// 2 approves it.
pub(super) async fn approve(store: &Store, number: i64, at: u64) -> Version {
    match store
        .review(number, &verdict_of(2, Word::Approve, at))
        .await
        .unwrap()
    {
        Decided::Kept(version) => *version,
        other => unreachable!("{other:?}"),
    }
}

async fn now(store: &Store) -> Vec<(i64, i64, String)> {
    let documents = store.documents().await.unwrap();
    let told = documents
        .into_iter()
        .map(|it| (it.document, it.version, it.text.short));
    told.collect()
}

#[tokio::test]
async fn a_document_goes_from_proposal_to_version_to_retirement() {
    on_both(async |database| {
        let store = database.open().await;
        let first = store.propose(&proposal(0, 0, "one", 10)).await.unwrap();
        assert_eq!((first.number, first.document, first.version), (1, 1, 0));
        assert_eq!(now(&store).await, []);
        assert_eq!(store.proposals().await.unwrap(), [first]);
        let approved = approve(&store, 1, 20).await;
        assert_eq!((approved.version, approved.decided_at), (1, Some(20)));
        let other = store.propose(&proposal(0, 0, "other", 21)).await.unwrap();
        approve(&store, other.number, 22).await;
        let second = store.propose(&proposal(1, 1, "two", 30)).await.unwrap();
        approve(&store, second.number, 31).await;
        let expected = [(1, 2, "two".to_owned()), (2, 1, "other".to_owned())];
        assert_eq!(now(&store).await, expected);
        let retired = Version {
            retires: true,
            ..proposal(1, 2, "two", 40)
        };
        let retired = store.propose(&retired).await.unwrap();
        assert_eq!(approve(&store, retired.number, 41).await.state, State::Retired);
        assert_eq!(now(&store).await, [(2, 1, "other".to_owned())]);
        store.close().await;
        // Another process reads the same.
        let store = database.open().await;
        let history = store.history(1).await.unwrap();
        let states: Vec<(i64, State)> = history.iter().map(|it| (it.version, it.state)).collect();
        let expected = [(1, State::Approved), (2, State::Approved), (3, State::Retired)];
        assert_eq!(states, expected);
    })
    .await;
}

#[tokio::test]
async fn of_two_edits_of_one_version_the_second_is_not_approved_and_not_lost() {
    on_both(async |database| {
        let store = database.open().await;
        store.propose(&proposal(0, 0, "one", 10)).await.unwrap();
        approve(&store, 1, 11).await;
        let mine = store.propose(&proposal(1, 1, "mine", 20)).await.unwrap();
        let yours = store.propose(&proposal(1, 1, "yours", 21)).await.unwrap();
        approve(&store, mine.number, 30).await;
        let late = store
            .review(yours.number, &verdict_of(2, Word::Approve, 31))
            .await
            .unwrap();
        let Decided::Not { proposal, why } = late else {
            unreachable!("{late:?}")
        };
        assert_eq!((why, *proposal), (Not::Stale, yours.clone()));
        assert_eq!(store.proposals().await.unwrap(), [yours]);
        assert_eq!(now(&store).await, [(1, 2, "mine".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn of_many_words_at_once_one_counts() {
    on_both(async |database| {
        let store = database.open().await;
        store.propose(&proposal(0, 0, "one", 10)).await.unwrap();
        let words = (2..12).map(|by| {
            let store = store.clone();
            let word = match by % 2 {
                0 => Word::Approve,
                _ => Word::Reject("no".to_owned()),
            };
            async move { store.review(1, &verdict_of(by, word, by)).await.unwrap() }
        });
        let said = futures::future::join_all(words).await;
        let kept = said.iter().filter(|it| matches!(it, Decided::Kept(_))).count();
        assert_eq!(kept, 1);
        let rest = said.iter().filter(|it| {
            matches!(
                it,
                Decided::Not {
                    why: Not::Decided,
                    ..
                }
            )
        });
        assert_eq!(rest.count(), 9);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_attempt_finds_what_the_first_one_kept() {
    on_both(async |database| {
        let store = database.open().await;
        let asked = proposal(0, 0, "one", 10);
        let first = store.propose(&asked).await.unwrap();
        assert_eq!(store.propose(&asked).await.unwrap(), first);
        let word = verdict_of(2, Word::Approve, 20);
        for _ in 0..2 {
            let decided = store.review(1, &word).await.unwrap();
            assert!(matches!(decided, Decided::Kept(_)), "{decided:?}");
        }
        let missing = store.review(9, &word).await.unwrap();
        assert_eq!(missing, Decided::Missing);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_hides_no_other() {
    on_both(async |database| {
        let store = database.open().await;
        for at in [10, 11] {
            let kept = store.propose(&proposal(0, 0, "one", at)).await.unwrap();
            approve(&store, kept.number, at + 10).await;
        }
        store.propose(&proposal(0, 0, "three", 30)).await.unwrap();
        database
            .alter("UPDATE documents SET state = 'lost' WHERE number = 3")
            .await;
        assert_eq!(now(&store).await.len(), 2);
        assert!(store.history(3).await.unwrap().is_empty());
    })
    .await;
}
