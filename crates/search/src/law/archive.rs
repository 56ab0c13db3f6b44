//! Laws in bulk: a ZIP archive of XML files, member by member.

use std::io::{Read, Seek};

use zip::{CompressionMethod, ZipArchive};

use super::error::LARGEST;

/// How many members an archive may have: all laws in force are some 9,000, with all their revisions ten times as many.
pub const MOST_MEMBERS: usize = 200_000;
/// How much all members may unpack to, in bytes. All laws in force are some 3 GiB.
pub const LARGEST_ARCHIVE: u64 = 64 * 1024 * 1024 * 1024;
/// How many times larger than packed a member may be. Law XML packs to a tenth or twentieth.
pub const MOST_TIMES: u64 = 200;

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name with its folders.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why an archive, or one member, could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Not a ZIP archive, or cut off.
    #[error("not a whole ZIP archive: {what}; fetch it again")]
    Broken {
        /// As the library says it.
        what: String,
    },
    /// More than [`MOST_MEMBERS`].
    #[error("{members} members, more than the {MOST_MEMBERS} of any archive of laws")]
    TooMany {
        /// How many.
        members: usize,
    },
    /// A member that cannot be unpacked. The others can still be read.
    #[error("`{name}`: {what}; fetch the archive again")]
    BrokenMember {
        /// Its name.
        name: String,
        /// As the library says it.
        what: String,
    },
    /// A member too large, or so much larger than packed that it is a bomb. The others can still be read.
    #[error("`{name}`: larger than any law, or packed as no law is; it was not unpacked")]
    Bomb {
        /// Its name.
        name: String,
    },
    /// More than [`LARGEST_ARCHIVE`] unpacked so far; reading ends here.
    #[error("`{name}`: all members together are larger than {LARGEST_ARCHIVE} bytes; nothing after it was read")]
    TooLarge {
        /// The member at which the bound was passed.
        name: String,
    },
}

/// The members of an archive, in the order of its directory; see [`members`].
#[derive(Debug)]
pub struct Members<R> {
    archive: ZipArchive<R>,
    ends: &'static [&'static str],
    next: usize,
    left: u64,
}

/// Opens an archive of laws, for its `.xml` members. Members are unpacked one by one as they are asked for, through a bound: nothing that the
/// archive says of its sizes is believed.
///
/// # Errors
/// For what is no ZIP archive, and for one of too many members.
pub fn members<R: Read + Seek>(reader: R) -> Result<Members<R>, ArchiveError> {
    members_named(reader, &["xml"])
}

/// As [`members`], for members whose names end in any of these, without the dot and in small letters.
///
/// # Errors
/// As there.
pub fn members_named<R: Read + Seek>(reader: R, ends: &'static [&'static str]) -> Result<Members<R>, ArchiveError> {
    let archive = ZipArchive::new(reader).map_err(|error| ArchiveError::Broken { what: error.to_string() })?;
    if archive.len() > MOST_MEMBERS {
        return Err(ArchiveError::TooMany { members: archive.len() });
    }
    Ok(Members { archive, ends, next: 0, left: LARGEST_ARCHIVE })
}

impl<R: Read + Seek> Iterator for Members<R> {
    type Item = Result<Member, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.archive.len() {
            let index = self.next;
            self.next += 1;
            if let Some(found) = self.member(index) {
                return Some(found);
            }
        }
        None
    }
}

impl<R: Read + Seek> Members<R> {
    /// `None` for a folder or a file of another kind.
    fn member(&mut self, index: usize) -> Option<Result<Member, ArchiveError>> {
        let nameless = |what: String| ArchiveError::BrokenMember { name: format!("#{index}"), what };
        let (name, packed) = match self.archive.by_index_raw(index) {
            Ok(member) => (String::from_utf8_lossy(member.name_raw()).into_owned(), member.compressed_size()),
            Err(error) => return Some(Err(nameless(error.to_string()))),
        };
        let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        let wanted = end.is_some_and(|end| self.ends.contains(&end.as_str()));
        wanted.then(|| self.unpack(index, name, packed))
    }

    fn unpack(&mut self, index: usize, name: String, packed: u64) -> Result<Member, ArchiveError> {
        let broken = |name: &str, what: String| ArchiveError::BrokenMember { name: name.to_owned(), what };
        let member = self.archive.by_index(index).map_err(|error| broken(&name, error.to_string()))?;
        if !matches!(member.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(broken(&name, format!("packed by {}", member.compression())));
        }
        let most = (LARGEST as u64).min(packed.saturating_mul(MOST_TIMES));
        let mut bytes = Vec::new();
        // One byte more than allowed, so that the excess is noticed.
        let result = member.take(most.saturating_add(1)).read_to_end(&mut bytes);
        let unpacked = bytes.len() as u64;
        let Some(left) = self.left.checked_sub(unpacked) else {
            self.next = usize::MAX;
            return Err(ArchiveError::TooLarge { name });
        };
        self.left = left;
        if unpacked > most {
            return Err(ArchiveError::Bomb { name });
        }
        result.map_err(|error| broken(&name, error.to_string()))?;
        Ok(Member { name, bytes })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(files: &[(&str, &[u8])]) -> Cursor<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        let mut out = writer.finish().unwrap();
        out.set_position(0);
        out
    }

    #[test]
    fn the_xml_members_come_one_by_one() {
        let name = "399AC0000000001/399AC0000000001_20240401_505AC0000000099.xml";
        let archive = zip(&[("readme.csv", b"a,b"), (name, b"<Law/>"), ("pict/1.jpg", b"x")]);
        let all: Vec<_> = members(archive).unwrap().collect();
        assert_eq!(all, [Ok(Member { name: name.to_owned(), bytes: b"<Law/>".to_vec() })]);
    }

    #[test]
    fn a_bomb_is_not_unpacked_and_does_not_stop_the_rest() {
        let zeros = vec![b' '; 4 * 1024 * 1024];
        let archive = zip(&[("bomb.xml", &zeros), ("law.xml", b"<Law/>")]);
        let all: Vec<_> = members(archive).unwrap().collect();
        assert_eq!(all[0], Err(ArchiveError::Bomb { name: "bomb.xml".to_owned() }));
        assert!(all[1].is_ok());
    }

    #[test]
    fn what_is_no_archive_is_said_to_be_none() {
        assert!(matches!(members(Cursor::new(b"<Law/>".to_vec())), Err(ArchiveError::Broken { .. })));
        let mut cut = zip(&[("law.xml", b"<Law/>")]).into_inner();
        cut.truncate(40);
        assert!(members(Cursor::new(cut)).is_err());
    }
}
