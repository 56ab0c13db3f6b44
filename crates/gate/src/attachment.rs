//! Attachments: files in a request become the text that was inspected, so that the model sees what the gate saw.
//!
//! An OpenAI client sends a file as base64 inside the JSON (`file`, `input_file`) or names one uploaded before. The gate
//! reads its text, hands on what a reader of the file would see, and only looks at the rest (hidden sheets, properties,
//! deleted text). What nobody can look into (pictures, sound, addresses on other servers) is noted as unseen.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use sekisho_detect::document::{self, Document, Limits, PartKind, Reason};
use sekisho_detect::{Confidence, Detector, Signal};
use sekisho_domain::grade::Grade;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::identify::hash_of;
use crate::inbound::Unreadable;

/// Longest file name that is kept.
const NAME_CHARS: usize = 200;
/// Most names of one list inside a file that are read as names; all of them are read as text.
const MOST_NAMES: usize = 5_000;

/// A file as the gate hands it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// What a reader of the file sees; what a model is given.
    pub text: String,
    /// What a reader does not see, one line each: looked at, never handed on.
    pub aside: String,
    /// What lies in it and cannot be looked into.
    pub unseen: Vec<String>,
    /// Invisible characters that were taken out.
    pub invisible: u32,
    /// Names inside it (members, sheets, subjects): marks stand in them as in the name of a file.
    #[serde(default)]
    pub names: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// [`document::Unreadable`], with the file's path inside nested ones.
pub fn open(
    detector: &Detector,
    name: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Attachment, document::Unreadable> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    let (name, mut invisible) = without_invisible(detector, &name);
    let Document { parts, unseen, .. } = document::read(&name, bytes, limits)?;
    let (mut text, mut aside, mut names) = (String::new(), String::new(), Vec::new());
    for part in parts {
        let (clean, removed) = without_invisible(detector, &part.text);
        invisible = invisible.saturating_add(removed);
        let to = if is_seen(part.kind) { &mut text } else { &mut aside };
        if !part.place.is_empty() && part.kind != PartKind::Body {
            to.push_str(&format!("（{}）\n", part.place));
        } else if !part.place.is_empty() {
            to.push_str(&format!("\n# {}\n", part.place));
        }
        to.push_str(&clean);
        if part.kind == PartKind::Name {
            names.extend(clean.lines().filter(|line| !line.is_empty()).take(MOST_NAMES).map(str::to_owned));
        }
        to.push('\n');
    }
    let unseen = unseen.into_iter().map(|one| format!("{}: {}", one.path, one.reason.japanese())).collect();
    Ok(Attachment { name, text, aside, unseen, invisible, names })
}

/// Would someone who opens the file see it?
fn is_seen(kind: PartKind) -> bool {
    match kind {
        PartKind::Body
        | PartKind::HeaderFooter
        | PartKind::Footnote
        | PartKind::Comment
        | PartKind::Notes
        | PartKind::Name => true,
        PartKind::Change | PartKind::Property | PartKind::Hidden => false,
    }
}

/// A text without what cannot be seen: instructions for a model can hide in it.
fn without_invisible(detector: &Detector, text: &str) -> (String, u32) {
    if text.is_ascii() {
        return (text.to_owned(), 0);
    }
    let mut clean = String::with_capacity(text.len());
    let (mut from, mut removed) = (0, 0_u32);
    let findings = detector.scan(text);
    let hidden = findings.iter().filter(|f| f.signal == Signal::Invisible && f.confidence >= Confidence::Medium);
    for finding in hidden {
        clean.push_str(text.get(from..finding.span.start).unwrap_or_default());
        from = finding.span.end.max(from);
        removed = removed.saturating_add(1);
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    (clean, removed)
}

/// A file uploaded before, as the store kept it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The file.
    pub file: Attachment,
    /// Its grade: whatever is made of it inherits this.
    pub grade: Grade,
}

/// Something nobody can look into, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unseen {
    pub(crate) path: String,
    pub(crate) what: String,
    /// Tells one picture from another.
    pub(crate) digest: String,
}

impl Unseen {
    fn new(path: &str, what: String, content: &str) -> Self {
        Self { path: path.to_owned(), what, digest: hash_of(content) }
    }
}

/// A request whose files have become text.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// The new body; `None` when nothing had to change.
    pub(crate) body: Option<Vec<u8>>,
    /// Looked at, never handed on.
    pub(crate) aside: String,
    /// Handed on in a wrapping that cannot be masked: text inside `data:` addresses.
    pub(crate) wrapped: String,
    pub(crate) unseen: Vec<Unseen>,
    pub(crate) invisible: u32,
    /// Uploaded files that were used.
    pub(crate) inherits: Vec<String>,
    pub(crate) inherited: Grade,
    /// Names of files: marks stand in them too.
    pub(crate) names: Vec<String>,
}

/// Identifiers of uploaded files that a request names, as far as they have the form of ours.
pub(crate) fn named(body: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        each_object(&value, &mut |object| {
            ids.extend(
                holder(object)
                    .and_then(|h| h.get("file_id"))
                    .and_then(Value::as_str)
                    .filter(|id| is_ours(id))
                    .map(str::to_owned),
            );
        });
    }
    ids.sort();
    ids.dedup();
    ids
}

/// Has an identifier the form of a file uploaded here?
pub fn is_ours(id: &str) -> bool {
    id.strip_prefix("file-").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn each_object(value: &Value, see: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_object(item, see)),
        Value::Object(object) => {
            see(object);
            object.values().for_each(|item| each_object(item, see));
        }
        _ => {}
    }
}

/// Of a content part that is a file, the object that says which.
fn holder(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    match object.get("type").and_then(Value::as_str) {
        Some("file") => object.get("file").and_then(Value::as_object),
        Some("input_file") => Some(object),
        _ => None,
    }
}

/// Turns the files of a request into text.
///
/// # Errors
/// A file cannot be read, or is not known.
pub(crate) fn expand(
    body: &[u8],
    known: &HashMap<String, Known>,
    detector: &Detector,
    limits: &Limits,
) -> Result<Expanded, Unreadable> {
    let mut value: Value = serde_json::from_slice(body).map_err(|e| Unreadable {
        code: "INVALID_JSON",
        param: None,
        ja: format!("JSON として読めません: {e}"),
        en: format!("this is not JSON: {e}"),
    })?;
    let mut work = Work { known, detector, limits, out: Expanded::default(), changed: false };
    work.value(&mut value, &mut String::new())?;
    if work.changed {
        work.out.body = serde_json::to_vec(&value).ok();
    }
    Ok(work.out)
}

struct Work<'a> {
    known: &'a HashMap<String, Known>,
    detector: &'a Detector,
    limits: &'a Limits,
    out: Expanded,
    changed: bool,
}

/// Members whose value points to something that is fetched or decoded elsewhere.
const POINTERS: [&str; 6] = ["image_url", "input_audio", "video_url", "file_url", "file_id", "input_image"];

impl Work<'_> {
    // The depth of the JSON is bounded by the strict reader.
    fn value(&mut self, value: &mut Value, path: &mut String) -> Result<(), Unreadable> {
        match value {
            Value::String(text) => self.address(text, path),
            Value::Array(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    let length = path.len();
                    path.push_str(&format!("[{at}]"));
                    self.value(item, path)?;
                    path.truncate(length);
                }
                Ok(())
            }
            Value::Object(object) => {
                if let Some(part) = self.file(object, path)? {
                    *value = part;
                    self.changed = true;
                    return Ok(());
                }
                for (name, item) in object.iter_mut() {
                    let length = path.len();
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.extend(name.chars().take(40));
                    if POINTERS.contains(&name.as_str()) {
                        self.pointer(item, path);
                    }
                    self.value(item, path)?;
                    path.truncate(length);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A content part that is a file, as the text that takes its place.
    fn file(&mut self, object: &Map<String, Value>, path: &str) -> Result<Option<Value>, Unreadable> {
        let Some(holder) = holder(object) else { return Ok(None) };
        let text_type = if object.get("type").and_then(Value::as_str) == Some("file") { "text" } else { "input_text" };
        let said = |name: &str| holder.get(name).and_then(Value::as_str);
        if let Some(data) = said("file_data") {
            let name = said("filename").unwrap_or("file");
            let bytes = decoded(data).ok_or_else(|| broken(name, path))?;
            let file = open(self.detector, name, &bytes, self.limits).map_err(|e| unreadable(&e, path))?;
            return Ok(Some(self.put(&file, text_type, path)));
        }
        if let Some(id) = said("file_id").filter(|id| is_ours(id)) {
            let Some(known) = self.known.get(id) else {
                return Err(Unreadable {
                    code: "FILE_NOT_FOUND",
                    param: Some(format!("{path}.file_id")),
                    ja: format!(
                        "ファイル `{id}` はありません。保存の期限が切れたか、別の人のものです。もう一度アップロードしてください。"
                    ),
                    en: format!("there is no file `{id}`: it has expired or is someone else's; upload it again"),
                });
            };
            self.out.inherits.push(id.to_owned());
            self.out.inherited = self.out.inherited.max(known.grade);
            return Ok(Some(self.put(&known.file, text_type, path)));
        }
        Ok(None)
    }

    fn put(&mut self, file: &Attachment, text_type: &str, path: &str) -> Value {
        self.out.aside.push_str(&file.aside);
        self.out.aside.push('\n');
        self.out.invisible = self.out.invisible.saturating_add(file.invisible);
        self.out.unseen.extend(file.unseen.iter().map(|what| Unseen::new(path, what.clone(), what)));
        self.out.names.push(file.name.clone());
        self.out.names.extend(file.names.iter().cloned());
        json!({ "type": text_type, "text": format!("添付ファイル: {}\n\n{}\n\n（添付ファイル {} の終わり）", file.name, file.text.trim(), file.name) })
    }

    /// Something that points elsewhere.
    fn pointer(&mut self, item: &Value, path: &str) {
        let address = match item {
            Value::String(text) => Some(text.as_str()),
            Value::Object(object) => ["url", "data", "file_id"].iter().find_map(|name| object.get(*name)?.as_str()),
            _ => None,
        };
        // `data:` addresses are looked into where they stand.
        if let Some(address) = address.filter(|address| !is_data(address)) {
            let what = if address.len() > 200 { "データ".to_owned() } else { address.to_owned() };
            self.out.unseen.push(Unseen::new(path, what, address));
        }
    }

    /// A string that is a `data:` address: text in it is looked at, anything else is unseen.
    fn address(&mut self, text: &str, path: &str) -> Result<(), Unreadable> {
        if !is_data(text) {
            return Ok(());
        }
        let bytes = if is_base64(text) { decoded(text) } else { None };
        let unseen = |reason: String| Unseen::new(path, reason, text);
        match bytes.map(|bytes| document::read("data", &bytes, self.limits)) {
            Some(Ok(Document { parts, unseen: inside, .. })) => {
                for part in parts {
                    self.out.wrapped.push_str(&part.text);
                    self.out.wrapped.push('\n');
                }
                self.out.unseen.extend(inside.into_iter().map(|one| unseen(one.reason.japanese())));
            }
            Some(Err(error)) => self.out.unseen.push(unseen(error.reason.japanese())),
            None => self.out.unseen.push(unseen("data: の中身を読めません".to_owned())),
        }
        Ok(())
    }
}

/// `data:` with a media type and a comma, not a sentence that begins with the word.
fn is_data(text: &str) -> bool {
    let Some(head) = text.get(..5) else { return false };
    let Some((meta, _)) = text.get(5..).and_then(|rest| rest.split_once(',')) else { return false };
    head.eq_ignore_ascii_case("data:")
        && meta.len() <= 200
        && meta.bytes().all(|b| b.is_ascii_alphanumeric() || b"/+.-;=_\"".contains(&b))
}

fn is_base64(text: &str) -> bool {
    text.split_once(',').is_some_and(|(meta, _)| meta.to_ascii_lowercase().ends_with(";base64"))
}

/// Decodes a `data:` address or plain base64, with or without padding and line breaks.
fn decoded(data: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let data = if is_data(data) { data.split_once(',')?.1 } else { data };
    let compact: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    LENIENT.decode(&compact).or_else(|_| general_purpose::URL_SAFE.decode(&compact)).ok()
}

fn broken(name: &str, path: &str) -> Unreadable {
    let name: String = name.chars().take(NAME_CHARS).collect();
    Unreadable {
        code: "ATTACHMENT_BROKEN",
        param: Some(path.to_owned()),
        ja: format!("添付ファイル `{name}` の `file_data` を base64 として読めません。"),
        en: format!("`file_data` of the attachment `{name}` is not base64"),
    }
}

/// An unreadable file as the caller is told.
pub fn unreadable(error: &document::Unreadable, path: &str) -> Unreadable {
    let code = match &error.reason {
        Reason::Encrypted => "ATTACHMENT_ENCRYPTED",
        Reason::Broken { .. } => "ATTACHMENT_BROKEN",
        Reason::Unsupported { .. } => "ATTACHMENT_UNSUPPORTED",
        Reason::Media { .. } => "ATTACHMENT_MEDIA",
        Reason::Encoding { .. } => "ATTACHMENT_ENCODING",
        Reason::TooLarge { .. } => "ATTACHMENT_TOO_LARGE",
    };
    Unreadable {
        code,
        param: Some(path.to_owned()),
        ja: format!("添付ファイル `{}` を読めません。{}", error.path, error.reason.japanese()),
        en: format!("the attachment cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(text: &str) -> String {
        general_purpose::STANDARD.encode(text)
    }

    fn expanded(body: &Value, known: &HashMap<String, Known>) -> Result<(Value, Expanded), Unreadable> {
        let bytes = serde_json::to_vec(body).unwrap();
        let out = expand(&bytes, known, &Detector::new(), &Limits::default())?;
        let value = out.body.as_ref().map_or_else(|| body.clone(), |b| serde_json::from_slice(b).unwrap());
        Ok((value, out))
    }

    #[test]
    fn a_file_becomes_the_text_a_reader_sees() {
        for (part, kind, at) in [
            (
                json!({"type": "file", "file": {"filename": "会議.txt", "file_data": format!("data:text/plain;base64,{}", base64("開庁は9時"))}}),
                "text",
                "/messages/0/content/0",
            ),
            (
                json!({"type": "input_file", "filename": "会議.txt", "file_data": base64("開庁は9時")}),
                "input_text",
                "/messages/0/content/0",
            ),
        ] {
            let (value, out) = expanded(&json!({"messages": [{"content": [part]}]}), &HashMap::new()).unwrap();
            let part = value.pointer(at).unwrap();
            assert_eq!(part["type"], kind);
            let text = part["text"].as_str().unwrap();
            assert!(text.contains("会議.txt") && text.contains("開庁は9時"), "{text}");
            assert_eq!(out.names, ["会議.txt"]);
        }
    }

    #[test]
    fn pictures_and_addresses_are_unseen_and_stay() {
        let png = format!("data:image/png;base64,{}", general_purpose::STANDARD.encode(b"\x89PNG\r\n\x1a\n0000"));
        let body = json!({"messages": [{"content": [
            {"type": "image_url", "image_url": {"url": png}},
            {"type": "image_url", "image_url": {"url": "https://example.jp/a.png"}},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            {"type": "file", "file": {"file_id": "file-of-someone-else"}},
        ]}]});
        let (value, out) = expanded(&body, &HashMap::new()).unwrap();
        assert_eq!(value, body);
        assert_eq!(out.unseen.len(), 4, "{:?}", out.unseen);
    }

    #[test]
    fn text_in_a_data_address_is_looked_at_however_short() {
        let body = json!({"messages": [{"content": format!("data:text/plain;base64,{}", base64("機密性3情報"))}]});
        let (_, out) = expanded(&body, &HashMap::new()).unwrap();
        assert!(out.wrapped.contains("機密性3情報"));
        let (_, out) =
            expanded(&json!({"messages": [{"content": "data: 2026年の資料, 一覧"}]}), &HashMap::new()).unwrap();
        assert!(out.unseen.is_empty() && out.wrapped.is_empty(), "a sentence is no address");
    }

    #[test]
    fn a_description_of_parameters_points_nowhere() {
        let body = json!({"tools": [{"parameters": {"properties": {"image_url": {"type": "string"}, "file_id": {"type": "string"}}}}]});
        assert!(expanded(&body, &HashMap::new()).unwrap().1.unseen.is_empty());
    }

    #[test]
    fn an_uploaded_file_brings_its_grade_and_an_unknown_one_is_refused() {
        let id = "file-0123456789abcdef0123456789abcdef";
        let body = json!({"messages": [{"content": [{"type": "file", "file": {"file_id": id}}]}]});
        assert_eq!(named(&serde_json::to_vec(&body).unwrap()), [id]);
        assert_eq!(expanded(&body, &HashMap::new()).unwrap_err().code, "FILE_NOT_FOUND");
        let file = Attachment {
            name: "a.txt".into(),
            text: "本文".into(),
            aside: String::new(),
            unseen: vec![],
            invisible: 0,
            names: vec![],
        };
        let known = HashMap::from([(id.to_owned(), Known { file, grade: Grade(1) })]);
        let (_, out) = expanded(&body, &known).unwrap();
        assert_eq!((out.inherited, out.inherits), (Grade(1), vec![id.to_owned()]));
    }

    #[test]
    fn what_cannot_be_seen_is_taken_out_and_counted() {
        let detector = Detector::new();
        let hidden = "本文\u{200b}\u{200b}です\u{e0041}\u{e0042}";
        let file = open(&detector, "a.txt", hidden.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(file.text.trim(), "本文です");
        assert_eq!(file.invisible, 2);
    }

    #[test]
    fn a_broken_file_is_named_with_its_place() {
        let body =
            json!({"messages": [{"content": [{"type": "file", "file": {"filename": "x.txt", "file_data": "%%%"}}]}]});
        let error = expanded(&body, &HashMap::new()).unwrap_err();
        assert_eq!((error.code, error.param.as_deref()), ("ATTACHMENT_BROKEN", Some("messages[0].content[0]")));
        let body = json!({"messages": [{"content": [{"type": "file", "file": {"filename": "x.txt", "file_data": general_purpose::STANDARD.encode(b"\xff\xfe\xfd")}}]}]});
        let code = expanded(&body, &HashMap::new()).unwrap_err().code;
        assert!(code.starts_with("ATTACHMENT_"), "{code}");
    }
}
