//! The items of a list, split off its body while it is read: a list of very many objects is never whole in memory.

/// What is read of a list and not split off yet.
///
/// It looks at quotes and brackets alone; whether an item is valid JSON is for whoever parses it.
#[derive(Debug, Default)]
pub(super) struct Items {
    buffer: Vec<u8>,
    /// How far `buffer` was looked at.
    at: usize,
    /// How many brackets are open.
    depth: usize,
    /// Where the string or the item begins that is being looked at.
    string: Option<usize>,
    item: Option<usize>,
    is_escaped: bool,
    /// What the last string of the list itself was: the name of what stands behind it.
    name: Name,
    /// Which part of the list is open.
    within: Name,
    has_items: bool,
}

/// What a list has that is split off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Name {
    #[default]
    Other,
    Metadata,
    Items,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// What is said of the list.
    Metadata(&'a [u8]),
    /// One of its items.
    Item(&'a [u8]),
}

impl Items {
    /// Takes more of the body, and gives each part that is whole now to `found`.
    pub(super) fn feed<E>(
        &mut self,
        bytes: &[u8],
        mut found: impl FnMut(Part<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.buffer.extend_from_slice(bytes);
        while let Some(byte) = self.buffer.get(self.at) {
            self.at += 1;
            if self.string.is_some() {
                self.in_string(*byte);
                continue;
            }
            match byte {
                b'"' => self.string = Some(self.at),
                b'{' | b'[' => self.open(),
                b'}' | b']' => {
                    if let Some((begin, name)) = self.close() {
                        let part = &self.buffer[begin..self.at];
                        found(match name {
                            Name::Metadata => Part::Metadata(part),
                            _ => Part::Item(part),
                        })?;
                    }
                }
                _ => {}
            }
        }
        self.forget();
        Ok(())
    }

    /// Whether the list and its items came to their end.
    pub(super) const fn is_over(&self) -> bool {
        self.depth == 0 && self.has_items
    }

    fn in_string(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => {
                let begin = self.string.take().unwrap_or(self.at);
                if self.depth == 1 {
                    self.name = match &self.buffer[begin..self.at - 1] {
                        b"metadata" => Name::Metadata,
                        b"items" => Name::Items,
                        _ => Name::Other,
                    };
                }
            }
            _ => {}
        }
    }

    fn open(&mut self) {
        self.depth += 1;
        if self.depth == 2 {
            self.within = self.name;
        }
        match (self.within, self.depth) {
            (Name::Metadata, 2) | (Name::Items, 3) => self.item = Some(self.at - 1),
            _ => {}
        }
    }

    /// Where a part begins that ends here, and of what.
    fn close(&mut self) -> Option<(usize, Name)> {
        self.depth = self.depth.saturating_sub(1);
        let within = self.within;
        if self.depth == 1 {
            self.within = Name::Other;
            self.has_items |= within == Name::Items;
        }
        match (within, self.depth) {
            (Name::Metadata, 1) | (Name::Items, 2) => Some((self.item.take()?, within)),
            _ => None,
        }
    }

    /// Drops what nobody needs any more.
    fn forget(&mut self) {
        let begin = self.item.or(self.string).unwrap_or(self.at);
        self.buffer.drain(..begin);
        self.at -= begin;
        self.item = self.item.map(|it| it - begin);
        self.string = self.string.map(|it| it - begin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items, fed in pieces of every length.
    #[track_caller]
    fn check(body: &str, expected: &[&str], is_over: bool) {
        for length in 1..=body.len() {
            let (mut items, mut found) = (Items::default(), Vec::new());
            for piece in body.as_bytes().chunks(length) {
                let fed = items.feed(piece, |part| {
                    let (mark, bytes) = match part {
                        Part::Metadata(bytes) => ("of ", bytes),
                        Part::Item(bytes) => ("", bytes),
                    };
                    found.push(format!("{mark}{}", String::from_utf8_lossy(bytes)));
                    Ok::<(), ()>(())
                });
                assert!(fed.is_ok());
            }
            assert_eq!(found, expected, "{length}");
            assert_eq!(items.is_over(), is_over, "{length}");
        }
    }

    #[test]
    fn each_item_is_split_off_wherever_the_body_is_cut() {
        check(
            r#"{"kind":"items","metadata":{"items":[{"no":1}]},"items":[{"a":"}]{[\"\\"},{"b":[{"items":[{}]}]}],"more":[{}]}"#,
            &[
                r#"of {"items":[{"no":1}]}"#,
                r#"{"a":"}]{[\"\\"}"#,
                r#"{"b":[{"items":[{}]}]}"#,
            ],
            true,
        );
        check(
            r#"{ "items" : [ { "a" : 1 } , {} ] }"#,
            &[r#"{ "a" : 1 }"#, "{}"],
            true,
        );
        check(r#"{"items":[],"metadata":{}}"#, &["of {}"], true);
    }

    #[test]
    fn a_body_that_ends_too_early_is_no_whole_list() {
        check(r#"{"items":[{"a":1},{"b""#, &[r#"{"a":1}"#], false);
        check(r#"{"items":[{"a":1}]"#, &[r#"{"a":1}"#], false);
        check(r#"{"kind":"Status","message":"no"}"#, &[], false);
        check("", &[], false);
    }
}
