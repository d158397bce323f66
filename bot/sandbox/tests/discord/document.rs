//! What the local Discord answers and sends, held against Discord's own OpenAPI document, to the
//! letter. Where the document is not at hand, one line says so.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

const NAME: &str = "https://discord.com/openapi.json";

/// Events whose data is of one of the document's schemas.
const EVENTS: &[(&str, &str)] = &[
    ("MESSAGE_CREATE", "MessageResponse"),
    ("MESSAGE_UPDATE", "MessageResponse"),
    ("THREAD_CREATE", "ThreadResponse"),
    ("CHANNEL_UPDATE", "GuildChannelResponse"),
    ("GUILD_CREATE", "GuildWithCountsResponse"),
];

/// Parts of events that are of one of the document's schemas.
const PARTS: &[(&str, &str, &str)] = &[
    ("READY", "/user", "UserPIIResponse"),
    ("GUILD_CREATE", "/members/0", "GuildMemberResponse"),
    ("GUILD_CREATE", "/channels/0", "GuildChannelResponse"),
    ("GUILD_CREATE", "/threads/0", "ThreadResponse"),
    ("INTERACTION_CREATE", "/message", "MessageResponse"),
    ("INTERACTION_CREATE", "/member", "GuildMemberResponse"),
    ("INTERACTION_CREATE", "/user", "UserResponse"),
];

struct Document {
    paths: Value,
    registry: Registry<'static>,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Where the document is looked for.
pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/discord/openapi.json")
}

fn document() -> Option<&'static Document> {
    static DOCUMENT: OnceLock<Option<Document>> = OnceLock::new();
    #[expect(clippy::print_stdout, reason = "a skip is told in one line")]
    let load = || {
        let Ok(text) = std::fs::read(path()) else {
            let place = path();
            println!(
                "skipped: answers are not held against Discord's document ({} is absent)",
                place.display()
            );
            return None;
        };
        let document: Value = serde_json::from_slice(&text).unwrap();
        let paths = document["paths"].clone();
        let registry = Registry::new().add(NAME, document).unwrap().prepare().unwrap();
        Some(Document {
            paths,
            registry,
            compiled: Mutex::default(),
        })
    };
    DOCUMENT.get_or_init(load).as_ref()
}

/// Checks an answer of the API by the operation it answers.
#[track_caller]
pub(crate) fn check_answer(method: &str, path: &str, status: u16, body: &Value) {
    let Some(document) = document() else { return };
    let path = path.split('?').next().unwrap();
    if status >= 400 {
        // The document calls the codes inside `errors` integers; Discord sends words.
        let name = if status == 429 {
            "RatelimitedResponse"
        } else {
            "Error"
        };
        document.check(&format!("/components/schemas/{name}"), body, path);
        return;
    }
    let template = document.template(path);
    let answers = &document.paths[&template][method.to_lowercase()]["responses"];
    let answer = answers.get(status.to_string());
    assert!(answer.is_some(), "{method} {template} never answers {status}");
    if answer.unwrap()["content"].is_null() {
        assert!(body.is_null(), "{method} {template} has no body: {body}");
        return;
    }
    let (template, method) = (template.replace('/', "~1"), method.to_lowercase());
    let place = format!("/paths/{template}/{method}/responses/{status}/content/application~1json/schema");
    document.check(&place, body, path);
}

/// Checks an event and its parts.
#[track_caller]
pub(crate) fn check_event(event: &str, data: &Value) {
    let Some(document) = document() else { return };
    for (_, schema) in EVENTS.iter().filter(|(name, _)| *name == event) {
        document.check(&format!("/components/schemas/{schema}"), data, event);
    }
    for (_, place, schema) in PARTS.iter().filter(|(name, ..)| *name == event) {
        if let Some(part) = data.pointer(place) {
            document.check(
                &format!("/components/schemas/{schema}"),
                part,
                &format!("{event}{place}"),
            );
        }
    }
}

impl Document {
    #[track_caller]
    fn check(&self, place: &str, value: &Value, what: &str) {
        let compiled = self.compiled.lock().unwrap().get(place).cloned();
        let schema = compiled.unwrap_or_else(|| self.compile(place));
        let errors: Vec<String> = schema
            .iter_errors(value)
            .map(|it| format!("{}: {it}", it.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{what} is not as Discord has it:\n{}\n{value:#}",
            errors.join("\n")
        );
    }

    fn compile(&self, place: &str) -> Arc<Validator> {
        let address = place.replace('{', "%7B").replace('}', "%7D");
        let schema = json!({"$ref": format!("{NAME}#{address}")});
        let schema = Arc::new(
            jsonschema::options()
                .with_registry(&self.registry)
                .build(&schema)
                .unwrap(),
        );
        self.compiled
            .lock()
            .unwrap()
            .insert(place.to_owned(), Arc::clone(&schema));
        schema
    }

    /// The path as the document writes it, with words before parameters.
    fn template(&self, path: &str) -> String {
        let fits = |template: &&String| {
            let (wanted, given) = (template.split('/'), path.split('/'));
            wanted.clone().count() == given.clone().count()
                && wanted
                    .zip(given)
                    .all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
        };
        let fitting = self.paths.as_object().unwrap().keys().filter(fits);
        fitting
            .min_by_key(|template| template.matches('{').count())
            .expect("a documented path")
            .clone()
    }
}
