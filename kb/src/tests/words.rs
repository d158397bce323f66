use std::collections::HashSet;

use expect_test::{Expect, expect};

use crate::Lang;
use crate::vocabulary::{TABLE, is_mixed};
use crate::words::{Analyzer, Memory, TERM_END, Terms, Unit, is_elsewhere, normalise};

#[track_caller]
fn check(question: &str, expected: Expect) {
    let units = Analyzer::new("").question(question);
    let words: Vec<String> = units
        .iter()
        .filter(|it| !it.word.is_empty())
        .map(render)
        .collect();
    expected.assert_eq(&words.join("\n"));
}

/// Fillers in brackets, `*` for what the vocabulary knows, parts behind.
fn render(unit: &Unit) -> String {
    let word = if unit.content {
        unit.word.clone()
    } else {
        format!("({})", unit.word)
    };
    let parts = if unit.parts.is_empty() {
        String::new()
    } else {
        format!(" = {}", unit.parts.join(" + "))
    };
    let known = if unit.concepts.is_empty() { "" } else { " *" };
    format!("{word}{known}{parts}")
}

#[test]
fn chinese_is_cut_by_the_vocabulary_and_then_the_dictionary() {
    check(
        "请问节点一直重启怎么排查？",
        expect![[r#"
        (请问)
        节点 *
        (一直) *
        重启 *
        排查 *"#]],
    );
    check(
        "两台机器上的容器镜像拉不下来",
        expect![[r#"
        (两)
        (台)
        机器 *
        (上)
        容器 *
        镜像拉不下来 *"#]],
    );
}

#[test]
fn technical_names_keep_their_whole_and_their_parts() {
    check(
        "Why is kube-proxy in CrashLoopBackOff? set maxUnavailable in apps/v1",
        expect![[r#"
            kube-proxy * = kube + proxi
            crashloopbackoff * = crash + loop + back + off
            set *
            maxunavail * = max + unavail
            apps/v1 * = app + v1"#]],
    );
}

#[test]
fn mixed_text_full_width_and_invisible_marks() {
    check(
        "ＨＰＡ 不扩容，see\u{200b} metrics\u{202e}-server",
        expect![[r#"
            hpa *
            (不)
            扩容 *
            (see)
            metrics-server * = metric + server"#]],
    );
}

#[test]
fn traditional_and_simplified_are_the_same_words() {
    let analyzer = Analyzer::new("");
    let concepts = |text: &str| -> HashSet<String> {
        let units = analyzer.question(text).into_iter();
        units
            .flat_map(|it| it.concepts.into_iter().chain(it.inner))
            .collect()
    };
    let pairs = [
        ("節點記憶體不足", "节点内存不足"),
        ("叢集重新啟動", "集群重新启动"),
        ("映像檔拉取失敗", "镜像拉取失败"),
    ];
    for (taiwan, mainland) in pairs {
        let (taiwan, mainland) = (concepts(taiwan), concepts(mainland));
        assert!(
            taiwan.intersection(&mainland).count() > 1,
            "{taiwan:?} {mainland:?}"
        );
    }
    assert_eq!(normalise("節點頻繁重啟"), "节点频繁重启");
}

#[test]
fn a_document_has_terms_inside_terms() {
    let analyzer = Analyzer::new("");
    let concept = |text: &str| analyzer.question(text)[0].concepts[0].clone();
    let indexed = |text: &str| {
        let mut terms = Terms::default();
        analyzer.index(text, &mut Memory::default(), &mut terms);
        terms
            .words
            .split(TERM_END)
            .map(str::to_owned)
            .collect::<HashSet<_>>()
    };
    assert!(indexed("内存不足").contains(&concept("内存")));
    assert!(
        !indexed("服务器").contains(&concept("服务")),
        "a server is no service"
    );
    assert!(indexed("rolling update").contains(&concept("滚动更新")));
}

#[test]
fn the_vocabulary_is_in_its_form() {
    let mut groups = 0;
    for line in TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        groups += 1;
        let columns: Vec<&str> = line.split('\t').collect();
        assert!((2..=3).contains(&columns.len()), "{line}");
        let terms: Vec<&str> = columns.iter().flat_map(|it| it.split('|')).collect();
        assert!(
            terms.iter().all(|it| !it.is_empty() && it.trim() == *it),
            "{line}"
        );
        assert!(!terms.iter().any(|it| is_mixed(it)), "never found: {line}");
        for column in columns {
            let distinct: HashSet<&str> = column.split('|').collect();
            assert_eq!(
                distinct.len(),
                column.split('|').count(),
                "a term stands twice: {line}"
            );
        }
    }
    assert!(groups >= 400, "{groups}");
}

#[test]
fn a_word_that_sounds_like_a_term_may_be_meant_to_be_it() {
    let analyzer = Analyzer::new("");
    let meant = |text: &str| -> Vec<String> {
        let units = analyzer.question(text).into_iter();
        units
            .filter(|it| !it.meant.is_empty())
            .map(|it| format!("{}: {}", it.word, it.meant.join(", ")))
            .collect()
    };
    assert_eq!(meant("节点从启了"), ["从启: 重启, 重起"]);
    assert_eq!(meant("竟像拉不下来"), ["竟像: 镜像"]);
    assert!(meant("节点重启了，镜像拉不下来").is_empty());
}

#[test]
fn a_question_may_say_that_it_is_not_about_kubernetes() {
    for question in [
        "nginx 502，没有 k8s",
        "502 on a VM, no Kubernetes involved",
        "tomcat without k8s",
    ] {
        assert!(is_elsewhere(question), "{question}");
    }
    for question in [
        "k8s 没有日志",
        "is Kubernetes not ready?",
        "casino kubernetes",
        "k8s node NotReady",
    ] {
        assert!(!is_elsewhere(question), "{question}");
    }
}

#[test]
fn a_text_is_in_the_language_of_its_script() {
    for (text, lang) in [
        ("Pod 起不来", Some(Lang::Zh)),
        ("why does my pod restart?", Some(Lang::En)),
        ("How to drain a node", Some(Lang::En)),
        ("OOM？", Some(Lang::Zh)),
        ("CrashLoopBackOff", None),
        ("ingress 502", None),
        ("？？？", Some(Lang::Zh)),
        ("。", Some(Lang::Zh)),
        ("???", None),
        ("🎉 42", None),
    ] {
        assert_eq!(Lang::of_text(text), lang, "{text}");
    }
}
