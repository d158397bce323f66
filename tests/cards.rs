//! Requests as people have them before them, and whether what they see is true.

use std::time::Duration;

use firstmate::remedy::approval::{Request, State};
use firstmate::store::{AuditFind, Find, Row, Store, verify};
use firstmate::text::change::state as words;
use firstmate_kb::Lang;
use firstmate_sandbox::cluster::Cluster;
use firstmate_sandbox::discord::{Click, Discord, Entry, Id, Submit};
use serde_json::Value;

/// The cards of a request: more than one would be approved twice.
pub(crate) fn of(discord: &Discord, id: i64) -> Vec<Value> {
    let mut seen = discord.messages_seen_by("ming").unwrap();
    let begin = format!("Request {id}: ");
    seen.retain(|it| it["local"]["only"].is_null());
    seen.retain(|it| {
        it["content"]
            .as_str()
            .is_some_and(|text| text.starts_with(&begin))
    });
    seen
}

/// The button of a card whose id begins so, ready to be pressed, also one that is no longer there.
pub(crate) fn button(discord: &Discord, person: &str, id: i64, button: &str) -> Option<Click> {
    let card = of(discord, id).pop()?;
    let mut ids = Vec::new();
    custom_ids(&card["local"]["earlier"], &mut ids);
    custom_ids(&card["components"], &mut ids);
    let begin = format!("{button}:{id}-");
    let is_meant = |it: &String| it.starts_with(&begin);
    Some(Click {
        person: person.to_owned(),
        message_id: card["id"].as_str().unwrap().to_owned(),
        custom_id: ids.into_iter().rfind(is_meant)?,
        values: Vec::new(),
    })
}

/// Presses it.
pub(crate) async fn press(discord: &Discord, person: &str, id: i64, name: &str) -> Option<Id> {
    let click = button(discord, person, id, name)?;
    Some(discord.component(click).await.unwrap())
}

/// Presses it, and fills in the box that opens; what is left is to send it off.
pub(crate) async fn filled(discord: &Discord, person: &str, id: i64, name: &str) -> Submit {
    let before = discord.journal_since(0).len();
    press(discord, person, id, name).await.unwrap();
    let modal_id = discord.until(|discord| {
        let mut entries = discord.journal_since(before).into_iter();
        entries.find_map(|entry| match entry {
            Entry::Modal { modal_id, .. } => Some(modal_id),
            _ => None,
        })
    });
    let modal_id = tokio::time::timeout(Duration::from_secs(60), modal_id)
        .await
        .unwrap();
    Submit {
        person: person.to_owned(),
        modal_id,
        values: [("reason".to_owned(), "because".to_owned())].into(),
    }
}

fn custom_ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| custom_ids(it, found)),
        Value::Object(fields) => {
            found.extend(fields.get("custom_id").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|it| custom_ids(it, found));
        }
        _ => {}
    }
}

/// How often a node was changed over the API.
pub(crate) fn writes(cluster: &Cluster) -> usize {
    let writes = cluster.writes_since(0).into_iter();
    writes
        .filter(|it| it.verb == "patch" && it.resource == "node")
        .count()
}

/// A node as it is.
pub(crate) fn node(cluster: &Cluster, name: &str) -> Value {
    let mut dump = cluster.dump().into_iter();
    dump.find(|it| it["kind"] == "Node" && it["metadata"]["name"] == name)
        .unwrap()
}

/// The whole audit, the oldest row first.
pub(crate) async fn audit(store: &Store) -> Vec<Row> {
    let mut rows = store.audit(&AuditFind::default()).await.unwrap();
    rows.reverse();
    rows
}

/// Once nothing is under way: what the audit says was executed is what the API server saw, once for each request that
/// is done and for no other; each change has its Event; every card says what its row says; the audit is whole.
pub(crate) async fn all_true(discord: &Discord, cluster: &Cluster, store: &Store) {
    let rows = audit(store).await;
    verify(&rows, &store.head().await.unwrap(), None).unwrap();
    let executed = |id: Option<i64>| {
        let executed = rows.iter().filter(|row| row.entry.step == "executed");
        executed
            .filter(|row| id.is_none() || row.entry.request == id)
            .count()
    };
    assert_eq!(executed(None), writes(cluster), "executions and writes");
    let all = store.find(&Find::default()).await.unwrap();
    for request in &all {
        let expected = usize::from(request.state == State::Done);
        assert_eq!(executed(Some(request.id)), expected, "{request:?}");
        is_true(discord, request);
    }
    let done: Vec<&Request> = all.iter().filter(|it| it.state == State::Done).collect();
    let dump = cluster.dump();
    let told = dump.iter().filter(|it| it["source"]["component"] == "firstmate");
    assert_eq!(told.count(), done.len(), "one Event for each change");
    for (undone, by) in done
        .iter()
        .filter_map(|it| it.undoes.map(|undone| (undone, it.id)))
    {
        let undone = store.request(undone).await.unwrap().unwrap();
        assert_eq!(undone.undone_by, Some(by));
    }
}

/// There is one card of the request, and it says what the row says.
pub(crate) fn is_true(discord: &Discord, request: &Request) {
    let cards = of(discord, request.id);
    let [card] = cards.as_slice() else {
        assert!(
            cards.is_empty(),
            "{} cards of request {}",
            cards.len(),
            request.id
        );
        assert!(request.state == State::Refused, "no card of {request:?}");
        return;
    };
    let content = card["content"].as_str().unwrap();
    let said = format!("**{}**", words(Lang::En, request.state));
    assert!(content.contains(&said), "{content}\n{request:?}");
    let mut ids = Vec::new();
    custom_ids(&card["components"], &mut ids);
    let has = |button: &str| ids.iter().any(|it| it.starts_with(button));
    assert_eq!(has("approve:"), request.state == State::Pending, "{card}");
    let can_be_undone = request.state == State::Done && request.undone_by.is_none();
    assert_eq!(has("undo:"), can_be_undone, "{card}");
}
