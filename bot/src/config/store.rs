//! The settings that concern the store: where requests and their audit are kept, and for how long.

use super::Setting;
use super::read::{Kind, Reader};

/// Where requests and their audit are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    /// The database.
    pub url: StoreUrl,
    /// Milliseconds after which a request that is over is forgotten. The audit is kept.
    pub keep: u64,
}

/// The URL of a database. It may hold a password, so it shows itself to nobody.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// A URL that the program made itself.
    pub fn new(url: &str) -> Self {
        Self(url.to_owned())
    }

    /// A URL that a person wrote. None if it is no store, or has something where it does not belong: what stands in the
    /// place of a name is shown, and may be a password.
    pub fn read(url: &str) -> Option<Self> {
        is_store(url).then(|| Self::new(url))
    }

    /// The URL itself, for the connection alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreUrl(…)")
    }
}

/// What may stand behind the `?` of a database's URL, as sqlx 0.9 reads it (`PgConnectOptions`, beside `options[…]`);
/// another would be left alone and logged with its value.
const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

fn is_store(url: &str) -> bool {
    if let Some(file) = url.strip_prefix("sqlite:") {
        // As in `sqlite://USER:PASSWORD@HOST`, which would be the name of a file.
        let authority = file.strip_prefix("//").and_then(|rest| rest.split('/').next());
        return !authority.is_some_and(|it| it.contains('@'));
    }
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    let is_postgres = matches!(url.scheme(), "postgres" | "postgresql") && !url.cannot_be_a_base();
    let is_known = |key: &str| PARAMETERS.contains(&key) || key.starts_with("options[");
    is_postgres
        && !url.path().contains(['@', ':'])
        && url.fragment().is_none()
        && url.query_pairs().all(|(key, _)| is_known(&key))
}

/// A day in seconds.
const DAY: u64 = 86_400;

pub(super) fn read(reader: &mut Reader) -> Store {
    Store {
        url: url(reader),
        keep: reader.seconds("store.keep_days", 400, 1..=36_500) * DAY,
    }
}

/// Setting and environment outrank the file.
fn url(reader: &mut Reader) -> StoreUrl {
    let given = reader.text("store.url");
    let from_file = reader.file_content("store.url_file");
    let (key, url) = match (from_file, given) {
        (Some(url), None) => ("store.url_file", url),
        (_, Some(url)) => ("store.url", url),
        (None, None) => ("store.url", DEFAULT.to_owned()),
    };
    if StoreUrl::read(&url).is_none() {
        return reader.wanted(key, Kind::Store).unwrap_or_default();
    }
    StoreUrl(beside_the_file(reader, url))
}

const DEFAULT: &str = "sqlite:firstmate.db";

/// A relative file starts where the configuration lies.
fn beside_the_file(reader: &Reader, url: String) -> String {
    let Some(file) = url.strip_prefix("sqlite:") else {
        return url;
    };
    if file.starts_with('/') || file.starts_with(':') {
        return url;
    }
    let folder = reader.beside_the_file("").display().to_string();
    // The URL's own signs, in the name of a folder.
    let folder = folder.replace('%', "%25").replace('?', "%3f");
    if folder.is_empty() {
        return url;
    }
    format!("sqlite:{}/{file}", folder.trim_end_matches('/'))
}

/// The settings of this part, in the order of the example file.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        key: "store.url",
        default: "\"\"",
        about: (
            "Where requests for changes and their audit are kept: \"sqlite:FILE\", beside this file unless it is absolute, or \"postgres://USER:PASSWORD@HOST/DATABASE\"; empty: sqlite:firstmate.db. Better not here with a password: set FIRSTMATE_STORE__URL, or url_file.",
            "变更申请及审计记录存放位置：\"sqlite:文件\"（相对路径以本文件所在目录为准）或 \"postgres://用户:密码@主机/库\"；留空为 sqlite:firstmate.db。含密码时最好不写在这里：用环境变量 FIRSTMATE_STORE__URL，或下面的 url_file。",
        ),
    },
    Setting {
        key: "store.url_file",
        default: "\"\"",
        about: ("A file that holds nothing but the URL.", "只存放该 URL 的文件。"),
    },
    Setting {
        key: "store.keep_days",
        default: "400",
        about: (
            "Days after which a request that is over is forgotten (1 to 36500). The audit is kept for ever.",
            "已结束的变更申请保留多少天（1 到 36500）。审计记录永久保留。",
        ),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::super::{Config, Faults, What};
    use super::*;

    fn load(text: &str, variable: Option<&str>) -> Result<Store, Faults> {
        let pair = variable.map(|url| ("FIRSTMATE_STORE__URL".to_owned(), url.to_owned()));
        let environment: BTreeMap<String, String> = pair.into_iter().collect();
        Config::parse(Path::new("/etc/firstmate/f.toml"), text, &environment).map(|config| config.store)
    }

    #[track_caller]
    fn check(text: &str, variable: Option<&str>, url: &str) {
        assert_eq!(load(text, variable).unwrap().url.reveal(), url, "{text}");
    }

    #[test]
    fn what_stands_where_it_does_not_belong_is_no_store() {
        for url in [
            "sqlite:/var/a@b.db",
            "sqlite:///var/a@b/c.db",
            "sqlite::memory:",
            "postgres://u:p%40w@db:5432/changes",
            "postgresql://db/changes?sslmode=verify-full&options[search_path]=a",
            "postgres:///changes?host=/run/postgresql",
        ] {
            assert!(StoreUrl::read(url).is_some(), "{url}");
        }
        for url in [
            "",
            "mysql://u:p@db/a",
            "postgres:u:secret@h",
            "postgres:///u:secret@h",
            "postgres://127.0.0.1:1/u:secret@h",
            "postgres://u:sec/ret@h/a",
            "postgres://u:sec#ret@h/a",
            "postgres://u:sec?ret@h/a",
            "postgres://h:99999/a",
            "postgres://h/a?pasword=secret",
            "sqlite://u:secret@h",
        ] {
            assert!(StoreUrl::read(url).is_none(), "{url}");
        }
    }

    #[test]
    fn a_relative_file_lies_beside_the_configuration() {
        check("", None, "sqlite:/etc/firstmate/firstmate.db");
        check(
            "store.url = \"sqlite:state/a.db\"",
            None,
            "sqlite:/etc/firstmate/state/a.db",
        );
        check("store.url = \"sqlite:/var/a.db\"", None, "sqlite:/var/a.db");
        check("store.url = \"sqlite::memory:\"", None, "sqlite::memory:");
        let nowhere = Config::parse(Path::new(""), "", &BTreeMap::new()).unwrap();
        assert_eq!(nowhere.store.url.reveal(), "sqlite:firstmate.db");
        let odd = Config::parse(Path::new("/a?b%c/f.toml"), "", &BTreeMap::new()).unwrap();
        assert_eq!(odd.store.url.reveal(), "sqlite:/a%3fb%25c/firstmate.db");
    }

    #[test]
    fn the_url_comes_from_environment_setting_or_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://a:b@db/file\n").unwrap();
        let from_file = format!("store.url_file = \"{}\"", file.display());
        check(&from_file, None, "postgres://a:b@db/file");
        check(&from_file, Some("postgres://a:b@db/env"), "postgres://a:b@db/env");
        check(
            "store.url = \"sqlite:/a\"",
            Some("postgresql://db/env"),
            "postgresql://db/env",
        );
    }

    #[test]
    fn what_is_no_store_is_a_fault_that_does_not_repeat_it() {
        let faults = load("store.url = \"mysql://olga:secret@db/a\"", None).unwrap_err();
        assert_eq!(faults.0.len(), 1);
        assert_eq!(faults.0[0].what, What::Wanted(Kind::Store));
        assert!(!format!("{faults:?}").contains("secret"));
    }

    #[test]
    fn a_password_is_never_printed() {
        let store = load("", Some("postgres://olga:secret@db/a")).unwrap();
        assert!(!format!("{store:?}").contains("secret"));
        assert_eq!(store.keep, 400 * 24 * 3600 * 1000);
    }
}
