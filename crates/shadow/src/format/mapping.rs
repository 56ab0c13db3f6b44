//! Formats described by a file: what divides the cells and which cell means what. For products whose logs are set up by
//! each body, and for exports as CSV, TSV or JSON lines.

use std::borrow::Cow;

use memchr::{memchr, memrchr};
use serde::Deserialize;

use super::NOTHING;
use super::cells::{Cells, Divider, MOST};
use crate::host;
use crate::line::{Action, Defect, Kind, Located, Seen, Verdict};
use crate::text;
use crate::time;

const SHIPPED: [(&str, &str); 2] = [
    ("zscaler-nss-web.toml", include_str!("mappings/zscaler-nss-web.toml")),
    ("i-filter-v10.toml", include_str!("mappings/i-filter-v10.toml")),
];

/// Why a mapping was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// Not TOML of the expected shape.
    #[error("{file}:{line}: {what}")]
    Unreadable {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        what: String,
    },
    /// It can be read and makes no sense.
    #[error("{file}: {what}")]
    Senseless {
        /// The file.
        file: String,
        /// What is wrong and what to do.
        what: &'static str,
        /// The same in Japanese.
        ja: &'static str,
    },
    /// A format was asked for that does not exist.
    #[error("no format is called `{name}`; there are: {known}")]
    UnknownFormat {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
}

impl MappingError {
    /// The same in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Unreadable { file, line, what } => {
                format!("{file} の {line} 行目を読めません（{what}）。項目の名前と書き方を確かめてください。")
            }
            Self::Senseless { file, ja, .. } => format!("{file}: {ja}"),
            Self::UnknownFormat { name, known } => {
                format!("「{name}」という形式はありません。使えるのは次のものです: {known}")
            }
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Layout {
    Delimited,
    Json,
}

/// One cell or several, by number from 1 or by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Column {
    Number(usize),
    Name(String),
    Numbers(Vec<usize>),
    Names(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    time: Column,
    client: Option<Column>,
    user: Option<Column>,
    target: Option<Column>,
    request: Option<Column>,
    method: Option<Column>,
    status: Option<Column>,
    action: Option<Column>,
    bytes_up: Option<Column>,
    bytes_down: Option<Column>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actions {
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    allowed: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[expect(dead_code, reason = "for those who read the file")]
    title: Option<String>,
    #[expect(dead_code, reason = "for those who read the file")]
    source: Option<String>,
    #[serde(default)]
    confirmed: bool,
    kind: Layout,
    #[serde(default)]
    delimiter: Option<String>,
    #[serde(default)]
    header: bool,
    columns: Option<usize>,
    zone: Option<String>,
    fields: Fields,
    #[serde(default)]
    actions: Actions,
}

/// Where the columns are, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    time: Vec<usize>,
    client: Option<usize>,
    user: Option<usize>,
    target: Option<usize>,
    request: Option<usize>,
    method: Option<usize>,
    status: Option<usize>,
    action: Option<usize>,
    up: Option<usize>,
    down: Option<usize>,
    /// How many cells a line must have at least.
    least: usize,
}

/// A format described by a file.
///
/// ```toml
/// name = "our-gateway"
/// kind = "delimited"          # or "json"
/// delimiter = ","             # one byte, "tab", or "blanks" (runs of spaces and tabs count as one)
/// header = true               # the file names its columns, so `fields` has names instead of numbers
/// zone = "UTC"                # of times that name none; left out: the zone of the scan
/// [fields]
/// time = ["date", "time"]     # several cells are read as one, with a space between
/// client = "src"
/// user = "user"
/// target = "url"              # a URL, a host, or host:port
/// method = "method"           # or `request`, a cell with `GET https://… HTTP/1.1`
/// status = "status"
/// action = "action"
/// bytes_up = "sent"
/// bytes_down = "received"
/// [actions]
/// denied = ["Blocked"]
/// allowed = ["Allowed"]
/// ```
#[derive(Debug, Clone)]
pub struct Mapping {
    written: Written,
    divider: Divider,
    /// Known at once where columns have numbers.
    fixed: Option<Columns>,
    utc: bool,
}

impl Mapping {
    /// A mapping from text; `file` is what errors speak of.
    ///
    /// # Errors
    /// Not TOML, an unknown field, columns that cannot be.
    pub fn parse(text: &str, file: &str) -> Result<Self, MappingError> {
        let written: Written = toml::from_str(text).map_err(|error| MappingError::Unreadable {
            file: file.to_owned(),
            line: error.span().map_or(1, |span| text.bytes().take(span.start).filter(|&b| b == b'\n').count() + 1),
            what: error.message().to_owned(),
        })?;
        let senseless =
            |what: &'static str, ja: &'static str| MappingError::Senseless { file: file.to_owned(), what, ja };
        let divider = match written.delimiter.as_deref() {
            None if written.kind == Layout::Json => Divider::Blanks,
            None => Divider::Each(b','),
            Some("tab") => Divider::Each(b'\t'),
            Some("blanks") => Divider::Blanks,
            Some(other) => match other.as_bytes() {
                [byte] if *byte != b'"' => Divider::Each(*byte),
                _ => {
                    return Err(senseless(
                        "`delimiter` is one byte, `tab` or `blanks`",
                        "delimiter は 1 バイトの文字、tab、blanks のどれかです。",
                    ));
                }
            },
        };
        if written.fields.target.is_none() && written.fields.request.is_none() {
            return Err(senseless(
                "name the cell of the address in `target` or `request`",
                "target か request に、アクセス先の列を書いてください。",
            ));
        }
        let utc = match written.zone.as_deref() {
            None => false,
            Some("UTC" | "GMT") => true,
            Some(_) => {
                return Err(senseless(
                    "`zone` is `UTC` or left out (then the zone of the scan holds)",
                    "zone に書けるのは UTC だけです。書かなければ調査全体の時間帯で読みます。",
                ));
            }
        };
        let by_name = written.header || written.kind == Layout::Json;
        let fixed = if by_name {
            None
        } else {
            Some(written.fields.columns(numbers).ok_or_else(|| {
                senseless(
                    "without a header, columns are numbers from 1 to 96",
                    "見出しのない形式では、列を 1〜96 の番号で書いてください。",
                )
            })?)
        };
        if by_name && written.fields.all().any(|column| !matches!(column, Column::Name(_) | Column::Names(_))) {
            return Err(senseless(
                "with a header or as JSON, columns are names",
                "見出しのある形式と JSON では、列を名前で書いてください。",
            ));
        }
        Ok(Self { written, divider, fixed, utc })
    }

    /// The mappings that are shipped.
    pub(super) fn shipped() -> Result<Vec<Self>, MappingError> {
        SHIPPED.iter().map(|(file, text)| Self::parse(text, file)).collect()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.written.name
    }

    /// Whether somebody compared it with the product's own description. `false` is 要確認.
    pub fn confirmed(&self) -> bool {
        self.written.confirmed
    }

    /// Where the columns are, if this line is the header of a file in this format.
    pub(super) fn header(&self, line: &[u8]) -> Option<Columns> {
        if !self.written.header || self.written.kind == Layout::Json {
            return None;
        }
        let mut cells = Cells::new();
        if !cells.divide(line, self.divider) {
            return None;
        }
        let mut columns = self.written.fields.columns(|column| {
            // Exports of Windows have their headers in CP932.
            let place = |name: &String| cells.iter().position(|cell| text::decoded(cell).text.trim() == name);
            match column {
                Column::Name(name) => Some(vec![place(name)?]),
                Column::Names(names) => names.iter().map(place).collect(),
                Column::Number(_) | Column::Numbers(_) => None,
            }
        })?;
        columns.least = cells.len();
        Some(columns)
    }

    pub(super) fn line<'l>(&self, line: &'l [u8], header: Option<&Columns>) -> Result<Seen<'l>, Defect> {
        if self.written.kind == Layout::Json {
            return self.json(line);
        }
        let columns = self.fixed.as_ref().or(header).ok_or(Defect::Shape)?;
        let mut cells = Cells::new();
        if !cells.divide(line, self.divider) || cells.len() < columns.least.max(self.written.columns.unwrap_or(0)) {
            return Err(Defect::Shape);
        }
        let cell = |at: Option<usize>| Cow::Borrowed(at.and_then(|at| cells.get(at)).unwrap_or(b"-"));
        let time = match columns.time.as_slice() {
            [one] => cell(Some(*one)),
            several => {
                let parts: Vec<&[u8]> = several.iter().filter_map(|at| cells.get(*at)).collect();
                Cow::Owned(parts.join(&b' '))
            }
        };
        let raw = Raw {
            time,
            client: cell(columns.client),
            user: cell(columns.user),
            target: cell(columns.target),
            request: columns.request.map(|at| cell(Some(at))),
            method: cell(columns.method),
            status: cell(columns.status),
            action: cell(columns.action),
            up: cell(columns.up),
            down: cell(columns.down),
        };
        self.located(raw)
    }

    fn json<'l>(&self, line: &'l [u8]) -> Result<Seen<'l>, Defect> {
        if line.trim_ascii_start().first() != Some(&b'{') {
            return Err(Defect::Shape);
        }
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(line).map_err(|_| Defect::Shape)?;
        let one = |name: &String| -> Option<Vec<u8>> {
            let mut parts = name.split('.');
            let mut value = object.get(name).or_else(|| object.get(parts.next()?))?;
            if !object.contains_key(name) {
                for part in parts {
                    value = value.get(part)?;
                }
            }
            match value {
                serde_json::Value::String(text) => Some(text.clone().into_bytes()),
                serde_json::Value::Number(number) => Some(number.to_string().into_bytes()),
                _ => None,
            }
        };
        let value = |column: Option<&Column>| -> Option<Cow<'l, [u8]>> {
            match column? {
                Column::Name(name) => one(name).map(Cow::Owned),
                Column::Names(names) => {
                    Some(Cow::Owned(names.iter().map(one).collect::<Option<Vec<_>>>()?.join(&b' ')))
                }
                Column::Number(_) | Column::Numbers(_) => None,
            }
        };
        let fields = &self.written.fields;
        let or_nothing = |column: &Option<Column>| value(column.as_ref()).unwrap_or(NOTHING);
        self.located(Raw {
            time: value(Some(&fields.time)).ok_or(Defect::Time)?,
            client: or_nothing(&fields.client),
            user: or_nothing(&fields.user),
            target: or_nothing(&fields.target),
            request: value(fields.request.as_ref()),
            method: or_nothing(&fields.method),
            status: or_nothing(&fields.status),
            action: or_nothing(&fields.action),
            up: or_nothing(&fields.bytes_up),
            down: or_nothing(&fields.bytes_down),
        })
    }

    fn located<'l>(&self, raw: Raw<'l>) -> Result<Seen<'l>, Defect> {
        if !time::looks_like_one(&raw.time) {
            return Err(Defect::Time);
        }
        let (method, target) = match raw.request {
            Some(Cow::Borrowed(request)) => {
                let (method, target) = request_line(request).ok_or(Defect::Target)?;
                (Cow::Borrowed(method), Cow::Borrowed(target))
            }
            Some(Cow::Owned(request)) => {
                let (method, target) = request_line(&request).ok_or(Defect::Target)?;
                (Cow::Owned(method.to_vec()), Cow::Owned(target.to_vec()))
            }
            None => (raw.method, raw.target),
        };
        let host = match target {
            Cow::Borrowed(target) => host::of_target(target).map(Cow::Borrowed),
            Cow::Owned(target) => host::of_target(&target).map(|host| Cow::Owned(host.to_vec())),
        };
        let actions = &self.written.actions;
        let written = text::decoded(&raw.action).text;
        let is = |words: &[String]| words.iter().any(|word| written.eq_ignore_ascii_case(word));
        let action = if is(&actions.denied) {
            Action::Judged(Verdict::Denied)
        } else if is(&actions.allowed) {
            Action::Judged(Verdict::Allowed)
        } else {
            Action::None
        };
        Ok(Seen::Access(Located {
            kind: if method.eq_ignore_ascii_case(b"CONNECT") { Kind::Tunnel } else { Kind::Request },
            date: b"",
            time: raw.time,
            client: raw.client,
            user: raw.user,
            host,
            status: raw.status,
            action,
            up: raw.up,
            down: raw.down,
            utc: self.utc,
        }))
    }
}

struct Raw<'l> {
    time: Cow<'l, [u8]>,
    client: Cow<'l, [u8]>,
    user: Cow<'l, [u8]>,
    target: Cow<'l, [u8]>,
    request: Option<Cow<'l, [u8]>>,
    method: Cow<'l, [u8]>,
    status: Cow<'l, [u8]>,
    action: Cow<'l, [u8]>,
    up: Cow<'l, [u8]>,
    down: Cow<'l, [u8]>,
}

/// `GET https://… HTTP/1.1` as method and target.
fn request_line(request: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr(b' ', request)?;
    let (method, target) = request.split_at_checked(space)?;
    let target = target.get(1..)?;
    Some((method, memrchr(b' ', target).and_then(|at| target.get(..at)).unwrap_or(target)))
}

fn numbers(column: &Column) -> Option<Vec<usize>> {
    let place = |number: &usize| number.checked_sub(1).filter(|at| *at < MOST);
    match column {
        Column::Number(number) => Some(vec![place(number)?]),
        Column::Numbers(numbers) => numbers.iter().map(place).collect(),
        Column::Name(_) | Column::Names(_) => None,
    }
}

impl Fields {
    fn all(&self) -> impl Iterator<Item = &Column> {
        let optional = [
            &self.client,
            &self.user,
            &self.target,
            &self.request,
            &self.method,
            &self.status,
            &self.action,
            &self.bytes_up,
            &self.bytes_down,
        ];
        std::iter::once(&self.time).chain(optional.into_iter().flatten())
    }

    /// Every column where `place` finds it; `None` if it does not find one.
    fn columns(&self, place: impl Fn(&Column) -> Option<Vec<usize>>) -> Option<Columns> {
        let one = |column: &Option<Column>| -> Option<Option<usize>> {
            match column {
                Some(column) => Some(Some(place(column)?.first().copied()?)),
                None => Some(None),
            }
        };
        let mut columns = Columns {
            time: place(&self.time).filter(|time| !time.is_empty())?,
            client: one(&self.client)?,
            user: one(&self.user)?,
            target: one(&self.target)?,
            request: one(&self.request)?,
            method: one(&self.method)?,
            status: one(&self.status)?,
            action: one(&self.action)?,
            up: one(&self.bytes_up)?,
            down: one(&self.bytes_down)?,
            least: 0,
        };
        let last = [
            columns.client,
            columns.user,
            columns.target,
            columns.request,
            columns.method,
            columns.status,
            columns.action,
            columns.up,
            columns.down,
        ];
        let last = last.into_iter().flatten().chain(columns.time.iter().copied()).max()?;
        columns.least = last + 1;
        Some(columns)
    }
}
