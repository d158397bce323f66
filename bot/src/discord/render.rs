//! A reply in Discord's form.

use serenity::all::{
    ButtonStyle, CreateActionRow, CreateAllowedMentions, CreateButton, CreateEmbed, CreateEmbedFooter,
    CreateInteractionResponseFollowup, CreateMessage, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption, EditInteractionResponse, Nonce,
};

use crate::limits;
use crate::reply::{Button, Card, Menu, Press, Reply, Tone};

/// A message of its own. `nonce` makes Discord drop a second one of the same.
pub(super) fn message(reply: &Reply, nonce: String) -> CreateMessage {
    CreateMessage::new()
        .content(&reply.text)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(nobody())
        .nonce(Nonce::String(nonce))
        .enforce_nonce(true)
}

/// What takes the place of a deferred reply, or of the message whose button was pressed.
///
/// Attachments are left out on purpose: naming none would delete those of the message.
pub(super) fn edit(reply: &Reply) -> EditInteractionResponse {
    EditInteractionResponse::new()
        .content(&reply.text)
        .embeds(embeds(reply))
        .components(rows(reply))
        .allowed_mentions(nobody())
}

/// A further message that the person alone sees.
pub(super) fn aside(reply: &Reply) -> CreateInteractionResponseFollowup {
    CreateInteractionResponseFollowup::new()
        .content(&reply.text)
        .ephemeral(true)
        .allowed_mentions(nobody())
}

/// Nothing that is said mentions anybody, whatever stands in it.
pub(super) fn nobody() -> CreateAllowedMentions {
    CreateAllowedMentions::new().replied_user(false)
}

fn embeds(reply: &Reply) -> Vec<CreateEmbed> {
    reply.card.iter().map(embed).collect()
}

fn embed(card: &Card) -> CreateEmbed {
    let mut made = CreateEmbed::new()
        .title(&card.title)
        .description(&card.body)
        .colour(colour(card.tone));
    if let Some(url) = &card.url {
        made = made.url(url);
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
    buttons.chain(reply.menu.as_ref().map(menu)).collect()
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
