use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::TEAM;
use crate::document::{Document, parse};
use crate::headings::without_numbering;
use crate::lines::{Kind, scan};

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&render(&parse(text, "file name")));
}

fn render(document: &Document) -> String {
    let mut out = String::new();
    if let Some(id) = &document.id {
        writeln!(out, "id {id}, tags {:?}", document.tags).unwrap();
    }
    for (line, fault) in &document.faults {
        writeln!(out, "fault {fault:?} on line {line}").unwrap();
    }
    for question in &document.questions {
        writeln!(out, "{}: {}", question.line, question.title).unwrap();
        if let Some(short) = &question.short {
            writeln!(out, "   short: {short}").unwrap();
        }
        for part in &question.sections {
            writeln!(out, "   {}: [{}]", part.line, part.path.join(" > ")).unwrap();
            for line in part.markdown.lines() {
                writeln!(out, "      |{line}").unwrap();
            }
            for command in &part.commands {
                writeln!(out, "      {}$ {}", command.line, command.text.replace('\n', "⏎")).unwrap();
            }
        }
    }
    out
}

#[test]
fn numbered_bold_questions_with_the_answer_as_a_quote() {
    check(
        TEAM,
        expect![[r#"
        6: 容器镜像拉取很慢怎么办？
           short: 先确认是网络慢还是镜像太大，再决定用镜像加速还是预热。
           11: []
              |按下面的顺序查：
           13: [1. 看镜像有多大]
              |在节点上执行：
              |
              |```bash
              |crictl images | grep shop
              |```
              |
              |- 超过 `2GiB` 的镜像先瘦身：
              |
              |  ```bash
              |  docker history registry.example.com/shop:1.4 \
              |    --no-trunc
              |  ```
              18$ crictl images | grep shop
              24$ docker history registry.example.com/shop:1.4 --no-trunc
           30: [2. 看到镜像仓库的网络 > 测延迟]
              |```console
              |$ ping -c 3 registry.example.com
              |64 bytes from 10.0.0.9: time=210 ms
              |```
              |
              |> 注意：跨地域访问仓库要走专线。
              33$ ping -c 3 registry.example.com
           39: [2. 看到镜像仓库的网络 > 换加速地址]
              |```yaml
              |mirrors:
              |  docker.io:
              |    endpoint: ["https://mirror.example.com"]
              |```
           47: [总结]
              |1. **镜像大小**：先瘦身。
              |2. **仓库网络**：再加速。
        53: 如何轮换数据库密码？
           short: 在密码库里改，再滚动重启用到它的服务。
           57: []
              |```bash
              |kubectl -n shop rollout restart deployment/web
              |```
              58$ kubectl -n shop rollout restart deployment/web
    "#]],
    );
}

#[test]
fn question_and_answer_letters() {
    let text = "\
# FAQ

Q: How do I list pods?
A: Ask the API server.

```sh
kubectl get pods -A
```

**Q2: 怎么看日志？**

**A：** 用 `kubectl logs`。

第二段。
";
    check(
        text,
        expect![[r#"
        3: How do I list pods?
           short: Ask the API server.
           6: []
              |```sh
              |kubectl get pods -A
              |```
              7$ kubectl get pods -A
        10: 怎么看日志？
           short: 用 `kubectl logs`。
           14: []
              |第二段。
    "#]],
    );
}

#[test]
fn details_with_a_summary_that_asks() {
    let text = "\
# Runbook

Before the questions.

<details>
<summary><b>Why is the queue full?</b></summary>

Look at the consumers.

<details><summary>Full output</summary>

```text
lag 9000
```

</details>

Then scale them.

</details>

After the questions.
";
    check(
        text,
        expect![[r#"
        1: Runbook
           short: Before the questions.
           22: []
              |After the questions.
        5: Why is the queue full?
           short: Look at the consumers.
           10: [Full output]
              |```text
              |lag 9000
              |```
           18: []
              |Then scale them.
    "#]],
    );
}

#[test]
fn front_matter_and_one_question_a_file() {
    let text = "\
---
id: node-reboots
tags: [node, \"reboot\", 重启]
---
# A node reboots: why?

Read the kernel log first.

## 1. Kernel log
```bash
journalctl -k -b -1
```
## 2. Is it the hardware?
> Note: ask the vendor.

Look at the event log of the board.
## How to tell that it worked
No reboot for a day.
";
    check(
        text,
        expect![[r#"
        id node-reboots, tags ["node", "reboot", "重启"]
        5: A node reboots: why?
           short: Read the kernel log first.
           9: [1. Kernel log]
              |```bash
              |journalctl -k -b -1
              |```
              11$ journalctl -k -b -1
           13: [2. Is it the hardware?]
              |> Note: ask the vendor.
              |
              |Look at the event log of the board.
           17: [How to tell that it worked]
              |No reboot for a day.
    "#]],
    );
}

#[test]
fn a_plain_page_is_one_question_with_sections() {
    let text = "\
Release guide
=============

Before you start
----------------
Tell the team.

## What if it fails?
Roll back.

### Data
Restore it.
";
    check(
        text,
        expect![[r#"
            1: Release guide
               4: [Before you start]
                  |Tell the team.
               8: [What if it fails?]
                  |Roll back.
               11: [What if it fails? > Data]
                  |Restore it.
        "#]],
    );
}

#[test]
fn headings_that_ask_are_questions_and_the_rest_is_the_page() {
    let text = "\
# Storage

How we store things.

## How do I get a volume?
Claim it.

### Sizes
Any.

## Why is it slow?
It is far away.

## Summary
Claim it near.

# Network

No questions here.
";
    check(
        text,
        expect![[r#"
            1: Storage
               3: []
                  |How we store things.
            5: How do I get a volume?
               short: Claim it.
               8: [Sizes]
                  |Any.
            11: Why is it slow?
               short: It is far away.
               14: [Summary]
                  |Claim it near.
            17: Network
               19: []
                  |No questions here.
        "#]],
    );
}

#[test]
fn text_without_any_heading_is_called_after_its_file() {
    check(
        "Just a note.\n\nWith two paragraphs.\n",
        expect![[r#"
        1: file name
           short: Just a note.
           3: []
              |With two paragraphs.
    "#]],
    );
}

#[test]
fn what_looks_like_a_heading_in_code_or_comments_is_none() {
    let text = "\
# How?

~~~sh
# a comment
## another
~~~

- item

    ```yaml
    # deep in a list
    ```

<!--
# hidden
-->

    # indented code

text
";
    check(
        text,
        expect![[r#"
        1: How?
           3: []
              |~~~sh
              |# a comment
              |## another
              |~~~
              |
              |- item
              |
              |    ```yaml
              |    # deep in a list
              |    ```
              |
              |<!--
              |# hidden
              |-->
              |
              |    # indented code
              |
              |text
    "#]],
    );
}

#[test]
fn an_unclosed_fence_is_a_fault_and_swallows_no_question() {
    let text = "\
# FAQ

## How do I a?

```bash
do a

## How do I b?

```bash
do b
```

## How do I c?

> ```bash
> do c

after
";
    check(
        text,
        expect![[r#"
            fault UnclosedFence on line 5
            fault UnclosedFence on line 16
            3: How do I a?
               5: []
                  |```bash
                  |do a
                  |
                  |```
                  6$ do a
            8: How do I b?
               10: []
                  |```bash
                  |do b
                  |```
                  11$ do b
            14: How do I c?
               16: []
                  |```bash
                  |do c
                  |```
                  |
                  |after
                  17$ do c
        "#]],
    );
}

#[test]
fn commands_as_they_are_typed() {
    let text = "\
# How?

```bash
# a comment
kubectl get pods \\
  -n shop \\
  -o wide

kubectl patch deployment web -p '{
  \"spec\": {\"replicas\": 3}
}'
cat <<EOF | kubectl apply -f -
kind: Pod
EOF
for node in a b; do
  kubectl drain $node
done
echo \"it's done\" # that's all
```
";
    check_commands(
        text,
        expect![[r#"
        5 bash: kubectl get pods -n shop -o wide
        9 bash: kubectl patch deployment web -p '{⏎  "spec": {"replicas": 3}⏎}'
        12 bash: cat <<EOF | kubectl apply -f -⏎kind: Pod⏎EOF
        15 bash: for node in a b; do⏎  kubectl drain $node⏎done
        18 bash: echo "it's done" # that's all"#]],
    );
}

#[test]
fn in_a_console_only_what_stands_behind_a_prompt_is_typed() {
    let text = "\
# How?

```console
$ kubectl get nodes
NAME   STATUS
$ kubectl top \\
  nodes
# not typed
```

```console
# systemctl restart kubelet
```

```text
kubectl not-a-command
```
";
    check_commands(
        text,
        expect![[r#"
        4 console: kubectl get nodes
        6 console: kubectl top nodes
        12 console: systemctl restart kubelet"#]],
    );
}

#[track_caller]
fn check_commands(text: &str, expected: Expect) {
    let document = parse(text, "file name");
    let sections = document.questions.iter().flat_map(|it| &it.sections);
    let commands = sections.flat_map(|it| &it.commands);
    let typed: Vec<String> = commands
        .map(|it| format!("{} {}: {}", it.line, it.lang, it.text.replace('\n', "⏎")))
        .collect();
    expected.assert_eq(&typed.join("\n"));
}

#[test]
fn numbering_is_taken_off_titles() {
    let titles = [
        "8.3 如何处理？",
        "1. First",
        "2) Second",
        "三、第三",
        "（四）第四",
        "第5章、五",
        "Q6: Six?",
        "问题：七",
        "1.33 upgrade: what breaks?",
        "3 nodes are down",
        "404 from the Ingress",
        "10.0.0.1 is unreachable",
        "503：怎么办",
    ];
    let bare: Vec<&str> = titles.iter().map(|it| without_numbering(it)).collect();
    expect![[r#"
        如何处理？
        First
        Second
        第三
        第四
        五
        Six?
        七
        1.33 upgrade: what breaks?
        3 nodes are down
        404 from the Ingress
        10.0.0.1 is unreachable
        503：怎么办"#]]
    .assert_eq(&bare.join("\n"));
}

#[test]
fn nothing_is_lost_of_any_document() {
    for (name, text) in documents() {
        let document = parse(&text, "name");
        let mut kept = String::new();
        for question in &document.questions {
            kept.push_str(&question.context.join("\n"));
            kept.push_str(&format!("\n{}\n", question.title));
            kept.push_str(question.short.as_deref().unwrap_or_default());
            for part in &question.sections {
                kept.push_str(&format!("\n{}\n{}\n", part.path.join("\n"), part.markdown));
            }
        }
        let kept = letters(&kept);
        let body = match &document.id {
            Some(_) => text.splitn(3, "---\n").nth(2).unwrap(),
            None => &text,
        };
        for line in body.lines() {
            // A number before a title is the only thing that is not kept.
            let bare = line
                .trim_start_matches(['#', '*', '>', ' '])
                .trim_end_matches('*');
            let line = letters(without_numbering(bare));
            assert!(kept.contains(&line), "{name}: lost {line:?}");
        }
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|it| it.is_alphanumeric()).collect()
}

/// A second opinion on what is a heading and what is code.
#[test]
fn headings_and_fences_agree_with_a_markdown_parser() {
    for (name, text) in documents() {
        let body = match text.strip_prefix("---\n") {
            Some(rest) => rest.split_once("---\n").unwrap().1,
            None => &text,
        };
        assert_eq!(ours(body), theirs(body), "{name}");
    }
}

fn ours(text: &str) -> (Vec<u8>, usize) {
    let (lines, _) = scan(text);
    let headings = lines.iter().filter_map(|line| match line.kind {
        Kind::Heading { level, .. } => Some(level),
        _ => None,
    });
    let fences = lines
        .iter()
        .filter(|line| matches!(line.kind, Kind::FenceOpen { .. }));
    (headings.collect(), fences.count())
}

fn theirs(text: &str) -> (Vec<u8>, usize) {
    let mut headings = Vec::new();
    let mut fences = 0;
    for event in Parser::new(text) {
        match event {
            Event::End(TagEnd::Heading(level)) => headings.push(number(level)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => fences += 1,
            _ => {}
        }
    }
    (headings, fences)
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = vec![("team.md".to_owned(), TEAM.to_owned())];
    let folders: [PathBuf; 2] = [root.join("docs/qa/zh"), root.join("docs/qa/en")];
    for entry in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        found.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
    }
    found
}
