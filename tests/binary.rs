//! The program as it is run: exit codes, what it prints, and how it stops.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::Running;

fn firstmate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstmate"));
    command
        .env_remove("LANG")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .current_dir(crate::root());
    command
}

fn run(args: &[&str]) -> Output {
    firstmate().args(args).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const TEAM: [&str; 3] = ["--no-bundled", "--docs", "tests/documents/team"];

fn ask(question: &str) -> (i32, Value) {
    let output = run(&[&["ask", "--json"], TEAM.as_slice(), &[question]].concat());
    (code(&output), serde_json::from_slice(&output.stdout).unwrap())
}

fn start(args: &[&str]) -> (Running, BufReader<std::process::ChildStdout>) {
    let mut child = firstmate()
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (Running(child), stdout)
}

async fn get(url: &str) -> (u16, String) {
    match reqwest::get(url).await {
        Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap()),
        Err(_) => (0, String::new()),
    }
}

async fn until(url: &str, status: u16) -> String {
    let waiting = async {
        loop {
            let (seen, text) = get(url).await;
            if seen == status {
                return text;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waiting)
        .await
        .unwrap()
}

#[test]
fn ask_answers_with_one_object_and_a_code() {
    let (code, answer) = ask("节点反复重启怎么办");
    assert_eq!((code, &answer["band"]), (0, &Value::from("answer")));
    assert_eq!(answer["question"], "节点反复重启怎么办？");
    assert_eq!(answer["short"], "先看重启前的系统日志，再看内存、磁盘和硬件。");
    assert!(
        answer["file"].as_str().unwrap().ends_with("zh/restart.md"),
        "{answer}"
    );
    let (code, answer) = ask("how do I check the memory of a node that keeps restarting");
    assert_eq!(code, 0);
    assert_eq!(answer["path"], serde_json::json!(["2. Check the memory"]));
    assert_eq!(answer["line"], 15);
    assert_eq!(answer["commands"][0]["text"], "dmesg | grep -i oom");
    assert_eq!(answer["commands"][0]["class"], "by_hand");
    let (code, answer) = ask("what is the weather in Paris");
    assert_eq!((code, &answer["band"]), (4, &Value::from("not_known")));
    let keys: std::collections::BTreeSet<&str> =
        answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        [
            "band", "commands", "file", "line", "near", "path", "question", "short", "text"
        ]
    );
}

/// Beside the documents about the bot itself, which its name would find.
#[test]
fn who_calls_the_bot_by_its_name_is_answered_about_the_rest() {
    let asked = |question: &str| {
        let output = run(&["ask", "--json", question]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["file"].as_str().map(str::to_owned)
    };
    let pending = asked("Pod 一直 Pending 怎么查");
    assert!(
        pending.as_ref().unwrap().ends_with("pod-pending.md"),
        "{pending:?}"
    );
    assert_eq!(asked("@大副 Pod 一直 Pending 怎么查"), pending);
    assert_eq!(asked("大副，Pod 一直 Pending 怎么查"), pending);
    let about = asked("大副，你能干什么");
    assert!(
        about.as_ref().unwrap().ends_with("first-mate-ask.md"),
        "{about:?}"
    );
}

#[test]
fn ask_says_what_becomes_of_each_command() {
    let (code, answer) = ask("how do I isolate a node that keeps restarting");
    assert_eq!(code, 0);
    assert_eq!(
        answer["commands"],
        serde_json::json!([{"text": "kubectl cordon <node-name>", "class": "change", "reason": null}])
    );
    let (_, answer) = ask("怎么检查反复重启的节点的内存");
    assert_eq!(answer["commands"][1]["text"], "free -m");
    assert_eq!(answer["commands"][1]["reason"], "需要登录到节点上执行");
}

#[test]
fn lint_says_each_fault_by_file_and_line_and_exits_with_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.md");
    std::fs::write(&file, "# Why?\n\nIt is so.\n\n```bash\nkubectl gte nodes\n```\n").unwrap();
    let folder = dir.path().to_str().unwrap();
    let output = run(&["kb", "lint", "--lang", "en", folder]);
    assert_eq!(code(&output), 1);
    let said = format!("{}:6: kubectl has no verb `gte`\n", file.display());
    assert_eq!(out(&output), said);
    let output = run(&["kb", "lint", "--lang", "zh", "--json", folder]);
    let printed: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(printed["faults"][0]["text"], "kubectl 没有 `gte` 这个子命令");
    assert_eq!(printed["files"][0]["questions"][0]["form"], "heading");
    std::fs::write(&file, "# Why?\n\nIt is so.\n\n```bash\nkubectl get nodes\n```\n").unwrap();
    let output = run(&["kb", "lint", "--report", "--lang", "en", folder]);
    assert_eq!(code(&output), 0);
    assert!(
        out(&output).ends_with(
            "a.md: English; headings that ask: 1; sections: 1; checks: 1, requests: 0, by hand: 0\n"
        )
    );
}

#[test]
fn a_question_without_a_word_is_a_usage_error_in_the_askers_language() {
    let output = run(&["ask", "--lang", "zh", "？？"]);
    assert_eq!(code(&output), 64);
    assert!(err(&output).contains("没有看到问题"), "{}", err(&output));
    assert_eq!(code(&run(&["ask"])), 64);
    assert_eq!(code(&run(&["sail"])), 64);
    assert_eq!(code(&run(&["--help"])), 0);
}

#[cfg(unix)]
#[test]
fn what_is_not_text_is_a_usage_error() {
    use std::os::unix::ffi::OsStrExt as _;
    let question = std::ffi::OsStr::from_bytes(b"a\xff node");
    let output = firstmate().arg("ask").arg(question).output().unwrap();
    assert_eq!(code(&output), 64, "{}", err(&output));
    assert!(!err(&output).contains("panicked"), "{}", err(&output));
}

/// The index only saves time, so the program goes on without; `check` says so.
#[test]
fn an_index_that_cannot_be_kept_stops_nothing() {
    let home = tempfile::tempdir().unwrap();
    let index = home.path().join("mine");
    std::fs::create_dir(&index).unwrap();
    std::fs::write(index.join("current"), "precious").unwrap();
    let config = home.path().join("c.toml");
    let documents = crate::root().join("tests/documents/team");
    let text = format!(
        "[discord]\ntoken = \"x\"\nendpoint = \"http://127.0.0.1:1\"\n[knowledge]\nbundled = false\nindex = {index:?}\nfolders = [{{ path = {documents:?} }}]\n"
    );
    std::fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let asked = run(&["ask", "--config", config, "node NotReady"]);
    assert!(
        err(&asked).contains("the search index cannot be kept here"),
        "{}",
        err(&asked)
    );
    assert!(!out(&asked).is_empty());
    let checked = run(&["check", "--lang", "zh", "--config", config]);
    assert!(out(&checked).contains("这里存不了搜索索引"), "{}", out(&checked));
    assert_eq!(
        std::fs::read_to_string(index.join("current")).unwrap(),
        "precious"
    );
}

#[test]
fn a_question_of_any_length_is_survived() {
    let long = "节点".repeat(2000);
    let output = run(&[&["ask"], TEAM.as_slice(), &[&long]].concat());
    assert!([0, 3, 4].contains(&code(&output)), "{}", err(&output));
    let output = run(&[&["ask"], TEAM.as_slice(), &[&format!("{long}。")]].concat());
    assert_eq!(code(&output), 64);
}

#[test]
fn every_fault_of_the_settings_is_named_with_file_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("firstmate.toml");
    std::fs::write(
        &file,
        "nonsense = 1\n[discord]\nlangage = \"zh\"\nlanguage = \"fr\"\nguilds = [\"x\"]\ndeaf_after_seconds = 0\n\
         endpoint = \"ftp://x\"\n[channels.ops]\nunasked = \"yes\"\n[health]\nlisten = \"here\"\n\
         [[knowledge.folders]]\nlink = \"https://example.com\"\n",
    )
    .unwrap();
    let path = file.display().to_string();
    let output = run(&["run", "--config", &path]);
    assert_eq!(code(&output), 64);
    let said = err(&output).replace(&path, "F");
    expect_test::expect![[r#"
        the settings have 11 faults:
          F: discord.endpoint: must be an address such as "https://example.com/docs"
          F: discord.guilds: must be a list of ids: ["123456789012345678"]
          F: discord.language: must be one of en, zh
          F: discord.deaf_after_seconds: must be from 1 to 600
          F: channels.ops.unasked: must be true or false
          F: channels.ops.id: must be given
          F: knowledge.folders.0.path: must be given
          F: health.listen: must be an address such as "127.0.0.1:9187"
          F: discord.token: must be given: set FIRSTMATE_DISCORD__TOKEN or discord.token_file, or try everything without an account by `firstmate sandbox`
          F: discord.langage: there is no such setting; did you mean discord.language?
          F: nonsense: there is no such setting
        bot/firstmate.example.toml shows every setting with its default
    "#]]
    .assert_eq(&said);
    let output = run(&["check", "--config", &path, "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &report["ok"]), (64, &Value::from(false)));
    assert_eq!(report["checks"].as_array().unwrap().len(), 10);
    std::fs::write(&file, "[discord\n").unwrap();
    let output = run(&["run", "--lang", "zh", "--config", &path]);
    assert_eq!(code(&output), 64);
    assert!(err(&output).contains("不是合法的 TOML"), "{}", err(&output));
    let output = run(&["run", "--config", "/nowhere/firstmate.toml"]);
    assert_eq!(code(&output), 64);
    assert!(
        err(&output).contains("/nowhere/firstmate.toml: cannot be read"),
        "{}",
        err(&output)
    );
    let output = run(&["run", "--lang", "zh"]);
    assert_eq!(code(&output), 64);
    assert!(
        err(&output).contains("配置: discord.token: 必须填写"),
        "{}",
        err(&output)
    );
}

#[test]
fn help_is_in_the_language_of_whoever_asks() {
    let is_chinese = |text: &str| text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it));
    for path in [
        "",
        "run",
        "ask",
        "audit",
        "audit verify",
        "audit export",
        "kb",
        "kb evaluate",
        "kb lint",
        "kb export",
        "check",
        "sandbox",
        "redact",
        "docs",
    ] {
        let mut args: Vec<&str> = path.split_whitespace().collect();
        args.push("--help");
        let output = run(&args);
        assert_eq!(code(&output), 0, "{path}");
        assert!(!out(&output).contains("用法"), "{path}: {}", out(&output));
        args.extend(["--lang", "zh"]);
        let output = run(&args);
        let said = out(&output);
        assert_eq!(code(&output), 0, "{path}: {}", err(&output));
        // Each argument and subcommand stands with what it is for.
        for line in said.lines().filter(|line| line.starts_with("  ")) {
            assert!(is_chinese(line), "{path}: {line}");
        }
        assert!(
            said.contains("用法：firstmate") && said.contains("选项:"),
            "{path}: {said}"
        );
    }
    let by_locale = firstmate()
        .arg("--help")
        .env("LANG", "zh_CN.UTF-8")
        .output()
        .unwrap();
    assert!(
        out(&by_locale).contains("面向 Kubernetes 运维人员"),
        "{}",
        out(&by_locale)
    );
}

#[test]
fn a_health_port_in_use_is_said_with_a_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = firstmate()
        .args(["run"])
        .env("FIRSTMATE_DISCORD__TOKEN", "t0k")
        .env("FIRSTMATE_HEALTH__LISTEN", &address)
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    let said = err(&output);
    assert!(
        said.contains("set another port in [health]") && said.contains(&address),
        "{said}"
    );
}

#[test]
fn a_token_never_appears_in_what_is_printed() {
    let mut command = firstmate();
    command
        .env("FIRSTMATE_DISCORD__TOKEN", "s3cr3t-t0ken")
        .env("FIRSTMATE_DISCORD__ENDPOINT", "http://127.0.0.1:1");
    let output = command.args(["check"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(!out(&output).contains("s3cr3t") && !err(&output).contains("s3cr3t"));
    assert!(out(&output).contains("✗ token"), "{}", out(&output));
}

#[test]
fn a_token_in_a_malformed_file_is_not_quoted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("firstmate.toml");
    for line in [
        "token = s3cr3t",
        "token = \"s3cr3t",
        "token = [\"s3cr3t\", 1",
        "token = \"s3cr3t two\"",
    ] {
        std::fs::write(&file, format!("[discord]\n{line}\n")).unwrap();
        let path = file.display().to_string();
        for args in [
            vec!["run", "--config", &path],
            vec!["check", "--json", "--config", &path],
        ] {
            let output = run(&args);
            assert_eq!(code(&output), 64, "{line}");
            assert!(
                !out(&output).contains("s3cr3t") && !err(&output).contains("s3cr3t"),
                "{line}: {}",
                err(&output)
            );
        }
    }
}

#[test]
fn faulty_documents_are_named_and_the_rest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    write(
        "good.md",
        "# Why does my probe fail?\n\nLook at the port.\n".as_bytes(),
    );
    write("latin.md", b"# Title\n\nline\n\xff\xfe\n");
    write("fence.md", b"# Fence\n\n```bash\nls\n");
    write(
        "deep.md",
        format!("# Deep?\n\n{} end\n", "> ".repeat(200)).as_bytes(),
    );
    write(
        "heading.md",
        format!("# {}?\n\ntext\n", "long ".repeat(1000)).as_bytes(),
    );
    let mut large = std::fs::File::create(dir.path().join("large.md")).unwrap();
    let block = vec![b'a'; 1 << 20];
    for _ in 0..50 {
        large.write_all(&block).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
    let docs = dir.path().display().to_string();
    let output = run(&["ask", "--no-bundled", "--docs", &docs, "why does my probe fail"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let said = err(&output);
    assert!(said.contains("latin.md:4: is not valid UTF-8"), "{said}");
    assert!(
        said.contains("fence.md:3: a code block begins here and is never closed"),
        "{said}"
    );
    assert!(said.contains("large.md: is 52428800 bytes long"), "{said}");
    assert!(out(&output).contains("Look at the port."), "{}", out(&output));
    let empty = tempfile::tempdir().unwrap();
    let output = run(&[
        "check",
        "--no-bundled",
        "--lang",
        "zh",
        "--docs",
        &empty.path().display().to_string(),
    ]);
    assert!(
        out(&output).contains("目录里没有 Markdown 文档"),
        "{}",
        out(&output)
    );
}

#[test]
fn docs_writes_the_reference() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(code(&run(&["docs", &dir.path().display().to_string()])), 0);
    for (name, content) in firstmate::reference::files() {
        assert_eq!(std::fs::read_to_string(dir.path().join(name)).unwrap(), content);
    }
}

#[test]
fn play_prints_what_happened_and_check_compares_it() {
    let dir = tempfile::tempdir().unwrap();
    let play = |text: &str, check: bool| {
        let file = dir.path().join("a.chat");
        std::fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        let args = [
            "sandbox",
            "--no-bundled",
            "--docs",
            "tests/documents/team",
            "--play",
            &file,
        ];
        let mut args = args.to_vec();
        args.extend(check.then_some("--check"));
        run(&args)
    };
    let output = play("lin: @bot 😀\n", false);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let happened = out(&output);
    assert!(
        happened.starts_with("lin: @bot 😀\n  bot (re 1)> There is no question"),
        "{happened}"
    );
    assert_eq!(code(&play(&happened, true)), 0);
    let other = play(&happened.replace("no question", "a question"), true);
    assert_eq!(code(&other), 1);
    assert!(
        out(&other).contains("2: -   bot (re 1)> There is a question"),
        "{}",
        out(&other)
    );
    let unreadable = play("lin: hi\nnobody: hi\n", false);
    assert_eq!(code(&unreadable), 64);
    assert!(
        err(&unreadable).contains("a.chat: line 2:"),
        "{}",
        err(&unreadable)
    );
    let impossible = play("\nlin: click \"Approve\"\n", false);
    assert_eq!(code(&impossible), 1);
    assert!(
        err(&impossible).contains("a.chat: line 2:"),
        "{}",
        err(&impossible)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn run_works_on_another_discord_named_in_the_settings_alone() {
    let (_discord, mut printed) = start(&["sandbox", "--no-bot", "--listen", "127.0.0.1:0"]);
    let mut url = String::new();
    printed.read_line(&mut url).unwrap();
    let mut settings = String::new();
    while !settings.contains("[channels.random]\nid") {
        printed.read_line(&mut settings).unwrap();
    }
    let health = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("firstmate.toml");
    let docs = crate::root().join("tests/documents/team").display().to_string();
    settings = settings.replace("listen = \"\"", &format!("listen = \"{health}\""));
    settings.push_str(&format!(
        "[knowledge]\nbundled = false\n[[knowledge.folders]]\npath = {docs:?}\n"
    ));
    std::fs::write(&file, &settings).unwrap();
    let path = file.display().to_string();
    let report = run(&["check", "--config", &path, "--json"]);
    let seen: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!((code(&report), &seen["ok"]), (0, &Value::from(true)), "{seen}");
    assert!(
        out(&report).contains("https://discord.com/oauth2/authorize?client_id="),
        "{seen}"
    );

    let (mut bot, _) = start(&["run", "--config", &path]);
    assert_eq!(
        until(&format!("http://{health}/readyz"), 200).await,
        "gateway: ok\nindex: ok\nstore: ok\n"
    );
    assert_eq!(
        get(&format!("http://{health}/healthz")).await,
        (200, "ok\n".to_owned())
    );
    is_answered(url.trim_end()).await;
    let metrics = get(&format!("http://{health}/metrics")).await.1;
    assert!(
        metrics.contains("firstmate_answers_total{band=\"answer\"} 1"),
        "{metrics}"
    );
    stop(&mut bot);

    keeps_its_index(dir.path(), &path, health).await;
}

/// A start that finds everything as it was reads nothing again.
async fn keeps_its_index(home: &std::path::Path, config: &str, health: std::net::SocketAddr) {
    let index = home.join("firstmate.db.index");
    let pointer = std::fs::read(index.join("current")).unwrap();
    let made = || {
        std::fs::metadata(index.join("documents"))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = made();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&index).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "others may not read the documents there");
    }
    let (mut bot, _) = start(&["run", "--config", config]);
    until(&format!("http://{health}/readyz"), 200).await;
    stop(&mut bot);
    assert_eq!(std::fs::read(index.join("current")).unwrap(), pointer);
    assert_eq!(made(), before);
}

/// Asks in a direct message on the local Discord at `local`, and waits for the answer.
async fn is_answered(local: &str) {
    let said = serde_json::json!({ "person": "lin", "channel": "dm", "content": "节点反复重启怎么办" });
    let client = reqwest::Client::new();
    let answer = client
        .post(format!("{local}local/say"))
        .header("origin", local.trim_end_matches('/'))
        .json(&said)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let waiting = async {
        loop {
            let (_, state) = get(&format!("{local}local/state?person=lin")).await;
            if state.contains("匹配度高") {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting)
        .await
        .unwrap();
}

/// Asks a process to stop, as an operator would, and sees that it does in order.
fn stop(running: &mut Running) {
    if cfg!(unix) {
        let pid = running.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(running.0.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn the_sandbox_says_where_its_page_is_first() {
    let (mut sandbox, mut printed) = start(&["sandbox", "--listen", "127.0.0.1:0"]);
    let mut first = String::new();
    printed.read_line(&mut first).unwrap();
    assert!(
        first.starts_with("http://127.0.0.1:") && first.ends_with("/\n"),
        "{first}"
    );
    stop(&mut sandbox);
    let mut rest = String::new();
    printed.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "only the address is printed");
    assert!(Path::new(env!("CARGO_BIN_EXE_firstmate")).exists());
}

#[test]
fn secrets_are_taken_out_of_standard_input_line_by_line() {
    let mut child = firstmate()
        .arg("redact")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut say = |line: &[u8]| {
        input.write_all(line).unwrap();
        input.flush().unwrap();
    };
    let mut line = String::new();
    // The answer to the first line is there before the second is said: `kubectl logs -f` may stand before it.
    say(b"connecting with password=hunter2\n");
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "connecting with password=[redacted:password]\n");
    say(format!(
        "{0}BEGIN PRIVATE KEY{0}\n{1}\n{0}END PRIVATE KEY{0}\n",
        "-".repeat(5),
        "Ab3/".repeat(16)
    )
    .as_bytes());
    say(b"ready \xff\nno end");
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "[redacted:private-key]\nready \u{FFFD}\nno end");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A set of two documents, in a folder of its own.
fn set(qrels: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let corpus = concat!(
        "{\"id\": \"a\", \"title\": \"怎么排空节点？\", \"text\": \"运行 kubectl drain。\"}\n",
        "{\"id\": \"b\", \"title\": \"How does a Pod find a Service?\", \"text\": \"By DNS.\"}\n",
    );
    let queries = concat!(
        "{\"id\": \"1\", \"text\": \"drain a node\"}\n",
        "{\"id\": \"2\", \"text\": \"今天天气怎么样\"}\n",
    );
    for (name, text) in [
        ("corpus.jsonl", corpus),
        ("queries.jsonl", queries),
        ("qrels.tsv", qrels),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn evaluate_measures_a_folder_of_questions_and_names_what_is_wrong_in_it() {
    let good = set("1\ta\n");
    let dir = good.path().to_str().unwrap();
    let output = run(&["kb", "evaluate", dir, "--json"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let measured: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys: Vec<&str> = measured.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = [
        "auroc",
        "index_bytes",
        "index_ms",
        "kept_at_p90",
        "mrr10",
        "p50_us",
        "p99_us",
        "queries",
        "rss_bytes",
        "s1",
        "s10",
        "s3",
    ];
    assert_eq!(
        keys.into_iter().collect::<std::collections::BTreeSet<_>>(),
        wanted.into()
    );
    assert_eq!(
        (&measured["queries"], &measured["mrr10"]),
        (&Value::from(2), &Value::from(1.0))
    );
    assert!(measured["rss_bytes"].as_u64().unwrap() > measured["index_bytes"].as_u64().unwrap());
    let output = run(&["kb", "evaluate", dir, "--lang", "zh"]);
    assert!(
        out(&output).contains("MRR@10、S@1、S@3、S@10：1.000, 1.000"),
        "{}",
        out(&output)
    );

    let bad = set("1\ta\n2\n");
    let output = run(&["kb", "evaluate", bad.path().to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("qrels.tsv:2: "), "{}", err(&output));
    std::fs::remove_file(bad.path().join("queries.jsonl")).unwrap();
    let output = run(&["kb", "evaluate", bad.path().to_str().unwrap()]);
    assert_eq!(code(&output), 64);
    assert!(
        err(&output).contains("queries.jsonl: cannot be read"),
        "{}",
        err(&output)
    );
}
