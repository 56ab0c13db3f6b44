//! ZIP: the container of archives and of office files.
//!
//! Nothing an archive declares about its sizes is believed: members are unpacked through a limit. What the same archive
//! could mean to two programs (two members of one name) is refused.

use std::io::{Cursor, Read};

use encoding_rs::SHIFT_JIS;
use memchr::memmem;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::reading::{At, Reading};
use super::{Kind, PartKind, Reason, Unreadable, ooxml};

/// A ZIP archive that is open for reading.
pub(super) struct Archive<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    members: Vec<Member>,
}

/// One member as the directory lists it.
pub(super) struct Member {
    pub(super) name: String,
    folder: bool,
    encrypted: bool,
    comment: Vec<u8>,
}

impl<'b> Archive<'b> {
    /// Opens an archive and counts its members.
    pub(super) fn open(reading: &mut Reading, at: &At, bytes: &'b [u8]) -> Result<Self, Unreadable> {
        // Before the library makes a list of them. Those of stored archives inside count too, as they do later.
        let listed = memmem::find_iter(bytes, b"PK\x01\x02").count();
        reading.check_members(at, listed)?;
        let broken = |e: ZipError| at.broken("ZIP", e.to_string());
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        reading.members(at, zip.len())?;
        if zip.has_duplicate_names() {
            return Err(at.broken("ZIP", "two members have the same name"));
        }
        let mut members = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            let member = zip.by_index_raw(index).map_err(broken)?;
            members.push(Member {
                name: decode_name(member.name_raw()),
                folder: member.is_dir(),
                encrypted: member.encrypted(),
                comment: member.comment_raw().to_vec(),
            });
        }
        Ok(Self { zip, members })
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Unpacks a member; `at` is the member.
    pub(super) fn unpack(&mut self, reading: &mut Reading, at: &At, index: usize) -> Result<Vec<u8>, Unreadable> {
        if self.members.get(index).is_some_and(|member| member.encrypted) {
            return Err(at.fail(Reason::Encrypted));
        }
        let member = self.zip.by_index(index).map_err(|e| match e {
            ZipError::InvalidPassword => at.fail(Reason::Encrypted),
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => at.fail(Reason::Encrypted),
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                at.fail(Reason::Unsupported { format: "ZIP with a rare compression method".into() })
            }
            other => at.broken("ZIP", other.to_string()),
        })?;
        if !matches!(member.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(at.fail(Reason::Unsupported { format: format!("ZIP ({})", member.compression()) }));
        }
        let mut bytes = Vec::new();
        // One byte more than is left, so that the excess is noticed.
        let result = member.take(reading.unpack_left() as u64 + 1).read_to_end(&mut bytes);
        reading.unpacked(at, bytes.len())?;
        result.map_err(|e| at.broken("ZIP", e.to_string()))?;
        Ok(bytes)
    }
}

/// Reads an archive, or the office file that it is.
pub(super) fn read(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<Kind, Unreadable> {
    let mut archive = Archive::open(reading, at, bytes)?;
    let find = |name: &str| archive.members.iter().position(|member| member.name.eq_ignore_ascii_case(name));
    if find("[Content_Types].xml").is_some() {
        return ooxml::read(reading, at, archive);
    }
    if let Some(index) = find("mimetype") {
        let format = archive.unpack(reading, &at.member("mimetype"), index)?;
        let format = String::from_utf8_lossy(&format);
        if let Some(kind) = format.trim().strip_prefix("application/vnd.oasis.opendocument.") {
            return Err(at.fail(Reason::Unsupported { format: format!("OpenDocument ({kind})") }));
        }
    }
    let names: Vec<&str> = archive.members.iter().map(|member| member.name.as_str()).collect();
    reading.push(at, PartKind::Name, "", names.join("\n"))?;
    reading.push(at, PartKind::Property, "コメント", decode_name(archive.zip.comment()))?;
    for index in 0..archive.members.len() {
        let Some(member) = archive.members.get(index) else { continue };
        let inside = at.member(&member.name);
        let (folder, comment) = (member.folder, decode_name(&member.comment));
        reading.push(&inside, PartKind::Property, "コメント", comment)?;
        if !folder {
            let bytes = archive.unpack(reading, &inside, index)?;
            reading.member(&inside, &bytes)?;
        }
    }
    Ok(Kind::Zip)
}

/// Names are UTF-8 or, from Windows in Japan, CP932; the flag that says which is wrong too often to be asked.
fn decode_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => SHIFT_JIS.decode_without_bom_handling(raw).0.into_owned(),
    }
}
