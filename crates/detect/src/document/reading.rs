//! One call of [`super::read`]: what it has found and what it has spent.

use super::sniff::{Form, sniff};
use super::{Kind, Limits, Part, PartKind, Reason, Unreadable, archive, encoding, html, mail, pdf};

/// Stands between the names of files that lie in each other, and before the place inside.
const WITHIN: &str = " › ";

/// A file with the files it lies in.
#[derive(Debug, Clone)]
pub(super) struct At {
    path: String,
    name: String,
    depth: usize,
}

impl At {
    pub(super) fn top(name: &str) -> Self {
        Self { path: name.to_owned(), name: name.to_owned(), depth: 0 }
    }

    /// A file that lies in this one.
    pub(super) fn member(&self, name: &str) -> Self {
        Self { path: format!("{}{WITHIN}{name}", self.path), name: name.to_owned(), depth: self.depth + 1 }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn fail(&self, reason: Reason) -> Unreadable {
        Unreadable { path: self.path.clone(), reason }
    }

    pub(super) fn broken(&self, place: impl Into<String>, detail: impl Into<String>) -> Unreadable {
        self.fail(Reason::Broken { place: place.into(), detail: detail.into() })
    }

    /// Where a part stands: the files only when there is more than one.
    fn place(&self, inner: &str) -> String {
        match (self.depth, inner) {
            (0, inner) => inner.to_owned(),
            (_, "") => self.path.clone(),
            (_, inner) => format!("{}{WITHIN}{inner}", self.path),
        }
    }
}

/// What has been found and spent so far. Every bound counts over the whole file, nested files included.
#[derive(Debug)]
pub(super) struct Reading {
    limits: Limits,
    parts: Vec<Part>,
    unseen: Vec<Unreadable>,
    unpacked: usize,
    text: usize,
    members: usize,
    pages: usize,
}

impl Reading {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, parts: Vec::new(), unseen: Vec::new(), unpacked: 0, text: 0, members: 0, pages: 0 }
    }

    pub(super) fn finish(self) -> (Vec<Part>, Vec<Unreadable>) {
        (self.parts, self.unseen)
    }

    /// All that has been found and spent, for another thread to go on with; an empty one with the same limits stays.
    pub(super) fn take(&mut self) -> Self {
        let limits = self.limits;
        std::mem::replace(self, Self::new(limits))
    }

    /// Reads a file, the outermost or one that lies in another.
    pub(super) fn file(&mut self, at: &At, bytes: &[u8]) -> Result<Kind, Unreadable> {
        match sniff(at.name(), bytes) {
            Form::Media(format) => Err(at.fail(Reason::Media { format: format.to_owned() })),
            Form::Encrypted => Err(at.fail(Reason::Encrypted)),
            Form::Foreign(format) => Err(at.fail(Reason::Unsupported { format: format.to_owned() })),
            Form::Zip => archive::read(self, at, bytes),
            Form::Html => html::read(self, at, bytes),
            Form::Mail => mail::read(self, at, bytes),
            Form::Pdf => pdf::read(self, at, bytes),
            Form::Text => {
                let text = encoding::decode(bytes, self.text_left()).map_err(|reason| at.fail(reason))?;
                self.push(at, PartKind::Body, "", text)?;
                Ok(Kind::Text)
            }
        }
    }

    /// Reads a file that lies in another. A picture is noted as unseen; anything else that cannot be read is an error,
    /// because whoever receives the whole could read it.
    pub(super) fn member(&mut self, at: &At, bytes: &[u8]) -> Result<(), Unreadable> {
        match self.within(at, |reading, at| reading.file(at, bytes).map(drop)) {
            Ok(()) => Ok(()),
            Err(unseen @ Unreadable { reason: Reason::Media { .. }, .. }) => {
                self.unseen(unseen);
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Reads what lies in another file, unless it lies too deep.
    pub(super) fn within(
        &mut self,
        at: &At,
        read: impl FnOnce(&mut Self, &At) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        if at.depth > self.limits.depth {
            return Err(at.fail(Reason::TooLarge { limit: "depth", most: self.limits.depth }));
        }
        read(self, at)
    }

    /// Adds a piece of text; nothing when there is nothing in it but white space.
    pub(super) fn push(
        &mut self,
        at: &At,
        kind: PartKind,
        inner: &str,
        text: impl Into<String>,
    ) -> Result<(), Unreadable> {
        let text = text.into();
        if text.len() > self.text_left() {
            return Err(at.fail(self.too_much_text()));
        }
        if text.trim().is_empty() && !(kind == PartKind::Body && inner.is_empty()) {
            return Ok(());
        }
        self.text += text.len();
        self.parts.push(Part { kind, place: at.place(inner), text });
        Ok(())
    }

    pub(super) fn unseen(&mut self, unseen: Unreadable) {
        self.unseen.push(unseen);
    }

    /// How many bytes of text may still be taken out.
    pub(super) fn text_left(&self) -> usize {
        self.limits.text_bytes.saturating_sub(self.text)
    }

    pub(super) fn too_much_text(&self) -> Reason {
        Reason::TooLarge { limit: "text_bytes", most: self.limits.text_bytes }
    }

    /// How many bytes may still be unpacked.
    pub(super) fn unpack_left(&self) -> usize {
        self.limits.unpacked_bytes.saturating_sub(self.unpacked)
    }

    pub(super) fn most_unpacked(&self) -> usize {
        self.limits.unpacked_bytes
    }

    pub(super) fn too_much_unpacked(&self) -> Reason {
        Reason::TooLarge { limit: "unpacked_bytes", most: self.limits.unpacked_bytes }
    }

    /// Counts unpacked bytes.
    pub(super) fn unpacked(&mut self, at: &At, bytes: usize) -> Result<(), Unreadable> {
        self.unpacked = self.unpacked.saturating_add(bytes);
        if self.unpacked > self.limits.unpacked_bytes { Err(at.fail(self.too_much_unpacked())) } else { Ok(()) }
    }

    /// Counts members of an archive before they are looked at.
    pub(super) fn members(&mut self, at: &At, count: usize) -> Result<(), Unreadable> {
        self.check_members(at, count)?;
        self.members = self.members.saturating_add(count);
        Ok(())
    }

    /// Whether so many members more are allowed.
    pub(super) fn check_members(&self, at: &At, count: usize) -> Result<(), Unreadable> {
        let most = self.limits.members;
        if self.members.saturating_add(count) > most {
            Err(at.fail(Reason::TooLarge { limit: "members", most }))
        } else {
            Ok(())
        }
    }

    /// Counts pages.
    pub(super) fn pages(&mut self, at: &At, count: usize) -> Result<(), Unreadable> {
        self.pages = self.pages.saturating_add(count);
        let most = self.limits.pages;
        if self.pages > most { Err(at.fail(Reason::TooLarge { limit: "pages", most })) } else { Ok(()) }
    }
}
