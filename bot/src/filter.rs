//! `firstmate redact`: standard input to standard output, without its secrets.
#![expect(clippy::print_stderr, reason = "the command line speaks to the terminal")]

use std::io::{self, BufRead as _, ErrorKind, IsTerminal as _, Read as _};

use firstmate::redact::stream::Filter;
use firstmate::text::terminal;
use firstmate_kb::Lang;

use crate::DONE;

/// A line longer than this comes in parts: memory has an end, and a log without one single line break none.
const LINE: u64 = 4 * 1024 * 1024;

/// Line by line, so that it can stand behind `kubectl logs -f`. A reader that has seen enough, such as
/// `head`, is no failure.
pub(crate) fn run(lang: Lang) -> anyhow::Result<u8> {
    let input = io::stdin().lock();
    if input.is_terminal() {
        eprintln!("{}", terminal::redact_hint(lang));
    }
    match filter(input, io::stdout().lock()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(DONE),
        other => other.map(|()| DONE).map_err(Into::into),
    }
}

fn filter(mut input: impl io::BufRead, mut output: impl io::Write) -> io::Result<()> {
    let mut filter = Filter::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
            output.write_all(filter.finish().text.as_bytes())?;
            return output.flush();
        }
        // Bytes that are no text become a sign that says so.
        let said = filter.push(&String::from_utf8_lossy(&line));
        output.write_all(said.text.as_bytes())?;
        output.flush()?;
    }
}
