//! The commands in a section: shell lines out of its fenced blocks, each as one would type it.

use crate::Command;
use crate::lines::{Kind, Line};

/// The shell commands in `lines`, in their order.
pub(crate) fn commands(lines: &[Line<'_>]) -> Vec<Command> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Kind::FenceOpen { lang, .. } = lines[at].kind else {
            at += 1;
            continue;
        };
        let code: Vec<(u32, &str)> = lines[at + 1..].iter().map_while(code_of).collect();
        at += 1 + code.len();
        if is_shell(lang) {
            Block {
                lang,
                prompted: is_prompted(lang, &code),
            }
            .read(&code, &mut found);
        }
    }
    found
}

fn code_of<'t>(line: &Line<'t>) -> Option<(u32, &'t str)> {
    match line.kind {
        Kind::Code { code } => Some((line.number, code)),
        _ => None,
    }
}

fn is_shell(lang: &str) -> bool {
    const SHELLS: [&str; 7] = [
        "bash",
        "sh",
        "shell",
        "console",
        "zsh",
        "shell-session",
        "terminal",
    ];
    SHELLS.iter().any(|it| it.eq_ignore_ascii_case(lang))
}

/// A block that shows prompts also shows output: only the lines behind a prompt are typed.
fn is_prompted(lang: &str, code: &[(u32, &str)]) -> bool {
    code.iter().any(|(_, line)| line.trim_start().starts_with("$ "))
        || matches!(lang.to_ascii_lowercase().as_str(), "console" | "shell-session")
            && code.iter().any(|(_, line)| line.trim_start().starts_with("# "))
}

struct Block<'b> {
    lang: &'b str,
    prompted: bool,
}

impl Block<'_> {
    fn read(&self, code: &[(u32, &str)], found: &mut Vec<Command>) {
        let dollar = code.iter().any(|(_, line)| line.trim_start().starts_with("$ "));
        let mut at = 0;
        while at < code.len() {
            let (line, text) = code[at];
            at += 1;
            let Some(typed) = self.typed(text, dollar) else {
                continue;
            };
            let mut command = Typing::new(typed);
            while command.goes_on() && at < code.len() {
                command.add(code[at].1);
                at += 1;
            }
            found.push(Command {
                text: command.text,
                line,
                lang: self.lang.to_owned(),
            });
        }
    }

    /// What is typed on a line, without the prompt; nothing on a comment or a line of output.
    fn typed<'t>(&self, line: &'t str, dollar: bool) -> Option<&'t str> {
        let text = line.trim();
        let typed = match (self.prompted, dollar) {
            (true, true) => text.strip_prefix("$ ")?,
            (true, false) => text.strip_prefix("# ")?,
            (false, _) => text,
        };
        (!typed.is_empty() && !typed.starts_with('#')).then_some(typed)
    }
}

/// A command as far as it has been read.
struct Typing {
    text: String,
    quote: Option<char>,
    heredoc: Option<String>,
    /// `for`, `while`, `if` and `case` that still wait for their end.
    open: usize,
    continued: bool,
}

impl Typing {
    fn new(line: &str) -> Self {
        let mut it = Self {
            text: String::new(),
            quote: None,
            heredoc: None,
            open: 0,
            continued: false,
        };
        it.add(line);
        it
    }

    fn goes_on(&self) -> bool {
        self.continued || self.quote.is_some() || self.heredoc.is_some() || self.open > 0
    }

    fn add(&mut self, line: &str) {
        if let Some(end) = &self.heredoc {
            let ended = line.trim() == end;
            self.text.push('\n');
            self.text
                .push_str(if ended { line.trim() } else { line.trim_end() });
            if ended {
                self.heredoc = None;
            }
            return;
        }
        let joined = std::mem::take(&mut self.continued);
        let line = if joined || self.text.is_empty() {
            line.trim()
        } else {
            line.trim_end()
        };
        if !self.text.is_empty() {
            self.text.push(if joined { ' ' } else { '\n' });
        }
        self.count_blocks(line);
        self.follow_quotes(line);
        match line.strip_suffix('\\').filter(|_| self.quote != Some('\'')) {
            Some(kept) => {
                self.continued = true;
                self.text.push_str(kept.trim_end());
            }
            None => self.text.push_str(line),
        }
        self.heredoc = heredoc(line).filter(|_| self.quote.is_none());
    }

    fn follow_quotes(&mut self, line: &str) {
        let mut before = ' ';
        for char in line.chars() {
            match (self.quote, char) {
                _ if before == '\\' && self.quote != Some('\'') => {}
                (None, '\'' | '"') => self.quote = Some(char),
                (Some(open), _) if open == char => self.quote = None,
                // An apostrophe in a comment opens nothing.
                (None, '#') if before.is_whitespace() => return,
                _ => {}
            }
            // A doubled backslash is a backslash and escapes nothing.
            before = if before == '\\' && char == '\\' { ' ' } else { char };
        }
    }

    fn count_blocks(&mut self, line: &str) {
        if self.quote.is_some() {
            return;
        }
        for word in line.split([' ', ';', '\t']) {
            match word {
                "do" | "then" | "in" => {}
                "for" | "while" | "until" | "if" | "case" if self.starts_block(line, word) => self.open += 1,
                "done" | "fi" | "esac" => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// `for` begins a block only as the first word of a command.
    fn starts_block(&self, line: &str, word: &str) -> bool {
        line.trim_start().starts_with(word)
            || line.contains(&format!("; {word} "))
            || line.contains(&format!("do {word} "))
    }
}

/// The word that ends a here-document which begins on this line.
fn heredoc(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("<<")?;
    if rest.starts_with('<') {
        return None;
    }
    let rest = rest.trim_start_matches('-').trim_start();
    let word: String = rest
        .trim_start_matches(['\'', '"'])
        .chars()
        .take_while(|it| it.is_alphanumeric() || *it == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}
