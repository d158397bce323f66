//! A reply in Discord's form.

use serenity::all::{
    ButtonStyle, CreateActionRow, CreateAllowedMentions, CreateAttachment, CreateButton, CreateEmbed,
    CreateEmbedFooter, CreateInteractionResponseFollowup, CreateMessage, CreateSelectMenu,
    CreateSelectMenuKind, CreateSelectMenuOption, EditAttachments, EditInteractionResponse, EditMessage,
    Nonce,
};

use crate::limits;
use crate::reply::{Button, Card, File, Menu, Press, Reply, Tone};

/// A message of its own. `nonce` makes Discord drop a second one of the same.
pub(super) fn message(reply: &Reply, nonce: String) -> CreateMessage {
    CreateMessage::new()
        .content(&reply.text)
        .embeds(embeds(reply))
        .components(rows(reply))
        .files(reply.files.iter().map(attachment))
        .allowed_mentions(nobody().roles(reply.notify.iter().copied()))
        .nonce(Nonce::String(nonce))
        .enforce_nonce(true)
}

/// What takes the place of a deferred reply, or of the message whose button was pressed.
///
/// Its files take the place of those of the message, also where it has none: what stands beside an answer
/// belongs to it. A second attempt after a lost answer replaces those of the first, and doubles nothing.
pub(super) fn edit(reply: &Reply) -> EditInteractionResponse {
    let files = reply.files.iter().map(attachment);
    EditInteractionResponse::new()
        .attachments(files.fold(EditAttachments::new(), EditAttachments::add))
        .content(&reply.text)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(nobody())
}

/// What takes the place of a message of the bot's. Who was told of it once is not told again.
pub(super) fn card(reply: &Reply) -> EditMessage {
    EditMessage::new()
        .content(&reply.text)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(nobody())
}

/// A further message that the person alone sees.
pub(super) fn aside(reply: &Reply) -> CreateInteractionResponseFollowup {
    CreateInteractionResponseFollowup::new()
        .content(&reply.text)
        .files(reply.files.iter().map(attachment))
        .ephemeral(true)
        .allowed_mentions(nobody())
}

/// Nothing that is said mentions anybody, whatever stands in it.
pub(super) fn nobody() -> CreateAllowedMentions {
    CreateAllowedMentions::new().replied_user(false)
}

fn attachment(file: &File) -> CreateAttachment {
    let made = CreateAttachment::bytes(file.bytes.as_slice(), &file.name);
    if file.about.is_empty() {
        made
    } else {
        made.description(&file.about)
    }
}

/// The card, with the first picture in it.
fn embeds(reply: &Reply) -> Vec<CreateEmbed> {
    let picture = reply.files.iter().find(|file| file.is_picture());
    reply.card.iter().map(|card| embed(card, picture)).collect()
}

fn embed(card: &Card, picture: Option<&File>) -> CreateEmbed {
    let mut made = CreateEmbed::new()
        .title(&card.title)
        .description(&card.body)
        .colour(colour(card.tone));
    if let Some(url) = &card.url {
        made = made.url(url);
    }
    if let Some(picture) = picture {
        made = made.attachment(&picture.name);
    }
    if !card.footer.is_empty() {
        made = made.footer(CreateEmbedFooter::new(&card.footer));
    }
    made
}

const fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Plain => 0x58_65_F2,
        Tone::Good => 0x2E_A0_6B,
        Tone::Unsure => 0xE0_A0_30,
    }
}

fn rows(reply: &Reply) -> Vec<CreateActionRow> {
    let rows = reply.buttons.chunks(limits::BUTTONS_A_ROW);
    let buttons = rows.map(|row| CreateActionRow::Buttons(row.iter().map(button).collect()));
    buttons.chain(reply.menus.iter().map(menu)).collect()
}

fn button(button: &Button) -> CreateButton {
    let made = match &button.press {
        Press::Open(url) => CreateButton::new_link(url),
        Press::Run(command) => {
            let style = if button.primary {
                ButtonStyle::Primary
            } else {
                ButtonStyle::Secondary
            };
            CreateButton::new(command.control_id()).style(style)
        }
    };
    made.label(&button.label).disabled(!button.enabled)
}

fn menu(menu: &Menu) -> CreateActionRow {
    let options = menu
        .options
        .iter()
        .map(|(label, value)| CreateSelectMenuOption::new(label, value))
        .collect();
    let made = CreateSelectMenu::new(&menu.id, CreateSelectMenuKind::String { options });
    CreateActionRow::SelectMenu(made.placeholder(&menu.placeholder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png() -> Vec<u8> {
        b"\x89PNG\r\n\x1a\n".to_vec()
    }

    fn reply(files: Vec<File>) -> Reply {
        Reply {
            card: Some(Card::default()),
            files,
            ..Reply::default()
        }
    }

    #[test]
    fn the_first_picture_stands_in_the_card() {
        let files = vec![
            File::picture("a.png", png(), "what it shows"),
            File::picture("b.png", png(), ""),
            File::text("c.txt", "x"),
        ];
        let sent = serde_json::to_value(edit(&reply(files))).unwrap();
        assert_eq!(sent["embeds"][0]["image"]["url"], "attachment://a.png");
        let files = sent["attachments"].as_array().unwrap();
        let said: Vec<_> = files
            .iter()
            .map(|file| (&file["filename"], &file["description"]))
            .collect();
        let none = serde_json::Value::Null;
        assert_eq!(
            said,
            [
                (&"a.png".into(), &"what it shows".into()),
                (&"b.png".into(), &none),
                (&"c.txt".into(), &none)
            ]
        );
    }

    #[test]
    fn an_edit_without_files_takes_those_of_the_message_away() {
        let sent = serde_json::to_value(edit(&reply(Vec::new()))).unwrap();
        assert_eq!(sent["attachments"], serde_json::json!([]));
        assert!(sent["embeds"][0].get("image").is_none());
    }
}
