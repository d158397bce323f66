//! The code blocks of the documents, and the commands in them as a shell would read them.

/// What stands for a placeholder, so that what is asked for is there as often as it can be. Others stand for themselves.
const PLACEHOLDERS: [(&str, &str); 21] = [
    ("namespace", "shop"),
    ("source-namespace", "shop"),
    ("pod", "web-7d4b9c6f5-x2x9k"),
    ("source-pod", "web-7d4b9c6f5-x2x9k"),
    ("deployment", "web"),
    ("replicaset", "web-7d4b9c6f5"),
    ("service", "web"),
    ("pdb", "web"),
    ("container", "app"),
    ("node-name", "node-1"),
    ("label-key", "app"),
    ("label-value", "web"),
    ("hash", "7d4b9c6f5"),
    ("port", "80"),
    ("target-port", "8080"),
    ("revision", "1"),
    ("cpu", "100m"),
    ("memory", "128Mi"),
    ("smaller-number", "1"),
    ("kind", "deployment"),
    ("mount-path", "/etc/app"),
];

/// A block of code in a document, with its placeholders filled in.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) file: String,
    /// The line of its first line.
    pub(super) line: usize,
    pub(super) text: String,
}

/// The blocks of `docs/qa` in a language.
pub(super) fn blocks(language: &str) -> Vec<Block> {
    let mut found = Vec::new();
    for (file, text) in crate::markdown() {
        if !file.starts_with("docs/qa/") {
            continue;
        }
        let mut block: Option<Block> = None;
        for (at, line) in text.lines().enumerate() {
            match &mut block {
                Some(_) if line.trim_start().starts_with("```") => found.extend(block.take()),
                Some(block) => block.text += &format!("{}\n", filled(line)),
                None if line.trim() == format!("```{language}") => {
                    block = Some(Block {
                        file: file.clone(),
                        line: at + 2,
                        text: String::new(),
                    });
                }
                None => {}
            }
        }
    }
    found
}

/// The commands that the sentences of `docs/qa` quote.
pub(super) fn quoted() -> Vec<Block> {
    let mut found = Vec::new();
    for (file, text) in crate::markdown() {
        for (at, line) in text.lines().enumerate() {
            // Every second piece stands in backticks.
            let pieces = line.split('`').skip(1).step_by(2);
            for command in
                pieces.filter(|piece| file.starts_with("docs/qa/") && piece.starts_with("kubectl "))
            {
                found.push(Block {
                    file: file.clone(),
                    line: at + 1,
                    text: filled(command),
                });
            }
        }
    }
    found
}

/// A line with something for each `<placeholder>`.
fn filled(line: &str) -> String {
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        filled += before;
        let name = after.split('>').next().unwrap_or_default();
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if is_name && after.contains('>') {
            let known = PLACEHOLDERS.iter().find(|(placeholder, _)| *placeholder == name);
            filled += known.map_or(name.to_lowercase().as_str(), |(_, value)| value);
            rest = &after[name.len() + 1..];
        } else {
            filled += "<";
            rest = after;
        }
    }
    filled + rest
}

/// The arguments of each kubectl in some lines of shell, with the number of the line from 0.
pub(super) fn kubectls(shell: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (at, command) in commands(shell) {
        // Behind `xargs`, `do`, `sudo` and the like.
        if let Some(start) = command.iter().position(|word| word == "kubectl") {
            let mut arguments = command[start + 1..].to_vec();
            // It adds what it reads, here names.
            if command[0] == "xargs" {
                arguments.push("pods".to_owned());
            }
            found.push((at, arguments));
        }
    }
    found
}

/// Simple commands, as words. Quotes are taken off, redirections left out, nothing is expanded.
fn commands(shell: &str) -> Vec<(usize, Vec<String>)> {
    let mut reader = Reader::default();
    let mut letters = shell.chars().peekable();
    while let Some(letter) = letters.next() {
        match (reader.quote, letter) {
            (Some(quote), _) if letter == quote => reader.quote = None,
            (Some('"') | None, '\\') => match letters.next() {
                Some('\n') => reader.line += 1,
                Some(escaped) => reader.push(escaped),
                None => {}
            },
            (Some(_), _) => reader.push(letter),
            (None, '\'' | '"') => {
                reader.quote = Some(letter);
                reader.word.get_or_insert_default();
            }
            (None, '#') if reader.word.is_none() => {
                while letters.next_if(|letter| *letter != '\n').is_some() {}
            }
            (None, '>' | '<') => {
                reader.redirect();
                letters.next_if(|letter| ['>', '&'].contains(letter));
            }
            (None, ' ' | '\t') => reader.end_word(),
            (None, '\n' | '|' | ';' | '&' | '(' | ')') => reader.end_command(letter),
            (None, _) => reader.push(letter),
        }
    }
    reader.end_command('\n');
    reader.commands
}

#[derive(Default)]
struct Reader {
    line: usize,
    quote: Option<char>,
    word: Option<String>,
    is_target: bool,
    words: Vec<String>,
    commands: Vec<(usize, Vec<String>)>,
}

impl Reader {
    fn push(&mut self, letter: char) {
        self.word.get_or_insert_default().push(letter);
        if letter == '\n' {
            self.line += 1;
        }
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_target)
        {
            self.words.push(word);
        }
    }

    /// The next word is a file; a number in front names the stream.
    fn redirect(&mut self) {
        let is_stream = |word: &String| word.chars().all(|letter| letter.is_ascii_digit());
        if self.word.as_ref().is_some_and(is_stream) {
            self.word = None;
        }
        self.end_word();
        self.is_target = true;
    }

    fn end_command(&mut self, by: char) {
        self.end_word();
        if !self.words.is_empty() {
            let words = std::mem::take(&mut self.words);
            self.commands.push((self.line, words));
        }
        self.line += usize::from(by == '\n');
    }
}

#[test]
fn lines_are_read_as_a_shell_reads_them() {
    let shell = "# kubectl none\nfor i in 1 2; do kubectl top pod \"a b\" 2>/dev/null; sleep 1; done\n\
                 kubectl get pods -o 'a|b' \\\n  -A | xargs -n1 kubectl describe > out.txt && echo kubectl";
    let found: Vec<String> = kubectls(shell)
        .iter()
        .map(|(line, words)| format!("{line}: {}", words.join(",")))
        .collect();
    assert_eq!(
        found,
        [
            "1: top,pod,a b",
            "3: get,pods,-o,a|b,-A",
            "3: describe,pods",
            "3: "
        ]
    );
    assert_eq!(
        filled("kubectl -n <namespace> get <x-y> < <a b>"),
        "kubectl -n shop get x-y < <a b>"
    );
}
