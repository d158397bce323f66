//! Commands and their options.

use serde_json::Value;

use super::{Found, characters, choices, items};

/// The languages that names and descriptions can be given in.
const LOCALES: &[&str] = &[
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr",
    "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk",
    "vi", "zh-CN", "zh-TW",
];
/// How many characters a command has with all its options and choices.
const ALL: usize = 8000;

pub(super) fn all(found: &mut Found, commands: &Value) {
    for (index, command) in items(commands) {
        one(found, command, &format!("/{index}"));
    }
}

pub(super) fn one(found: &mut Found, command: &Value, at: &str) {
    let slash = command["type"].as_u64().unwrap_or(1) == 1;
    // A change of a command may leave out what stays.
    let change = command.get("name").is_none();
    if !change {
        name(found, &command["name"], &format!("{at}/name"), slash);
    }
    if slash && !change {
        found.needed(&command["description"], &format!("{at}/description"), 1, 100);
    } else if !slash
        && command["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    {
        let message = "Context menu commands cannot have description".to_owned();
        found.add(
            &format!("{at}/description"),
            "APPLICATION_COMMAND_INVALID_DESCRIPTION",
            message,
        );
    }
    localizations(found, command, at, slash);
    options(found, &command["options"], &format!("{at}/options"));
    if size(command) > ALL {
        found.add(
            at,
            "APPLICATION_COMMAND_TOO_LARGE",
            format!("Command exceeds maximum size ({ALL})"),
        );
    }
}

fn localizations(found: &mut Found, of: &Value, at: &str, slash: bool) {
    for key in ["name_localizations", "description_localizations"] {
        for (locale, text) in of[key].as_object().into_iter().flatten() {
            let at = format!("{at}/{key}/{locale}");
            if !LOCALES.contains(&locale.as_str()) {
                found.add(&at, "BASE_TYPE_CHOICES", "Unknown locale".to_owned());
            } else if key == "name_localizations" {
                name(found, text, &at, slash);
            } else {
                found.length(text, &at, 1, 100);
            }
        }
    }
}

/// Names of slash commands and options have letters, digits, `-`, `_` and `'`, none of them upper case.
fn name(found: &mut Found, name: &Value, at: &str, slash: bool) {
    let text = name.as_str().unwrap_or_default();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
    let plain = text.chars().all(allowed) && text.to_lowercase() == text;
    if !(1..=32).contains(&characters(text)) || (slash && !plain) {
        found.add(
            at,
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid".to_owned(),
        );
    }
}

fn options(found: &mut Found, options: &Value, at: &str) {
    found.count(options, at, 0, 25);
    let mut optional = false;
    let mut names = std::collections::HashSet::new();
    for (index, option) in items(options) {
        let at = format!("{at}/{index}");
        name(found, &option["name"], &format!("{at}/name"), true);
        found.needed(&option["description"], &format!("{at}/description"), 1, 100);
        localizations(found, option, &at, true);
        choices(found, &option["choices"], &format!("{at}/choices"));
        let has_choices = option["choices"].as_array().is_some_and(|list| !list.is_empty());
        if option["autocomplete"] == true && has_choices {
            let message = "Choices and autocomplete are mutually exclusive".to_owned();
            found.add(
                &format!("{at}/choices"),
                "APPLICATION_COMMAND_CHOICES_AUTOCOMPLETE",
                message,
            );
        }
        let required = option["required"] == true;
        if required && optional {
            let message = "Required options must be placed before non-required options".to_owned();
            found.add(&at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        if !names.insert(option["name"].to_string()) {
            let message = "The option name is already used".to_owned();
            found.add(
                &format!("{at}/name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                message,
            );
        }
        optional |= !required;
        self::options(found, &option["options"], &format!("{at}/options"));
    }
}

/// The characters of name, description and values, each in its longest language.
fn size(of: &Value) -> usize {
    let longest = |key: &str, others: &str| {
        let own = of[key].as_str().map_or(0, characters);
        let others = of[others].as_object().into_iter().flatten();
        others
            .filter_map(|(_, text)| text.as_str())
            .map(characters)
            .fold(own, usize::max)
    };
    let own = longest("name", "name_localizations") + longest("description", "description_localizations");
    let value = of["value"].as_str().map_or(0, characters);
    let inner = items(&of["options"])
        .chain(items(&of["choices"]))
        .map(|(_, it)| size(it))
        .sum::<usize>();
    own + value + inner
}
