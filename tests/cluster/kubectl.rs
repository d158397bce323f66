//! Real kubectls.

use std::path::Path;
use std::process::{Command, Output};

/// The kubectls that are compared with, by version.
pub(super) const VERSIONS: [&str; 2] = ["1.37", "1.33"];

/// A kubectl by its version; where it is absent one line says so.
pub(crate) fn kubectl(version: &str) -> Option<std::path::PathBuf> {
    super::tool(&format!("kubectl-{version}"))
}

/// Runs it with a kubeconfig and nothing of the machine's own settings.
pub(super) fn run(kubectl: &Path, kubeconfig: &Path, arguments: &[&str]) -> Output {
    Command::new(kubectl)
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .args(arguments)
        .env_remove("KUBECONFIG")
        .env("KUBERC", "off")
        .env("HOME", kubeconfig.parent().unwrap())
        .output()
        .unwrap()
}
