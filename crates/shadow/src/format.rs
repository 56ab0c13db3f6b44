//! Formats of logs, and which of them a line is in.
//!
//! Every line is taken apart, whether or not it speaks of a service: that is what makes a malformed line countable, and
//! it costs less than looking for domains in all of its bytes would. The format of the line before is tried first. If it
//! does not fit, the others are tried in a fixed order, so files of mixed formats are read as well.

mod cells;
mod elff;
mod mapping;
mod nameserver;
mod ncsa;
mod squid;

use std::borrow::Cow;

use crate::line::{Defect, Seen};

pub use mapping::{Mapping, MappingError};

/// A format of the program's own, or one that a mapping describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    SquidNative,
    SquidCommon,
    SquidCombined,
    Elff,
    Dnsmasq,
    Bind,
    Unbound,
    /// A place in [`Formats::mappings`].
    Mapped(usize),
}

const OWN: [Format; 7] = [
    Format::SquidNative,
    Format::SquidCombined,
    Format::SquidCommon,
    Format::Dnsmasq,
    Format::Bind,
    Format::Unbound,
    Format::Elff,
];

/// The formats of a scan in the order in which they are tried.
#[derive(Debug, Clone)]
pub(crate) struct Formats {
    mappings: Vec<Mapping>,
    order: Vec<Format>,
    forced: Option<Format>,
}

/// What the lines so far said about those to come: `#Fields` of ELFF, the header of a CSV file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Header {
    elff: Option<elff::Columns>,
    mapped: Option<(usize, mapping::Columns)>,
    /// The line itself, so that a later run can go on with it.
    pub(crate) line: Option<Vec<u8>>,
    pub(crate) current: Option<Format>,
}

/// What a line turned out to be.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it lives on the stack for the length of one line")]
pub(crate) enum Taken<'l> {
    Line(Format, Seen<'l>),
    /// `#Software: …`, `#Fields: …`, a header of CSV.
    Directive,
    Rejected(Defect),
    /// No line was in a known format yet, and neither is this one.
    Unknown,
}

impl Formats {
    /// The body's own mappings first, then the program's formats, then the mappings that are shipped. With a name, that
    /// format is tried before all others.
    pub(crate) fn new(own: Vec<Mapping>, forced: Option<&str>) -> Result<Self, MappingError> {
        let mut mappings = own;
        let first_shipped = mappings.len();
        mappings.extend(Mapping::shipped()?);
        let mut formats = Self { mappings, order: Vec::new(), forced: None };
        let count = formats.mappings.len();
        formats.order = (0..first_shipped)
            .map(Format::Mapped)
            .chain(OWN)
            .chain((first_shipped..count).map(Format::Mapped))
            .collect();
        if let Some(name) = forced {
            let found = formats.order.iter().copied().find(|format| formats.name(*format) == name);
            formats.forced = Some(found.ok_or_else(|| MappingError::UnknownFormat {
                name: name.to_owned(),
                known: formats.names().join(", "),
            })?);
        }
        Ok(formats)
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.order.iter().map(|format| self.name(*format)).collect()
    }

    pub(crate) fn name(&self, format: Format) -> &str {
        match format {
            Format::SquidNative => "squid_native",
            Format::SquidCommon => "squid_common",
            Format::SquidCombined => "squid_combined",
            Format::Elff => "w3c_elff",
            Format::Dnsmasq => "dnsmasq",
            Format::Bind => "bind_querylog",
            Format::Unbound => "unbound",
            Format::Mapped(at) => self.mappings.get(at).map_or("mapping", Mapping::name),
        }
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<Format> {
        self.order.iter().copied().find(|format| self.name(*format) == name)
    }

    /// The state at the beginning of a file.
    pub(crate) fn beginning(&self) -> Header {
        Header { current: self.forced, ..Header::default() }
    }

    /// The host of a line in the format of the line before, where that can be had without the rest. It is the same
    /// that [`take`](Self::take) finds, which also tells what is wrong with a line of which nothing comes back here.
    #[inline]
    pub(crate) fn host_alone<'l>(&self, line: &'l [u8], header: &Header) -> Option<(Format, Option<&'l [u8]>)> {
        match header.current {
            Some(Format::SquidNative) => squid::host_alone(line).ok().map(|host| (Format::SquidNative, host)),
            _ => None,
        }
    }

    /// Takes a line apart.
    pub(crate) fn take<'l>(&self, line: &'l [u8], header: &mut Header) -> Taken<'l> {
        if line.first() == Some(&b'#') {
            if let Some(columns) = elff::columns(line) {
                header.elff = Some(columns);
                header.line = Some(line.to_vec());
                header.current = Some(Format::Elff);
            }
            return Taken::Directive;
        }
        let current = match header.current {
            Some(format) => match self.locate(format, line, header) {
                Ok(seen) => return Taken::Line(format, seen),
                Err(defect) => Some((format, defect)),
            },
            None => None,
        };
        self.take_otherwise(line, header, current)
    }

    /// Not in the format of the line before: a header, a line of another format, or none.
    #[cold]
    fn take_otherwise<'l>(&self, line: &'l [u8], header: &mut Header, current: Option<(Format, Defect)>) -> Taken<'l> {
        for (at, mapping) in self.mappings.iter().enumerate() {
            if let Some(columns) = mapping.header(line) {
                header.mapped = Some((at, columns));
                header.line = Some(line.to_vec());
                header.current = Some(Format::Mapped(at));
                return Taken::Directive;
            }
        }
        for format in self.order.iter().copied().filter(|format| Some(*format) != current.map(|(tried, _)| tried)) {
            if let Ok(seen) = self.locate(format, line, header) {
                header.current = Some(format);
                return Taken::Line(format, seen);
            }
        }
        match current {
            Some((_, defect)) => Taken::Rejected(defect),
            None => Taken::Unknown,
        }
    }

    #[inline]
    fn locate<'l>(&self, format: Format, line: &'l [u8], header: &Header) -> Result<Seen<'l>, Defect> {
        match format {
            Format::SquidNative => squid::native(line),
            Format::SquidCommon => ncsa::line(line, false),
            Format::SquidCombined => ncsa::line(line, true),
            Format::Elff => elff::line(line, header.elff.as_ref().ok_or(Defect::Shape)?),
            Format::Dnsmasq => nameserver::dnsmasq(line),
            Format::Bind => nameserver::bind(line),
            Format::Unbound => nameserver::unbound(line),
            Format::Mapped(at) => {
                let mapping = self.mappings.get(at).ok_or(Defect::Shape)?;
                let columns = header.mapped.as_ref().filter(|(of, _)| *of == at).map(|(_, columns)| columns);
                mapping.line(line, columns)
            }
        }
    }
}

const NOTHING: Cow<'static, [u8]> = Cow::Borrowed(b"-");

#[cfg(test)]
mod tests;
