use std::collections::HashSet;
use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use tempfile::tempdir;

use super::{TEAM, answer, bundled, folder, is_answered, library, open};
use crate::evaluate::{self, Judged};
use crate::{Answer, Confidence, Lang, Library, Outcome, Settings, Source};

#[track_caller]
fn check(library: &Library, questions: &[&str], expected: Expect) {
    let answers: Vec<String> = questions
        .iter()
        .map(|it| format!("{it}\n  {}", answer(library, it)))
        .collect();
    expected.assert_eq(&answers.join("\n"));
}

fn ask(library: &Library, question: &str, lang: Lang) -> Answer {
    match library.ask(question, lang) {
        Outcome::Answer(answer) => answer,
        other => panic!("{question}: {other:?}"),
    }
}

#[test]
fn a_chinese_document_answers_in_any_wording() {
    let library = library(&[("team.md", TEAM)]);
    let questions = [
        "镜像拉取很慢怎么办",
        "映像檔拉取好慢",
        "pulling the image takes forever, it is slow",
        "image 拉取慢怎么测延迟",
        "怎么看镜像有多大",
        "怎么轮换密码",
        "how do I rotate the database password",
        "資料庫密碼要怎麼輪換",
    ];
    check(
        &library,
        &questions,
        expect![[r#"
            镜像拉取很慢怎么办
              High: 容器镜像拉取很慢怎么办？ > 1. 看镜像有多大
            映像檔拉取好慢
              High: 容器镜像拉取很慢怎么办？ > 1. 看镜像有多大
            pulling the image takes forever, it is slow
              Medium: 容器镜像拉取很慢怎么办？ > 1. 看镜像有多大
            image 拉取慢怎么测延迟
              High: 容器镜像拉取很慢怎么办？ > 2. 看到镜像仓库的网络 > 测延迟
            怎么看镜像有多大
              High: 容器镜像拉取很慢怎么办？ > 1. 看镜像有多大
            怎么轮换密码
              High: 如何轮换数据库密码？ > 
            how do I rotate the database password
              High: 如何轮换数据库密码？ > 
            資料庫密碼要怎麼輪換
              High: 如何轮换数据库密码？ > "#]],
    );
}

#[test]
fn what_the_documents_do_not_say_is_not_known() {
    let library = library(&[("team.md", TEAM)]);
    let questions = [
        "今天天气怎么样",
        "how do I cook rice",
        "MySQL 主从复制怎么配置",
        "how do I pull a Redis image",
        "Istio 熔断怎么配置",
        "你好",
        "怎么办",
    ];
    for question in questions {
        assert!(
            !is_answered(&library, question),
            "{question}: {}",
            answer(&library, question)
        );
    }
}

#[test]
fn a_typo_is_repaired_but_a_word_is_no_typo() {
    let text = "# How do I read the kubelet journal?\n\nRun journalctl.\n\n# What is the price of a node?\n\nAsk finance.\n";
    let library = library(&[("a.md", text)]);
    let questions = [
        "how do I read the kubelt jurnal",
        "what is the rice of a node",
        "how to boil rice",
    ];
    check(
        &library,
        &questions,
        expect![[r#"
        how do I read the kubelt jurnal
          High: How do I read the kubelet journal? > 
        what is the rice of a node
          not known, near: What is the price of a node?
        how to boil rice
          not known, near: "#]],
    );
}

#[test]
fn two_questions_that_score_alike_are_both_offered() {
    let one = "# How do I resize the blue volume?\n\nEdit the claim.\n";
    let two = "# How do I resize the green volume?\n\nEdit the claim.\n";
    let library = library(&[("one.md", one), ("two.md", two)]);
    let questions = ["how do I resize the volume", "how do I resize the green volume"];
    check(
        &library,
        &questions,
        expect![[r#"
        how do I resize the volume
          did you mean: How do I resize the blue volume? | How do I resize the green volume?
        how do I resize the green volume
          High: How do I resize the green volume? > "#]],
    );
}

#[test]
fn the_team_goes_first_where_both_answer() {
    let home = tempdir().unwrap();
    let ours = "# How do I drain a node here?\n\nAsk the shift lead, then drain the node.\n";
    fs::write(home.path().join("ours.md"), ours).unwrap();
    let files = vec![
        (
            "drain.md".to_owned(),
            "# How do I drain a node?\n\nRun kubectl drain.\n".to_owned(),
        ),
        (
            "uncordon.md".to_owned(),
            "# How do I uncordon a node?\n\nRun kubectl uncordon.\n".to_owned(),
        ),
    ];
    let library = open(vec![folder(home.path()), Source::Bundled { files, link: None }]);
    let drained = ask(&library, "how do I drain a node", Lang::En);
    assert!(drained.question.team, "{drained:?}");
    let back = ask(&library, "how do I uncordon a node", Lang::En);
    assert!(!back.question.team, "{back:?}");
}

const DRAIN_EN: &str = "\
---
id: drain
---
# How do I drain a node?

With kubectl.

## Start
Cordon it.

## End
Uncordon it.
";
const DRAIN_ZH: &str = "\
---
id: drain
---
# 怎么排空节点？

用 kubectl。

## 开始
先停止调度。

## 结束
恢复调度。
";

#[test]
fn a_pair_is_one_question_shown_in_the_language_of_who_asks() {
    let library = library(&[("zh/drain.md", DRAIN_ZH), ("en/drain.md", DRAIN_EN)]);
    assert_eq!(library.stats().questions, 1);
    let english = ask(&library, "排空节点之后怎么恢复调度", Lang::En);
    let chinese = ask(&library, "how do I drain a node and uncordon it", Lang::Zh);
    assert_eq!(english.question.id, chinese.question.id);
    assert!(english.question.paired && chinese.question.paired);
    assert_eq!(
        (english.question.title.as_str(), english.section),
        ("How do I drain a node?", 1)
    );
    assert_eq!(
        (chinese.question.title.as_str(), chinese.section),
        ("怎么排空节点？", 1)
    );
    let by_id = library.question(&english.question.id, Lang::Zh).unwrap();
    assert_eq!(by_id, chinese.question);
}

#[test]
fn a_question_is_found_in_the_words_of_others() {
    let text = "---\nasked:\n- the box went away over night\n---\n# How do I read the uptime of a host?\n\nRun uptime.\n\n## More\n\nRun last.\n";
    let other = "# How do I resize a volume?\n\nEdit the claim.\n";
    let library = library(&[("a.md", text), ("b.md", other)]);
    assert_eq!(library.stats().passages, 2, "a wording is no section");
    let found = ask(&library, "my box went away over night", Lang::En);
    assert_eq!(found.question.title, "How do I read the uptime of a host?");
    assert!(found.section < found.question.sections.len());
}

#[test]
fn another_product_is_another_question_unless_kubernetes_is_named_too() {
    let library = open(vec![bundled()]);
    for question in ["redis 内存不足被杀", "pod install CocoaPods"] {
        assert!(!is_answered(&library, question), "{}", answer(&library, question));
    }
    let meant = match library.ask("redis 的 pod 一直 CrashLoopBackOff 怎么查", Lang::Zh) {
        Outcome::Answer(it) => it.question.file,
        Outcome::DidYouMean(near) => near[0].file.clone(),
        Outcome::NotKnown(near) => panic!("{near:?}"),
    };
    assert!(meant.contains("crashloopbackoff"), "{meant}");
}

#[test]
fn pairs_by_path_and_by_ending() {
    let library = library(&[
        ("zh/a.md", "# 怎么做甲？\n\n做。\n"),
        ("en/a.md", "# How do I do a?\n\nDo.\n"),
        ("b.zh.md", "# 怎么做乙？\n\n做。\n"),
        ("b.en.md", "# How do I do b?\n\nDo.\n"),
        ("c.md", "# How do I do c?\n\nDo.\n"),
    ]);
    let titles = |lang| {
        library
            .questions(lang)
            .into_iter()
            .map(|it| it.title)
            .collect::<Vec<_>>()
            .join(" | ")
    };
    expect![[r#"
        How do I do b? | How do I do c? | How do I do a?
        怎么做乙？ | How do I do c? | 怎么做甲？"#]]
    .assert_eq(&format!("{}\n{}", titles(Lang::En), titles(Lang::Zh)));
}

#[test]
fn links_lead_to_the_heading() {
    let files = vec![("zh/慢 拉.md".to_owned(), TEAM.to_owned())];
    let link = Some("https://git.example.com/docs/".to_owned());
    let library = open(vec![Source::Bundled { files, link }]);
    let found = ask(&library, "镜像拉取很慢，怎么测延迟", Lang::Zh).question;
    let links: Vec<String> = found.sections.iter().filter_map(|it| it.link.clone()).collect();
    expect![[r#"
        https://git.example.com/docs/zh/%E6%85%A2%20%E6%8B%89.md#21-%E5%AE%B9%E5%99%A8%E9%95%9C%E5%83%8F%E6%8B%89%E5%8F%96%E5%BE%88%E6%85%A2%E6%80%8E%E4%B9%88%E5%8A%9E
        https://git.example.com/docs/zh/%E6%85%A2%20%E6%8B%89.md#21-%E5%AE%B9%E5%99%A8%E9%95%9C%E5%83%8F%E6%8B%89%E5%8F%96%E5%BE%88%E6%85%A2%E6%80%8E%E4%B9%88%E5%8A%9E
        https://git.example.com/docs/zh/%E6%85%A2%20%E6%8B%89.md#1-%E7%9C%8B%E9%95%9C%E5%83%8F%E6%9C%89%E5%A4%9A%E5%A4%A7
        https://git.example.com/docs/zh/%E6%85%A2%20%E6%8B%89.md#%E6%B5%8B%E5%BB%B6%E8%BF%9F
        https://git.example.com/docs/zh/%E6%85%A2%20%E6%8B%89.md#%E6%8D%A2%E5%8A%A0%E9%80%9F%E5%9C%B0%E5%9D%80
        https://git.example.com/docs/zh/%E6%85%A2%20%E6%8B%89.md#%E6%80%BB%E7%BB%93"#]].assert_eq(&format!("{}\n{}", found.link.unwrap(), links.join("\n")));
}

#[test]
fn related_questions_leave_out_the_question_itself() {
    let library = open(vec![bundled()]);
    let all = library.questions(Lang::En);
    let near = all
        .into_iter()
        .find(|it| it.file.contains("node-notready"))
        .unwrap();
    let related = library.related(&near.id, Lang::En, 3);
    // Those that its author names, in that order.
    let files: Vec<&str> = related.iter().map(|it| it.file.as_str()).collect();
    let named = [
        "container-runtime-down",
        "node-keeps-restarting",
        "node-maintenance",
    ];
    assert_eq!(files, named.map(|id| format!("en/{id}.md")));
    let more = library.related(&near.id, Lang::En, 5);
    assert_eq!(more.len(), 5);
    assert!(more.iter().all(|it| it.id != near.id));
    let ids: HashSet<&str> = more.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids.len(), 5, "one stands twice");
    assert!(library.related("0000000000000000", Lang::En, 3).is_empty());
}

#[test]
fn the_same_question_has_the_same_answer_however_the_index_came_about() {
    let home = tempdir().unwrap();
    let index = tempdir().unwrap();
    for number in 0..12 {
        let text = format!("# How do I resize volume {number} of the store?\n\nEdit claim {number}.\n");
        fs::write(home.path().join(format!("{number}.md")), text).unwrap();
    }
    fs::write(home.path().join("team.md"), "# Old words\n\nkubelt jurnal\n").unwrap();
    let settings = Settings {
        sources: vec![folder(home.path())],
        index_dir: Some(index.path().to_owned()),
        vocabulary: None,
    };
    let edited = Library::open(settings.clone()).unwrap();
    // Many small commits, with deletions.
    for round in 0..7 {
        fs::write(home.path().join("team.md"), format!("{TEAM}\n\nround {round}\n")).unwrap();
        let extra = home.path().join(format!("extra-{round}.md"));
        fs::write(extra, "# Extra pages about volumes\n\nMore.\n").unwrap();
        assert!(edited.refresh().unwrap().changed >= 1);
    }
    let fresh = open(vec![folder(home.path())]);
    let asked = [
        "镜像拉取很慢怎么办",
        "resize volume 3",
        "resize the store",
        "how to read the kubelet journal",
        "extra",
        "volume",
    ];
    let outcomes = |library: &Library| asked.map(|it| format!("{:?}", library.ask(it, Lang::En)));
    let expected = outcomes(&fresh);
    assert_eq!(outcomes(&edited), expected);
    drop(edited);
    let reopened = Library::open(settings).unwrap();
    assert_eq!(outcomes(&reopened), expected);
}

/// The labelled questions are what the calibration was fitted to: this says that the coefficients
/// and the documents still belong together, not how well strangers' questions are answered.
#[test]
fn labelled_questions_of_the_bundled_documents() {
    let library = open(vec![bundled()]);
    let cases = evaluate::cases(include_str!("../../data/labelled.tsv"));
    let (known, unknown): (Vec<_>, Vec<_>) = cases.iter().partition(|case| !case.right.is_empty());
    let share = |cases: &[&evaluate::Case], wanted: Judged| {
        let hits = cases
            .iter()
            .filter(|case| evaluate::judge(&library, case) == wanted)
            .count();
        hits as f64 / cases.len() as f64
    };
    let right = share(&known, Judged::Right);
    let wrong = share(&known, Judged::Wrong);
    let answered = share(&unknown, Judged::Wrong);
    let offered = right + share(&known, Judged::Meant);
    assert!(right >= 0.78, "rightly answered: {right:.3}");
    assert!(offered >= 0.87, "rightly answered, or offered: {offered:.3}");
    assert!(wrong <= 0.04, "wrongly answered: {wrong:.3}");
    assert!(answered <= 0.02, "answered though off topic: {answered:.3}");
}

/// Sets beside the repository, where they are there; the bench scores the larger ones.
#[test]
fn development_sets_score_as_measured() {
    let sets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/eval");
    for (name, mrr, at_1) in [("k8s-en2zh", 0.6, 0.5), ("k8s-zh2en", 0.65, 0.58)] {
        let folder = sets.join(name);
        if !folder.exists() {
            continue;
        }
        let scores = evaluate::Set::read(&folder).unwrap().open().unwrap();
        let scores = scores.score(&|| std::time::Duration::ZERO).unwrap();
        assert!(scores.mrr >= mrr && scores.at_1 >= at_1, "{name}: {scores:?}");
    }
}

#[test]
fn the_teams_own_words_find_what_documents_call_otherwise() {
    let home = tempdir().unwrap();
    let path = home.path().join("own.tsv");
    fs::write(
        &path,
        "# ours\n铁疙瘩|节点|node\nlonely\n固定 IP|static address|fixed address\n",
    )
    .unwrap();
    let files: Vec<(String, String)> = ["node", "sink", "pool"]
        .iter()
        .map(|it| {
            (
                format!("{it}.md"),
                format!("# How do I drain a {it}?\n\nOpen the {it}.\n"),
            )
        })
        .collect();
    let open = |vocabulary| {
        let sources = vec![Source::Bundled {
            files: files.clone(),
            link: None,
        }];
        Library::open(Settings {
            sources,
            index_dir: None,
            vocabulary,
        })
        .unwrap()
    };
    let unknown = open(None).ask("怎么排空铁疙瘩", Lang::Zh);
    assert!(!matches!(unknown, Outcome::Answer(_)), "{unknown:?}");
    let library = open(Some(path.clone()));
    assert_eq!(
        ask(&library, "怎么排空铁疙瘩", Lang::Zh).question.title,
        "How do I drain a node?"
    );
    let fault = &library.faults()[0];
    assert_eq!((fault.line, &fault.what), (Some(3), &crate::FaultKind::NotAGroup));
    let term = "固定 IP".to_owned();
    let mixed = crate::FaultKind::MixedTerm { term };
    let fault = &library.faults()[1];
    assert_eq!(
        (fault.line, &fault.what),
        (Some(4), &mixed),
        "the rest of the line counts"
    );
    let missing = open(Some(home.path().join("none.tsv")));
    assert!(matches!(
        missing.faults()[0].what,
        crate::FaultKind::Unreadable { .. }
    ));
}

#[test]
fn high_confidence_needs_every_telling_word() {
    let library = library(&[("team.md", TEAM)]);
    let sure = ask(&library, "容器镜像拉取很慢怎么办", Lang::Zh);
    assert_eq!(sure.confidence, Confidence::High);
    if let Outcome::Answer(it) = library.ask("容器镜像拉取触发熔断怎么办", Lang::Zh) {
        assert_eq!(it.confidence, Confidence::Medium, "熔断 is nowhere");
    }
}

#[test]
fn documents_that_are_given_are_the_teams_and_change_at_once() {
    let bundled = vec![(
        "en/drain.md".to_owned(),
        "# How do I drain a node?\n\nRun kubectl drain.\n\n## Do it\n\nDrain the node.\n".to_owned(),
    )];
    let given = Source::Given { files: Vec::new() };
    let library = open(vec![
        given,
        Source::Bundled {
            files: bundled,
            link: None,
        },
    ]);
    let short = |question: &str| ask(&library, question, Lang::En).question.short;
    assert_eq!(
        short("how do I drain a node").as_deref(),
        Some("Run kubectl drain.")
    );
    let ours = |text: &str| {
        vec![(
            "en/kb-1.md".to_owned(),
            format!("# How do I drain a node here?\n\n{text}\n\n## Do it\n\nDrain the node.\n"),
        )]
    };
    library.give(&ours("Ask the shift lead, then drain.")).unwrap();
    let answer = ask(&library, "how do I drain a node", Lang::En);
    assert!(answer.question.team, "{answer:?}");
    library.give(&ours("Ask the porter, then drain.")).unwrap();
    assert_eq!(
        short("how do I drain a node").as_deref(),
        Some("Ask the porter, then drain.")
    );
    // A look at the folders leaves them alone.
    library.refresh().unwrap();
    assert_eq!(
        short("how do I drain a node").as_deref(),
        Some("Ask the porter, then drain.")
    );
    library.give(&[]).unwrap();
    assert_eq!(
        short("how do I drain a node").as_deref(),
        Some("Run kubectl drain.")
    );
}

#[test]
fn a_title_word_for_word_is_that_question_whatever_its_words_are() {
    let library = library(&[
        ("a.md", "# What is it?\n\nIt is a lamp.\n"),
        ("b.md", "# 怎么配对？\n\n按住按钮。\n"),
        ("c.md", "# How do I restart shard 3?\n\nPress three.\n"),
        ("d.md", "# How do I restart shard 4?\n\nPress four.\n"),
        ("e.md", "# Who is on call?\n\nAsk the list.\n"),
        ("f.md", "# Who is on call?\n\nAsk the board.\n"),
    ]);
    assert!(
        ask(&library, "How do I restart shard 3?", Lang::En)
            .question
            .file
            .ends_with("c.md")
    );
    assert!(
        ask(&library, "how do i restart shard 4", Lang::En)
            .question
            .file
            .ends_with("d.md")
    );
    assert!(
        ask(&library, "怎麼配對?", Lang::Zh)
            .question
            .file
            .ends_with("b.md")
    );
    // What has no words of its own was perhaps not asked: it is never sure.
    assert_eq!(
        ask(&library, "what is it", Lang::En).confidence,
        Confidence::Medium
    );
    // Of two that are called the same neither is taken for granted.
    assert!(!is_answered(&library, "Who is on call?"));
}
