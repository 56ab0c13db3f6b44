//! Files, archives and lines, piece by piece. What a piece is, its bytes say and no name.

mod counting;
mod sniff;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use counting::Counting;
use sniff::{Begin, begin, has_whole_line, is_html, is_mark, is_whole_json};

use super::{Place, Reject, reason};
use crate::law::{LARGEST, members_named};
use crate::lines::{Line, Lines};

/// Told how many bytes of the files were read.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// A file to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is called in messages.
    pub name: String,
    /// Whether somebody asked for this very file; what merely lies in a folder may be of another kind.
    pub named: bool,
}

/// What a piece holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// XML that is no page.
    Xml(Vec<u8>),
    /// A JSON value: a whole file, or one line of JSON Lines.
    Json(Vec<u8>),
    /// A page.
    Html(Vec<u8>),
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands.
    pub place: Place,
    /// The name of the file or member without its folders: `…/a217003.htm` says which question it is of.
    pub name: String,
    /// What it is.
    pub content: Content,
}

/// What comes out of a file.
#[derive(Debug)]
pub enum Fed {
    /// A piece.
    Piece(Piece),
    /// Something that cannot be read; what follows it can.
    Reject(Reject),
    /// A file in a folder that is of another kind.
    PassedOver,
}

/// Members of archives that are looked at.
const ENDS: &[&str] = &["xml", "json", "jsonl", "ndjson", "html", "htm"];
/// How every ZIP archive with members begins.
const ZIP: &[u8] = b"PK\x03\x04";
/// How every zstd frame begins.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Hands every piece of a file to `take`, in order, one at a time, until it answers with an error.
///
/// # Errors
/// Those of `take`.
pub fn feed<E>(input: &Input, progress: &Progress, take: &mut dyn FnMut(Fed) -> Result<(), E>) -> Result<(), E> {
    let place = Place::file(&*input.name);
    let opened = File::open(&input.path).and_then(|mut file| {
        let mut head = [0; 4];
        let length = file.by_ref().take(4).read(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        Ok((file, head, length))
    });
    let (file, head, length) = match opened {
        Ok(opened) => opened,
        Err(error) => return take(Fed::Reject(reason::unreadable(place, &error))),
    };
    let file = Counting::new(file, Arc::clone(progress));
    if length == 0 {
        return take(Fed::Reject(reason::empty(place)));
    }
    if head == *ZIP {
        return of_archive(file, &place, take);
    }
    let reader = BufReader::with_capacity(1 << 18, file);
    let reader: Box<dyn BufRead + Send> = if head == ZSTD {
        match zstd::Decoder::with_buffer(reader) {
            Ok(decoder) => Box::new(BufReader::with_capacity(1 << 18, decoder)),
            Err(error) => return take(Fed::Reject(reason::unreadable(place, &error))),
        }
    } else {
        Box::new(reader)
    };
    of_reader(reader, &place, input.named, take)
}

fn of_archive<E>(file: Counting<File>, place: &Place, take: &mut dyn FnMut(Fed) -> Result<(), E>) -> Result<(), E> {
    let members = match members_named(BufReader::new(file), ENDS) {
        Ok(members) => members,
        Err(error) => return take(Fed::Reject(reason::archive(place.clone(), &error))),
    };
    for member in members {
        match member {
            Ok(member) => {
                let place = Place { member: Some(member.name), ..place.clone() };
                of_reader(Box::new(std::io::Cursor::new(member.bytes)), &place, false, take)?;
            }
            Err(error) => take(Fed::Reject(reason::archive(place.clone(), &error)))?,
        }
    }
    Ok(())
}

fn of_reader<E>(
    mut reader: Box<dyn BufRead + Send>,
    place: &Place,
    named: bool,
    take: &mut dyn FnMut(Fed) -> Result<(), E>,
) -> Result<(), E> {
    let begins = match reader.fill_buf() {
        Ok(head) => begin(head),
        Err(error) => return take(Fed::Reject(reason::unreadable(place.clone(), &error))),
    };
    match begins {
        Begin::Other if named => take(Fed::Reject(reason::other_kind(place.clone()))),
        Begin::Other => take(Fed::PassedOver),
        Begin::Tag => match whole(reader, place) {
            Ok(bytes) if is_html(&bytes) => take(piece(place, Content::Html(bytes))),
            Ok(bytes) => take(piece(place, Content::Xml(bytes))),
            Err(reject) => take(Fed::Reject(reject)),
        },
        Begin::Json => of_json(reader, place, take),
    }
}

/// A JSON file whose first line is a whole value is read line by line. Any other is one value, unless one of its first
/// lines shows that it has lines, and the first of them is broken.
fn of_json<E>(
    mut reader: Box<dyn BufRead + Send>,
    place: &Place,
    take: &mut dyn FnMut(Fed) -> Result<(), E>,
) -> Result<(), E> {
    let mut first = Vec::new();
    let most = LARGEST as u64 + 1;
    if let Err(error) = reader.by_ref().take(most).read_until(b'\n', &mut first) {
        return take(Fed::Reject(reason::unreadable(place.clone(), &error)));
    }
    if is_whole_json(&first) {
        take(piece(&Place { line: Some(1), ..place.clone() }, Content::Json(first)))?;
        return of_lines(Lines::of(reader, 1), place, take);
    }
    let left = most.saturating_sub(first.len() as u64);
    if let Err(error) = reader.by_ref().take(left).read_to_end(&mut first) {
        return take(Fed::Reject(reason::unreadable(place.clone(), &error)));
    }
    let too_large = first.len() > LARGEST;
    if has_whole_line(&first) && (too_large || !is_whole_json(&first)) {
        return of_lines(Lines::of(Box::new(std::io::Cursor::new(first).chain(reader)), 0), place, take);
    }
    take(if too_large { Fed::Reject(reason::too_large(place.clone())) } else { piece(place, Content::Json(first)) })
}

fn of_lines<E>(lines: Lines, place: &Place, take: &mut dyn FnMut(Fed) -> Result<(), E>) -> Result<(), E> {
    for line in lines {
        let (number, line) = match line {
            Ok(line) => line,
            Err(error) => return take(Fed::Reject(reason::unreadable(place.clone(), &error))),
        };
        let place = Place { line: usize::try_from(number).ok(), ..place.clone() };
        take(match line {
            Line::Text(text) if is_mark(&text) => continue,
            Line::Text(text) => piece(&place, Content::Json(text.into_bytes())),
            Line::NotUtf8 => Fed::Reject(Reject::new(
                place,
                "UTF-8 ではありません。UTF-8 で保存し直してください。",
                "not UTF-8; save it as UTF-8",
            )),
            Line::TooLong => Fed::Reject(Reject::new(
                place,
                "32 MiB を超える行です。分けてください。",
                "a line of over 32 MiB; split it",
            )),
        })?;
    }
    Ok(())
}

fn piece(place: &Place, content: Content) -> Fed {
    let path = place.member.as_deref().unwrap_or(&place.file);
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    Fed::Piece(Piece { place: place.clone(), name, content })
}

/// All of a reader, within the bound of one law or one page.
fn whole(mut reader: Box<dyn BufRead + Send>, place: &Place) -> Result<Vec<u8>, Reject> {
    let mut bytes = Vec::new();
    let most = LARGEST as u64 + 1;
    reader.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| reason::unreadable(place.clone(), &error))?;
    if bytes.len() > LARGEST { Err(reason::too_large(place.clone())) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests;
