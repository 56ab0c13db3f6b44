//! Reading a law from a file or an answer of the e-Gov law API.

use jiff::civil::Date;

use super::error::ReadError;
use super::law_id::LawId;
use super::revision::RevisionName;
use super::text::LawText;
use super::{json, structure, xml};

/// Reads the standard law XML, version 3: a bare `Law`, an answer of the API's version 1 with `LawFullText` or, in
/// part, `LawContents`, or an XML answer of its version 2.
///
/// # Errors
/// [`ReadError`] says where in the file what is wrong, and what can be done.
pub fn read_xml(bytes: &[u8]) -> Result<LawText, ReadError> {
    let root = xml::parse(bytes)?;
    structure::read(&root, bytes)
}

/// Reads the JSON of the API's version 2: an answer with `law_info`, `revision_info` and `law_full_text`, or the tree
/// alone.
///
/// # Errors
/// As [`read_xml`].
pub fn read_json(bytes: &[u8]) -> Result<LawText, ReadError> {
    let answer = json::parse(bytes)?;
    let Some(root) = answer.root else {
        return Err(match answer.code {
            Some(code) => ReadError::Refused { code, message: answer.message.unwrap_or_default() },
            None => ReadError::NoLaw { wanted: "law_full_text" },
        });
    };
    let mut law = structure::read(&root, &[])?;
    let id = |text: &Option<String>| text.as_deref().and_then(LawId::new);
    let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
    law.law_id = law.law_id.take().or_else(|| id(&answer.law.law_id));
    law.promulgated = law.promulgated.or_else(|| day(&answer.law.promulgation_date));
    law.enforced = day(&answer.revision.amendment_enforcement_date);
    law.amending = id(&answer.revision.amendment_law_id);
    if law.abbreviations.is_empty() {
        let names = answer.revision.abbrev.as_deref().unwrap_or_default().split([',', '，', '、']);
        law.abbreviations = names.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    }
    Ok(match answer.revision.law_revision_id.as_deref().and_then(RevisionName::parse) {
        Some(name) => law.named(&name),
        None => law,
    })
}

/// Reads either: what begins with `<` is XML, what begins with `{` JSON.
///
/// # Errors
/// As [`read_xml`]; [`ReadError::NoLaw`] for what is neither.
pub fn read(bytes: &[u8]) -> Result<LawText, ReadError> {
    let begin = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match begin.first() {
        Some(b'<') => read_xml(bytes),
        Some(b'{') => read_json(bytes),
        _ => Err(ReadError::NoLaw { wanted: "Law" }),
    }
}
