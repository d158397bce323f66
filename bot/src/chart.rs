//! Figures as a picture: horizontal bars, to be read on a phone.
//!
//! The font is a part of the program, so that a picture is the same on every machine, to the byte. It has
//! Latin letters alone: words in Chinese belong into the message. Names come from the cluster and are cut to
//! the room there is; what the font has no letter for becomes a question mark.

use std::ops::Range;
use std::sync::Once;

use anyhow::{Context as _, anyhow};
use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea as _, RGBColor, Rectangle, Text};
use plotters::style::{Color as _, FontStyle, IntoFont as _, TextStyle, register_font};

/// How wide a picture is, in pixels. Discord shows it at the width of the message.
pub const WIDTH: u32 = 800;
/// So many bars are drawn; how many more there are is said below them.
pub const MOST: usize = 20;

const MARGIN: i32 = 24;
const HEAD: u32 = 72;
const ROW: u32 = 74;
const FOOT: u32 = 48;
const BAR: i32 = 18;
const FONT: &str = "firstmate";

/// The colours of Discord's dark theme, which stands out on its light one too.
const GROUND: RGBColor = RGBColor(0x2B, 0x2D, 0x31);
const TRACK: RGBColor = RGBColor(0x40, 0x42, 0x49);
const WORDS: RGBColor = RGBColor(0xF2, 0xF3, 0xF5);
const FAINT: RGBColor = RGBColor(0xA6, 0xA9, 0xB0);
const PLAIN: RGBColor = RGBColor(0x6C, 0x78, 0xF4);
const HIGH: RGBColor = RGBColor(0xF0, 0xB2, 0x32);
const FULL: RGBColor = RGBColor(0xED, 0x4B, 0x50);

/// How letters are drawn.
#[derive(Clone, Copy)]
struct Ink {
    size: u32,
    colour: RGBColor,
}

/// At the width of a phone, these sizes come to about eleven points.
const TITLE: Ink = Ink {
    size: 30,
    colour: WORDS,
};
const PLAINLY: Ink = Ink {
    size: 26,
    colour: WORDS,
};
const FAINTLY: Ink = Ink {
    size: 26,
    colour: FAINT,
};

/// Shares from which a bar is drawn as high, and as full.
const HIGH_FROM: f64 = 0.75;
const FULL_FROM: f64 = 0.9;

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Whose it is.
    pub name: String,
    /// The figure; none if it could not be read, which is drawn as unknown and never as nothing.
    pub value: Option<f64>,
    /// What there is of it in all, the allocatable of a node for example. Without it the bars are drawn
    /// against the longest of them.
    pub of: Option<f64>,
    /// The figure in words, with its unit, as the message has it: `412m 10%`.
    pub shown: String,
}

/// A picture of bars, in the order given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// What is measured, in Latin letters: `CPU of allocatable`.
    pub title: String,
    /// The figures.
    pub bars: Vec<Bar>,
}

impl Chart {
    /// How many bars the picture has.
    pub fn drawn(&self) -> usize {
        self.bars.len().min(MOST)
    }

    /// The picture, as a PNG.
    ///
    /// # Errors
    /// If it cannot be drawn or encoded, which is a fault of this program.
    pub fn png(&self) -> anyhow::Result<Vec<u8>> {
        let height = self.height();
        let mut pixels = vec![0; (WIDTH * height * 3) as usize];
        {
            let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH, height)).into_drawing_area();
            Canvas::new(&area).draw(self)?;
            area.present().context("draw a chart")?;
        }
        encode(&pixels, height)
    }

    fn height(&self) -> u32 {
        let rows = u32::try_from(self.drawn().max(1)).unwrap_or(1);
        let foot = if self.bars.len() > MOST { FOOT } else { 0 };
        HEAD + rows * ROW + foot
    }

    /// What a bar of full length stands for, where it has nothing of its own.
    fn longest(&self) -> f64 {
        self.bars[..self.drawn()]
            .iter()
            .filter_map(|bar| known(bar.value))
            .fold(0.0, f64::max)
    }
}

impl Bar {
    /// How much of the full length is drawn, from nothing to all of it.
    fn share(&self, longest: f64) -> Option<f64> {
        let value = known(self.value)?;
        let whole = known(self.of).filter(|of| *of > 0.0).unwrap_or(longest);
        Some(if whole > 0.0 {
            (value / whole).min(1.0)
        } else {
            0.0
        })
    }

    fn colour(&self, share: f64) -> RGBColor {
        match known(self.of) {
            Some(_) if share >= FULL_FROM => FULL,
            Some(_) if share >= HIGH_FROM => HIGH,
            _ => PLAIN,
        }
    }
}

/// A figure that can be drawn: no less than nothing, and finite.
fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite() && *value >= 0.0)
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// What is drawn on, and with which letters.
struct Canvas<'c, 'a> {
    area: &'c Area<'a>,
    right: i32,
}

impl<'c, 'a> Canvas<'c, 'a> {
    fn new(area: &'c Area<'a>) -> Self {
        static FONT_IS_THERE: Once = Once::new();
        FONT_IS_THERE.call_once(|| {
            let font = epaint_default_fonts::HACK_REGULAR;
            if register_font(FONT, FontStyle::Normal, font).is_err() {
                tracing::error!("the font of charts cannot be read");
            }
        });
        Self {
            area,
            right: WIDTH.cast_signed() - MARGIN,
        }
    }

    fn draw(&self, chart: &Chart) -> anyhow::Result<()> {
        self.area.fill(&GROUND).map_err(|error| anyhow!("{error}"))?;
        self.cut_text(&chart.title, MARGIN..self.right, 20, TITLE)?;
        let longest = chart.longest();
        let mut top = HEAD.cast_signed();
        if chart.bars.is_empty() {
            self.cut_text("no data", MARGIN..self.right, top, FAINTLY)?;
        }
        for bar in &chart.bars[..chart.drawn()] {
            self.row(bar, longest, top)?;
            top += ROW.cast_signed();
        }
        let more = chart.bars.len() - chart.drawn();
        if more > 0 {
            self.cut_text(&format!("and {more} more"), MARGIN..self.right, top, FAINTLY)?;
        }
        Ok(())
    }

    /// The name on the left, the figure on the right, the bar below both.
    fn row(&self, bar: &Bar, longest: f64, top: i32) -> anyhow::Result<()> {
        let share = bar.share(longest);
        let shown = if share.is_some() {
            latin(&bar.shown)
        } else {
            "unknown".to_owned()
        };
        let ink = if share.is_some() { PLAINLY } else { FAINTLY };
        let shown = self.cut(&shown, self.right - MARGIN - 200, ink)?;
        let figure = self.right - self.width(&shown, ink)?;
        self.text(&shown, figure, top, ink)?;
        self.cut_text(&bar.name, MARGIN..figure - 20, top, PLAINLY)?;
        let bar_top = top + PLAINLY.size.cast_signed() + 5;
        match share {
            Some(share) => {
                self.block(MARGIN, self.right, bar_top, TRACK)?;
                self.block(MARGIN, self.end_of(share), bar_top, bar.colour(share))
            }
            None => self.dashes(bar_top),
        }
    }

    /// Where a bar of this share ends. One that is not nothing is seen.
    fn end_of(&self, share: f64) -> i32 {
        let length = f64::from(self.right - MARGIN) * share;
        #[expect(clippy::cast_possible_truncation, reason = "a share of the width")]
        let pixels = length.round() as i32;
        MARGIN + if share > 0.0 { pixels.max(2) } else { 0 }
    }

    /// A bar that nobody knows the length of.
    fn dashes(&self, top: i32) -> anyhow::Result<()> {
        let mut left = MARGIN;
        while left < self.right {
            self.block(left, (left + 8).min(self.right), top, TRACK)?;
            left += 20;
        }
        Ok(())
    }

    fn block(&self, left: i32, right: i32, top: i32, colour: RGBColor) -> anyhow::Result<()> {
        if left == right {
            return Ok(());
        }
        let corners = [(left, top), (right, top + BAR)];
        let block = Rectangle::new(corners, colour.filled());
        self.area.draw(&block).map_err(|error| anyhow!("{error}"))
    }

    /// A text, cut to the room there is.
    fn cut_text(&self, text: &str, room: Range<i32>, top: i32, ink: Ink) -> anyhow::Result<()> {
        let text = self.cut(&latin(text), room.end - room.start, ink)?;
        self.text(&text, room.start, top, ink)
    }

    fn text(&self, text: &str, left: i32, top: i32, ink: Ink) -> anyhow::Result<()> {
        let text = Text::new(text.to_owned(), (left, top), style(ink).color(&ink.colour));
        self.area.draw(&text).map_err(|error| anyhow!("{error}"))
    }

    /// The text, short enough for `room`: the middle goes, since names of Pods differ at both ends.
    fn cut(&self, text: &str, room: i32, ink: Ink) -> anyhow::Result<String> {
        let letter = self.width("0000000000", ink)?.max(10);
        let fits = usize::try_from(room * 10 / letter).unwrap_or_default();
        let letters: Vec<char> = text.chars().collect();
        if letters.len() <= fits {
            return Ok(text.to_owned());
        }
        let kept = fits.saturating_sub(1);
        let tail = kept * 3 / 5;
        let head: String = letters[..kept - tail].iter().collect();
        let tail: String = letters[letters.len() - tail..].iter().collect();
        Ok(format!("{head}…{tail}"))
    }

    fn width(&self, text: &str, ink: Ink) -> anyhow::Result<i32> {
        let size = self.area.estimate_text_size(text, &style(ink));
        let (width, _) = size.map_err(|error| anyhow!("{error}"))?;
        Ok(width.cast_signed())
    }
}

fn style(ink: Ink) -> TextStyle<'static> {
    (FONT, ink.size).into_font().into()
}

/// Only what the font has letters for, on one line.
fn latin(text: &str) -> String {
    let drawn = |letter: char| matches!(letter, ' '..='~' | '\u{a1}'..='\u{17f}' | '…');
    text.chars()
        .take(400)
        .map(|letter| if drawn(letter) { letter } else { '?' })
        .collect()
}

fn encode(pixels: &[u8], height: u32) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, WIDTH, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().context("encode a chart")?;
    writer.write_image_data(pixels).context("encode a chart")?;
    writer.finish().context("encode a chart")?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, value: f64, of: Option<f64>) -> Bar {
        Bar {
            name: name.to_owned(),
            value: Some(value),
            of,
            shown: format!("{value}m"),
        }
    }

    fn chart(bars: Vec<Bar>) -> Chart {
        Chart {
            title: "CPU of allocatable".to_owned(),
            bars,
        }
    }

    /// Width, height and pixels.
    fn decode(png: &[u8]) -> (u32, u32, Vec<RGBColor>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut buffer).unwrap();
        let pixels = buffer.chunks(3).map(|it| RGBColor(it[0], it[1], it[2])).collect();
        (info.width, info.height, pixels)
    }

    /// For each bar from the top: how many pixels of its length are filled, none if it is unknown.
    fn lengths(png: &[u8]) -> Vec<Option<usize>> {
        let (width, height, pixels) = decode(png);
        let row = |y: u32| &pixels[(y * width) as usize..((y + 1) * width) as usize];
        let is_filled = |colour: &RGBColor| [PLAIN, HIGH, FULL].contains(colour);
        let is_bar = |y: u32| row(y).iter().filter(|it| is_filled(it) || **it == TRACK).count() >= 300;
        let mut found = Vec::new();
        for y in 1..height {
            if is_bar(y) && !is_bar(y - 1) {
                let filled = row(y).iter().filter(|colour| is_filled(colour)).count();
                let whole = filled + row(y).iter().filter(|colour| **colour == TRACK).count();
                found.push((whole == (WIDTH.cast_signed() - 2 * MARGIN) as usize).then_some(filled));
            }
        }
        found
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let png = chart(vec![
            bar("node-1", 500.0, Some(1000.0)),
            bar("node-2", 0.0, Some(1000.0)),
            bar("node-3", 4000.0, Some(1000.0)),
        ])
        .png()
        .unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(lengths(&png), [Some(376), Some(0), Some(752)]);
        let (width, height, _) = decode(&png);
        assert_eq!((width, height), (WIDTH, HEAD + 3 * ROW));
    }

    #[test]
    fn without_a_whole_the_longest_is_full() {
        let png = chart(vec![bar("a", 40.0, None), bar("b", 20.0, None)])
            .png()
            .unwrap();
        assert_eq!(lengths(&png), [Some(752), Some(376)]);
    }

    #[test]
    fn what_is_not_known_is_not_drawn_as_nothing() {
        let missing = Bar {
            value: None,
            ..bar("node-5", 0.0, Some(1.0))
        };
        let strange = [f64::NAN, f64::INFINITY, -1.0].map(|value| bar("x", value, Some(1.0)));
        let mut bars = vec![missing];
        bars.extend(strange);
        bars.push(bar("of nothing", 1.0, Some(0.0)));
        bars.push(bar("of no number", 1.0, Some(f64::NAN)));
        let lengths = lengths(&chart(bars).png().unwrap());
        assert_eq!(lengths, [None, None, None, None, Some(752), Some(752)]);
    }

    #[test]
    fn very_many_are_cut_and_none_is_said() {
        let many = chart(
            (0..1000)
                .map(|at| bar(&format!("node-{at}"), 1.0, Some(2.0)))
                .collect(),
        );
        let png = many.png().unwrap();
        assert_eq!(lengths(&png).len(), MOST);
        assert_eq!(decode(&png).1, HEAD + 20 * ROW + FOOT);
        let none = chart(Vec::new());
        assert_eq!(lengths(&none.png().unwrap()), []);
        assert_eq!(none.drawn(), 0);
    }

    #[test]
    fn a_name_may_be_anything() {
        let (long, wide) = ("web-".repeat(500), "\u{1F600}".repeat(300));
        let names = ["", "节点-1", "\u{202e}gnp.exe", "a\nb\t\u{0}", &long, &wide];
        let bars = names.map(|name| Bar {
            shown: name.to_owned(),
            ..bar(name, 1.0, Some(1.0))
        });
        let png = chart(bars.to_vec()).png().unwrap();
        assert_eq!(lengths(&png), [Some(752); 6]);
        // Nothing is drawn beyond the margins.
        let (width, height, pixels) = decode(&png);
        for y in 0..height {
            for x in (0..MARGIN.cast_unsigned() - 2).chain(width - MARGIN.cast_unsigned() + 2..width) {
                assert_eq!(pixels[(y * width + x) as usize], GROUND, "{x} {y}");
            }
        }
    }

    #[test]
    fn the_same_figures_give_the_same_bytes() {
        let chart = chart(vec![bar("node-1", 1.0, Some(3.0)), bar("node-2", 2.0, Some(3.0))]);
        assert_eq!(chart.png().unwrap(), chart.png().unwrap());
        assert_ne!(
            chart.png().unwrap(),
            Chart {
                title: "Memory".to_owned(),
                ..chart.clone()
            }
            .png()
            .unwrap()
        );
    }
}
