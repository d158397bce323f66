//! The documents that come with the program.

use include_dir::{Dir, include_dir};

static DOCUMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/qa");

/// Path below `docs/qa` and text of each.
pub fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&DOCUMENTS, &mut files);
    files.sort();
    files
}

fn collect(dir: &Dir<'_>, files: &mut Vec<(String, String)>) {
    for file in dir.files() {
        if let Some(text) = file.contents_utf8() {
            files.push((file.path().to_string_lossy().replace('\\', "/"), text.to_owned()));
        }
    }
    dir.dirs().for_each(|dir| collect(dir, files));
}
