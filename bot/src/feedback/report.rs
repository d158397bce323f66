//! `/kb report`: how much was asked and answered, and what people thought of it.

use firstmate_kb::Lang;

use crate::app::App;
use crate::clock::Millis;
use crate::handle::Failure;
use crate::reply::{Card, File, Reply};
use crate::text::feedback as say;

/// How far back it looks.
const SINCE: Millis = 30 * 86_400_000;
/// How many answers a message shows.
const SHOWN: usize = 10;

/// The report.
///
/// # Errors
/// If the store does not answer.
pub async fn reply(app: &App, lang: Lang) -> Result<Reply, Failure> {
    let since = app.clock.now().saturating_sub(SINCE);
    let (asked, unanswered) = app.store.counts(since).await?;
    let tallies = app.store.tallies(since).await?;
    let lines = tallies.iter().map(|tally| {
        let question = app.library.question(&tally.answer, lang);
        say::tally(lang, question.as_ref().map(|it| it.title.as_str()), tally)
    });
    let lines: Vec<String> = lines.collect();
    let card = Card {
        title: say::report_title(lang).to_owned(),
        body: lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n"),
        ..Card::default()
    };
    let all = || File::text("votes.md", &(lines.join("\n") + "\n"));
    Ok(Reply {
        text: say::report(lang, SINCE / 86_400_000, asked, unanswered),
        card: (!lines.is_empty()).then_some(card),
        files: (lines.len() > SHOWN).then(all).into_iter().collect(),
        private: true,
        ..Reply::default()
    })
}
