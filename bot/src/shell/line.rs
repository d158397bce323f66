//! A shell line as far as it must be understood: its words, what it is piped into, what else it does.

/// A line of shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The commands of its pipe, in order.
    pub stages: Vec<Stage>,
    /// Whether it is more than one pipe: several commands, a loop, a condition.
    pub is_script: bool,
}

/// One command of a pipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// Its words, without quotes.
    pub words: Vec<String>,
    /// Where it reads from and writes to, as written: `> file`, `2>/dev/null`.
    pub redirects: Vec<String>,
    /// As written.
    pub text: String,
}

/// A quote that is opened and never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed(pub char);

/// Words that begin a script.
const SCRIPT: [&str; 10] = [
    "for", "while", "until", "if", "case", "function", "select", "{", "(", "[[",
];

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// If a quote is never closed.
    pub fn read(text: &str) -> Result<Self, Unclosed> {
        let mut reading = Reading::default();
        let characters: Vec<char> = without_here_documents(text).chars().collect();
        let mut at = 0;
        while at < characters.len() {
            at += reading.take(&characters[at..]);
        }
        if let Some(quote) = reading.quote {
            return Err(Unclosed(quote));
        }
        reading.end_stage();
        let mut line = reading.line;
        line.is_script |= line.stages.iter().any(|stage| {
            stage
                .words
                .first()
                .is_some_and(|word| SCRIPT.contains(&word.as_str()))
        });
        Ok(line)
    }
}

#[derive(Default)]
struct Reading {
    line: Line,
    stage: Stage,
    word: String,
    /// Whether a word has begun: an empty one in quotes is a word.
    is_word: bool,
    quote: Option<char>,
    /// A redirect that waits for the word it names.
    redirect: Option<String>,
    /// Whether what comes next is another command.
    is_next: bool,
}

impl Reading {
    /// Takes what comes next, and says how many characters that was.
    fn take(&mut self, rest: &[char]) -> usize {
        let (first, second) = (rest[0], rest.get(1).copied());
        let taken = match (self.quote, first, second) {
            (Some(quote), _, _) if first == quote => {
                self.quote = None;
                1
            }
            (Some('"') | None, '\\', Some(escaped)) => {
                self.put(escaped);
                2
            }
            (Some(_), _, _) => {
                self.put(first);
                1
            }
            (None, '\'' | '"', _) => {
                self.quote = Some(first);
                self.is_word = true;
                1
            }
            (None, '#', _) if !self.is_word => return rest.iter().take_while(|it| **it != '\n').count(),
            (None, '<', _) if placeholder(rest) > 0 => {
                let length = placeholder(rest);
                rest[..length].iter().for_each(|it| self.put(*it));
                length
            }
            // `$(…)` is a word of this command; what stands in it is read by nobody here.
            (None, '$', Some('(')) => {
                let length = substitution(rest);
                rest[..length].iter().for_each(|it| self.put(*it));
                length
            }
            (None, '<' | '>', _) => return self.redirect(rest),
            (None, '|', Some('|')) | (None, '&', Some('&')) => return self.next(2),
            (None, '|', _) => {
                self.end_stage();
                return 1;
            }
            (None, ';' | '&' | '\n', _) => return self.next(1),
            (None, it, _) if it.is_whitespace() => {
                self.end_word();
                1
            }
            _ => {
                self.put(first);
                1
            }
        };
        self.stage.text.extend(&rest[..taken]);
        taken
    }

    fn put(&mut self, character: char) {
        self.word.push(character);
        self.is_word = true;
    }

    /// Another command begins behind so many characters.
    fn next(&mut self, length: usize) -> usize {
        self.end_stage();
        self.is_next = !self.line.stages.is_empty();
        length
    }

    fn redirect(&mut self, rest: &[char]) -> usize {
        let is_number = !self.word.is_empty() && self.word.bytes().all(|byte| byte.is_ascii_digit());
        let mut mark = if is_number {
            std::mem::take(&mut self.word)
        } else {
            String::new()
        };
        self.is_word &= !is_number;
        self.end_word();
        let length = rest.iter().take_while(|it| "<>&".contains(**it)).count();
        mark.extend(&rest[..length]);
        self.stage.text.extend(&rest[..length]);
        self.redirect = Some(mark);
        length
    }

    fn end_word(&mut self) {
        if !std::mem::take(&mut self.is_word) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        match self.redirect.take() {
            Some(mark) => self.stage.redirects.push(format!("{mark} {word}")),
            None => self.stage.words.push(word),
        }
    }

    fn end_stage(&mut self) {
        self.end_word();
        self.stage.redirects.extend(self.redirect.take());
        let mut stage = std::mem::take(&mut self.stage);
        if stage.words.is_empty() && stage.redirects.is_empty() {
            return;
        }
        stage.text = stage.text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.line.stages.push(stage);
        self.line.is_script |= self.is_next;
    }
}

/// What is typed into a command in lines of its own is no shell.
fn without_here_documents(text: &str) -> String {
    let mut kept = Vec::new();
    let mut end: Option<String> = None;
    for line in text.lines() {
        match &end {
            Some(word) if line.trim() == word => end = None,
            Some(_) => {}
            None => {
                end = here_document(line);
                kept.push(line);
            }
        }
    }
    kept.join("\n")
}

/// The word that ends a here-document which begins on this line.
fn here_document(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("<<")?;
    let rest = rest.trim_start_matches('-').trim_start();
    let word = rest.trim_start_matches(['\'', '"']);
    let word: String = word
        .chars()
        .take_while(|it| it.is_alphanumeric() || *it == '_')
        .collect();
    (!rest.starts_with('<') && !word.is_empty()).then_some(word)
}

/// How long the placeholder is that begins here, such as `<node-name>`; 0 if it is none.
fn placeholder(rest: &[char]) -> usize {
    let is_inside = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.' | ' ' | '/' | '|');
    let inside = rest[1..].iter().take_while(|it| is_inside(**it)).count();
    let begins = rest.get(1).is_some_and(|it| it.is_alphanumeric());
    match rest.get(1 + inside) {
        Some('>') if begins && inside < 48 => inside + 2,
        _ => 0,
    }
}

/// How long a `$(…)` is, with those in it.
fn substitution(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    for (at, character) in rest.iter().enumerate() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether a word stands for something that the reader is to fill in: `<node-name>`, `NODE`, `$NODE`.
pub fn is_placeholder(word: &str) -> bool {
    let named = word.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
    let named = named.or_else(|| word.strip_prefix('$')).unwrap_or(word);
    let is_loud = named.len() > 1
        && named.starts_with(|it: char| it.is_ascii_uppercase())
        && named
            .bytes()
            .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || matches!(it, b'_' | b'-'));
    let inner = word.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
    is_loud || word.starts_with('$') || inner.is_some_and(|it| !it.is_empty() && !it.contains(['<', '>']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let line = Line::read(text).unwrap();
        line.stages.into_iter().map(|stage| stage.words).collect()
    }

    #[test]
    fn quotes_pipes_and_placeholders_are_told_apart() {
        assert_eq!(
            words("kubectl describe node <node-name> | grep -E 'Disk|Taints' # why"),
            [
                vec!["kubectl", "describe", "node", "<node-name>"],
                vec!["grep", "-E", "Disk|Taints"]
            ]
        );
        assert_eq!(
            words(r#"kubectl get po -o jsonpath='{.a}{"\n"}'"#),
            [["kubectl", "get", "po", "-o", r#"jsonpath={.a}{"\n"}"#]]
        );
        assert_eq!(
            words("kubectl logs deployment/<部署名>"),
            [["kubectl", "logs", "deployment/<部署名>"]]
        );
    }

    #[test]
    fn a_redirect_is_no_word() {
        let line = Line::read("openssl s_client </dev/null 2>/dev/null | tee a.txt").unwrap();
        assert_eq!(line.stages[0].words, ["openssl", "s_client"]);
        assert_eq!(line.stages[0].redirects, ["< /dev/null", "2> /dev/null"]);
        assert_eq!(line.stages[1].text, "tee a.txt");
        assert!(!line.is_script);
    }

    #[test]
    fn several_commands_are_a_script() {
        for text in [
            "a && b",
            "a; b",
            "a || b",
            "a\nb",
            "for i in 1 2; do echo $i; done",
        ] {
            assert!(Line::read(text).unwrap().is_script, "{text}");
        }
        assert!(!Line::read("kubectl get nodes;").unwrap().is_script);
        assert!(!Line::read("echo $(date; date)").unwrap().is_script);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_a_fault() {
        assert_eq!(Line::read("echo 'a"), Err(Unclosed('\'')));
        assert_eq!(Line::read(r#"echo "a\""#), Err(Unclosed('"')));
        assert!(Line::read(r"echo it\'s").is_ok());
    }

    #[test]
    fn a_placeholder_is_seen_in_every_form() {
        for word in [
            "<node-name>",
            "<节点名>",
            "NODE",
            "POD_NAME",
            "$NODE",
            "${NODE}",
            "<pod name>",
        ] {
            assert!(is_placeholder(word), "{word}");
        }
        for word in [
            "node-3",
            "etcd-<node-name>",
            "A",
            "CPU%",
            "web",
            "<>",
            "kube-system",
        ] {
            assert!(!is_placeholder(word), "{word}");
        }
    }
}
