//! Word, Excel and PowerPoint since 2007: XML parts in a ZIP archive (OPC, ECMA-376).
//!
//! The parts a reader sees are read in their order; then every part that is left over is looked at too, so that what
//! this code does not know (charts, data behind content controls, caches of pivot tables) is found all the same.

mod cells;
mod docx;
mod flow;
mod package;
mod pptx;
mod xlsx;
mod xml;

use super::archive::Archive;
use super::reading::{At, Reading};
use super::{Kind, PartKind, Reason, Unreadable};
use flow::{Flow, HidingStyles};
use package::Package;

/// Reads an office file from its archive.
pub(super) fn read(reading: &mut Reading, at: &At, archive: Archive<'_>) -> Result<Kind, Unreadable> {
    let mut package = Package::open(reading, at, archive)?;
    let unsupported = |format: &str| Err(at.fail(Reason::Unsupported { format: format.to_owned() }));
    let Some(main) = package.main_part()? else {
        return unsupported("OPC package without a document (XPS, add-in)");
    };
    let content_type = package.content_type(&main).to_ascii_lowercase();
    let kind = match content_type.as_str() {
        kind if kind.contains("binary") => return unsupported("XLSB"),
        kind if kind.contains("wordprocessingml") || kind.contains("ms-word") => {
            docx::read(&mut package, &main)?;
            Kind::Docx
        }
        kind if kind.contains("spreadsheetml") || kind.contains("ms-excel") => {
            xlsx::read(&mut package, &main)?;
            Kind::Xlsx
        }
        kind if kind.contains("presentationml") || kind.contains("ms-powerpoint") => {
            pptx::read(&mut package, &main)?;
            Kind::Pptx
        }
        kind if kind.contains("visio") => return unsupported("VSDX (Visio)"),
        _ => return unsupported("office file of an unknown kind"),
    };
    properties(&mut package)?;
    package.rest()?;
    Ok(kind)
}

/// Title, author, company and what else the properties say.
fn properties(package: &mut Package<'_, '_>) -> Result<(), Unreadable> {
    for name in package.names_under("docprops/") {
        if !name.ends_with(".xml") {
            continue;
        }
        if let Some(xml) = package.part(&name)? {
            let lines = package.leaves(&name, &xml)?;
            package.push(PartKind::Property, "プロパティ", lines)?;
        }
    }
    Ok(())
}

impl Package<'_, '_> {
    /// Adds the text of a part: what is seen as `kind`, and the rest as what it is.
    fn push_flow(&mut self, kind: PartKind, place: &str, flow: Flow) -> Result<(), Unreadable> {
        self.push(kind, place, flow.body)?;
        self.push(PartKind::Change, place, flow.deleted)?;
        self.push(PartKind::Hidden, place, flow.hidden)?;
        self.people.extend(flow.people);
        Ok(())
    }

    /// Reads a part of running text, if it is there.
    fn read_flow(
        &mut self,
        kind: PartKind,
        place: &str,
        part: &str,
        hiding: &HidingStyles,
    ) -> Result<bool, Unreadable> {
        let Some(xml) = self.part(part)? else { return Ok(false) };
        let flow = flow::flow(self.at(), part, &xml, hiding)?;
        self.push_flow(kind, place, flow)?;
        Ok(true)
    }
}
