//! Embeds.

use serde_json::Value;

use super::{Found, characters, items};

/// The texts of an embed that count towards all embeds' size, with each one's own limit.
const TEXTS: &[(&str, usize)] = &[
    ("/title", 256),
    ("/description", 4096),
    ("/footer/text", 2048),
    ("/author/name", 256),
];
const ADDRESSES: &[&str] = &[
    "/url",
    "/image/url",
    "/thumbnail/url",
    "/author/url",
    "/author/icon_url",
];
/// How many characters all embeds of a message have together.
const ALL: usize = 6000;

pub(super) fn check(found: &mut Found, embeds: &Value, at: &str) {
    found.count(embeds, at, 0, 10);
    let mut size = 0;
    for (index, embed) in items(embeds) {
        let at = format!("{at}/{index}");
        for (path, most) in TEXTS {
            let Some(text) = embed.pointer(path) else { continue };
            found.length(text, &format!("{at}{path}"), 0, *most);
            size += length(text);
        }
        for path in ADDRESSES {
            let Some(address) = embed.pointer(path) else {
                continue;
            };
            found.length(address, &format!("{at}{path}"), 0, 2048);
            well_formed(found, address, &format!("{at}{path}"));
        }
        size += fields(found, &embed["fields"], &format!("{at}/fields"));
    }
    if size > ALL {
        let message = format!("Embed size exceeds maximum size of {ALL}");
        found.add(at, "MAX_EMBED_SIZE_EXCEEDED", message);
    }
}

fn fields(found: &mut Found, fields: &Value, at: &str) -> usize {
    found.count(fields, at, 0, 25);
    let mut size = 0;
    for (index, field) in items(fields) {
        found.needed(&field["name"], &format!("{at}/{index}/name"), 1, 256);
        found.needed(&field["value"], &format!("{at}/{index}/value"), 1, 1024);
        size += length(&field["name"]) + length(&field["value"]);
    }
    size
}

fn well_formed(found: &mut Found, address: &Value, at: &str) {
    let Some(text) = address.as_str() else { return };
    let schemes = ["http://", "https://", "attachment://"];
    if !schemes
        .iter()
        .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
    {
        found.add(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.".to_owned());
    }
}

fn length(text: &Value) -> usize {
    text.as_str().map_or(0, characters)
}
