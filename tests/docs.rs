//! Documents that are generated, and commands that documents show.

use std::collections::BTreeSet;

#[test]
fn the_reference_is_what_the_program_writes() {
    for (name, content) in firstmate::reference::files() {
        let path = crate::root().join("docs/reference").join(name);
        expect_test::expect_file![path].assert_eq(&content);
    }
}

#[test]
fn the_bundled_documents_have_no_faults() {
    let report = firstmate::lint::lint(&[crate::root().join("docs/qa")]).unwrap();
    assert!(report.files.len() > 50, "{} files", report.files.len());
    let shown = |fault| firstmate::text::lint::fault(firstmate_kb::Lang::En, fault);
    let faults: Vec<String> = report.faults.iter().map(shown).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_setting_that_a_guide_names_exists() {
    let known: BTreeSet<&str> = firstmate::config::settings()
        .map(|setting| setting.key.rsplit('.').next().unwrap())
        .collect();
    let mut seen = 0;
    for (path, text) in crate::markdown() {
        let mut in_toml = false;
        for line in text.lines() {
            let bare = line.trim();
            if bare.starts_with("```") {
                in_toml =
                    bare == "```toml" && (text.contains("firstmate.toml") || text.contains("[knowledge]"));
                continue;
            }
            let key = bare
                .split(" = ")
                .next()
                .filter(|_| in_toml && bare.contains(" = ") && !bare.starts_with('#'));
            let Some(key) = key else { continue };
            assert!(
                known.contains(key),
                "{path} shows the setting {key}, which does not exist"
            );
            seen += 1;
        }
    }
    assert!(seen > 5, "no setting is shown anywhere");
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    for (path, text) in crate::markdown() {
        let folder = crate::root().join(&path).parent().unwrap().to_owned();
        let mut in_fence = false;
        for line in text.lines() {
            if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
                in_fence = !in_fence;
            }
            for (at, _) in line.match_indices("](") {
                let target = line[at + 2..].split([')', '#', ' ']).next().unwrap();
                let is_local = !target.is_empty() && !target.contains("://") && !target.contains('<');
                let exists = folder.join(target).exists();
                assert!(
                    in_fence || !is_local || exists || line.contains('`'),
                    "{path} links to {target}"
                );
            }
        }
    }
}
