//! What kubectl says of itself: the bot knows every verb and every flag, or it would call a good command a fault.

use std::path::Path;
use std::process::Command;

use firstmate::shell::kubectl::{Call, Wrong};

/// What `kubectl … --help` prints.
fn help(kubectl: &Path, verb: &[String]) -> String {
    let output = Command::new(kubectl).args(verb).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The names in the lists of commands: indented by two, with what they do behind.
fn commands(help: &str) -> Vec<String> {
    let names = help.lines().filter_map(|line| {
        let (name, about) = line.strip_prefix("  ")?.split_once("  ")?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (is_name && !name.starts_with('-') && !about.trim().is_empty()).then(|| name.to_owned())
    });
    names.collect()
}

/// The long flags: `    -o, --output='':`.
fn flags(help: &str) -> Vec<String> {
    let flags = help.lines().filter_map(|line| {
        let line = line.strip_prefix("    ")?;
        let (before, rest) = line.split_once("--")?;
        let (name, _) = rest.split_once('=')?;
        let is_flag = before.trim().is_empty() || before.trim().len() == 3 && before.trim().ends_with(',');
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (is_flag && is_name).then(|| format!("--{name}"))
    });
    flags.collect()
}

fn walk(kubectl: &Path, verb: &[String], wrong: &mut Vec<String>, seen: &mut usize) {
    let help = help(kubectl, verb);
    for flag in flags(&help) {
        *seen += 1;
        let words = [verb, &[format!("{flag}=x")]].concat();
        if let Err(error @ (Wrong::Verb(_) | Wrong::Flag(_))) = Call::read(&words) {
            wrong.push(format!("{}: {error:?}", words.join(" ")));
        }
    }
    let below = help.split_once("Available Commands:").map(|(_, below)| below);
    for name in below.map(commands).unwrap_or_default() {
        walk(kubectl, &[verb, &[name]].concat(), wrong, seen);
    }
}

#[test]
fn every_verb_and_flag_of_kubectl_is_known() {
    for version in super::VERSIONS {
        // Where it is absent a line says so.
        let Some(kubectl) = crate::cluster::kubectl(version) else {
            continue;
        };
        let (mut wrong, mut seen) = (Vec::new(), 0);
        let all = help(&kubectl, &[]);
        for verb in commands(&all) {
            walk(&kubectl, &[verb], &mut wrong, &mut seen);
        }
        assert_eq!(wrong, Vec::<String>::new());
        assert!(seen > 300, "{seen}");
    }
}
