//! The settings of the store.

use super::Setting;
use super::read::Reader;

/// Where requests and their audit are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    /// `sqlite:FILE`, `sqlite::memory:` or `postgres://…`.
    pub url: String,
}

pub(super) fn store(reader: &mut Reader) -> Store {
    let url = reader.text("store.url");
    Store {
        url: url.unwrap_or_else(|| "sqlite:firstmate.db".to_owned()),
    }
}

/// The settings of this part, in the order of the example file.
pub(super) const SETTINGS: &[Setting] = &[Setting {
    key: "store.url",
    default: "\"sqlite:firstmate.db\"",
    about: (
        "Where requests and their audit are kept: \"sqlite:FILE\" or \"postgres://USER@HOST/DATABASE\".",
        "变更申请和审计记录存放在哪里：\"sqlite:文件\" 或 \"postgres://用户@主机/数据库\"。",
    ),
}];
