//! What the documents did not answer, or not well: the same question in other words is one gap.

use firstmate_kb::{Lang, Library, Outcome};

use super::Asked;
use crate::app::App;
use crate::clock::Millis;
use crate::handle::Failure;
use crate::reply::{Card, File, Reply};
use crate::text::feedback as say;

/// How far back a list looks.
const SINCE: Millis = 90 * 86_400_000;
/// How many gaps a message shows.
const SHOWN: usize = 10;

/// One question that was asked, perhaps in several wordings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its wordings, the newest first, each once.
    pub wordings: Vec<String>,
    /// How often it was asked.
    pub count: usize,
    /// When last.
    pub last: Millis,
    /// How often it was answered, and did not help.
    pub unhelpful: usize,
    /// What is nearest in the documents; empty if nothing is.
    pub near: String,
    /// What people missed.
    pub reasons: Vec<String>,
}

/// All gaps of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// The most asked first.
    pub list: Vec<Gap>,
    /// How many were asked privately, and are not among them.
    pub private: usize,
}

/// `/kb gaps`.
///
/// # Errors
/// If the store does not answer.
pub async fn reply(app: &App, lang: Lang) -> Result<Reply, Failure> {
    let gaps = read(app, app.clock.now().saturating_sub(SINCE)).await?;
    let days = SINCE / 86_400_000;
    Ok(Reply {
        private: true,
        ..shown(lang, &gaps, &say::gaps_summary(lang, &gaps, days))
    })
}

/// A list of gaps below a sentence.
pub fn shown(lang: Lang, gaps: &Gaps, summary: &str) -> Reply {
    let lines: Vec<String> = gaps.list.iter().map(|gap| say::gap(lang, gap)).collect();
    let card = Card {
        title: say::gaps_title(lang).to_owned(),
        body: lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n"),
        ..Card::default()
    };
    let all = || File::text("gaps.md", &(lines.join("\n") + "\n"));
    Reply {
        text: summary.to_owned(),
        card: (!lines.is_empty()).then_some(card),
        files: (lines.len() > SHOWN).then(all).into_iter().collect(),
        ..Reply::default()
    }
}

/// The gaps since then.
///
/// # Errors
/// If the store does not answer.
pub async fn read(app: &App, since: Millis) -> Result<Gaps, Failure> {
    let rows = app.store.gaps(since).await?;
    let library = app.library.clone();
    let gaps = tokio::task::spawn_blocking(move || {
        let mut gaps = grouped(&rows, |questions| library.alike(questions));
        gaps.list.retain(|gap| !is_closed(&library, gap));
        gaps
    });
    Ok(gaps.await.map_err(anyhow::Error::from)?)
}

/// Whether every wording is answered by now. What was answered and did not help stays: nobody has said that it does.
fn is_closed(library: &Library, gap: &Gap) -> bool {
    // Whether it is answered is the same in both languages; only the words of the answer are not.
    let is_answered = |question: &String| matches!(library.ask(question, Lang::En), Outcome::Answer(_));
    gap.unhelpful == 0 && gap.wordings.iter().all(is_answered)
}

/// Puts the same question in other words together; `alike` says which are, by their places.
fn grouped(rows: &[(Asked, Vec<String>)], alike: impl Fn(&[&str]) -> Vec<Vec<usize>>) -> Gaps {
    let told: Vec<&(Asked, Vec<String>)> = rows.iter().filter(|(asked, _)| !asked.private).collect();
    let questions: Vec<&str> = told.iter().map(|(asked, _)| asked.question.as_str()).collect();
    let groups = alike(&questions);
    let mut list: Vec<Gap> = groups
        .into_iter()
        .map(|group| gap(&group.into_iter().map(|at| told[at]).collect::<Vec<_>>()))
        .collect();
    list.sort_by(|a, b| b.count.cmp(&a.count).then(b.last.cmp(&a.last)));
    Gaps {
        list,
        private: rows.len() - told.len(),
    }
}

/// One gap out of its rows, the newest first.
fn gap(rows: &[&(Asked, Vec<String>)]) -> Gap {
    let mut wordings: Vec<String> = Vec::new();
    for (asked, _) in rows {
        if !wordings.contains(&asked.question) {
            wordings.push(asked.question.clone());
        }
    }
    let near = rows
        .iter()
        .map(|(asked, _)| &asked.title)
        .find(|title| !title.is_empty());
    Gap {
        wordings,
        count: rows.len(),
        last: rows.iter().map(|(asked, _)| asked.at).max().unwrap_or(0),
        unhelpful: rows.iter().filter(|(asked, _)| asked.answered).count(),
        near: near.cloned().unwrap_or_default(),
        reasons: rows.iter().flat_map(|(_, reasons)| reasons.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, question: &str, answered: bool) -> (Asked, Vec<String>) {
        let asked = Asked {
            id,
            at: id.cast_unsigned(),
            lang: Lang::En,
            private: question.is_empty(),
            question: question.to_owned(),
            answered,
            answer: String::new(),
            title: format!("near {id}"),
        };
        let reasons = if answered {
            vec!["too short".to_owned()]
        } else {
            Vec::new()
        };
        (asked, reasons)
    }

    #[test]
    fn wordings_of_one_question_are_one_gap_and_private_ones_are_counted() {
        let rows = [
            row(4, "helm", false),
            row(3, "", false),
            row(2, "gpu", true),
            row(1, "helm chart", false),
        ];
        // Told are helm, gpu, helm chart.
        let gaps = grouped(&rows, |questions| {
            assert_eq!(questions, ["helm", "gpu", "helm chart"]);
            vec![vec![1], vec![0, 2]]
        });
        assert_eq!(gaps.private, 1);
        let told: Vec<_> = gaps
            .list
            .iter()
            .map(|gap| (gap.wordings.join(","), gap.count, gap.unhelpful))
            .collect();
        assert_eq!(
            told,
            [("helm,helm chart".to_owned(), 2, 0), ("gpu".to_owned(), 1, 1)]
        );
        assert_eq!((gaps.list[0].last, gaps.list[0].near.as_str()), (4, "near 4"));
        assert_eq!(gaps.list[1].reasons, ["too short"]);
    }
}
