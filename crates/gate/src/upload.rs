//! Uploaded files: read, examined and graded once; what is made of them later inherits their grade (TK-CLS-2).
//!
//! Only the text that was inspected is kept, encrypted, for some days. 個人番号 and keys are taken out of it before: a file
//! lies longer than a request.

use std::sync::Arc;

use jiff::SignedDuration;
use sekisho_detect::{Confidence, Detector, Finding, Signal};
use sekisho_domain::grade::GradeScale;
use sekisho_domain::usage::Signals;
use sekisho_store::FileRow;
use serde::{Deserialize, Serialize};

use crate::attachment::{self, Attachment};
use crate::call::Stopped;
use crate::examine::{self, Kept};
use crate::handling;
use crate::identify::{Caller, hex};
use crate::inbound::Unreadable;
use crate::pipeline::{Gate, scale};
use crate::prepare::bad_grade;
use crate::record::Content;
use crate::scan::{weigh, weigh_mark};

/// The endpoint's name in records.
pub const ENDPOINT: &str = "files";
/// Most places that are kept with a file.
const MOST_FOUND: usize = 500;
/// How often a text is gone over until nothing is left that may not be kept.
const REDACTIONS: usize = 4;

/// One thing found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundInFile {
    /// Rule of detection.
    pub rule: String,
    /// What the rule finds, in Japanese.
    pub title: String,
    /// How sure it is: `low`, `medium`, `high`.
    pub confidence: String,
    /// Part of the file: `text` that a reader sees, `aside` that he does not, or the `name`.
    pub part: String,
    /// Line of that part, from 1.
    pub line: usize,
    /// First character in that part, from 0. In the text as it was before anything was taken out.
    pub start: usize,
    /// Behind its last character.
    pub end: usize,
}

/// What is kept of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its text.
    #[serde(flatten)]
    pub file: Attachment,
    /// What was found in it.
    pub found: Vec<FoundInFile>,
}

/// An uploaded file.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The row.
    pub row: FileRow,
    /// The content.
    pub stored: StoredFile,
}

impl Gate {
    /// Reads, examines and keeps a file. A file that cannot be read or may not enter is refused, and that is recorded.
    ///
    /// # Errors
    /// [`Stopped::Unreadable`] or [`Stopped::Unavailable`].
    pub async fn upload(
        self: &Arc<Self>,
        caller: &Caller,
        name: &str,
        bytes: bytes::Bytes,
        declared: Option<&str>,
        keep: SignedDuration,
    ) -> Result<Uploaded, Stopped> {
        let unavailable = |inside: String| Stopped::Unavailable { inside };
        let register = self.journal.register().map_err(|e| unavailable(e.to_string()))?;
        let size = bytes.len() as u64;
        let declared = match declared.map(|text| scale(&register).parse(text)).transpose() {
            Ok(grade) => grade.unwrap_or_default().max(caller.declared),
            Err(error) => return Err(self.refuse_unread(caller, ENDPOINT, size, bad_grade(&error)).await),
        };
        let (detector, limits, name) = (self.detector.clone(), self.attachments, name.to_owned());
        let examined = self.tasks.spawn_blocking(move || {
            let file = attachment::open(&detector, &name, &bytes, &limits)
                .map_err(|error| attachment::unreadable(&error, "file"))?;
            examine_file(&detector, scale(&register), file)
        });
        let (stored, signals) = match examined.await.map_err(|e| unavailable(e.to_string()))? {
            Ok(examined) => examined,
            Err(problem) => return Err(self.refuse_unread(caller, ENDPOINT, size, problem).await),
        };
        let mut random = [0; 16];
        self.world.random(&mut random);
        let now = self.world.now();
        let row = FileRow {
            id: format!("file-{}", hex(&random)),
            person: caller.person.clone(),
            created_at: now,
            expires_at: now.saturating_add(keep).unwrap_or(now),
            grade: declared.max(signals.detected),
            bytes: size,
        };
        let content = bytes::Bytes::from(serde_json::to_vec(&stored).map_err(|e| unavailable(e.to_string()))?);
        let content = Content::new(&*self.world, Kept::Whole(content.clone()), content);
        self.journal.keep_file(row.clone(), content.body()).await.map_err(|e| unavailable(e.to_string()))?;
        Ok(Uploaded { row, stored })
    }

    /// A text as it may lie in the store outside a use: without 個人番号 and credentials. `None` when nothing of it may,
    /// because it carries the mark of 特定秘密 and the like or cannot be cleaned with certainty.
    pub fn for_keeping(&self, text: &str) -> Option<String> {
        if self.detector.scan(text).iter().any(|f| f.signal == Signal::OutOfScope && f.confidence >= Confidence::Medium)
        {
            return None;
        }
        redacted(&self.detector, text.to_owned()).ok()
    }
}

fn examine_file(
    detector: &Detector,
    scale: &GradeScale,
    mut file: Attachment,
) -> Result<(StoredFile, Signals), Unreadable> {
    let mut signals = Signals::default();
    let mut found = Vec::new();
    for name in std::iter::once(&file.name).chain(&file.names) {
        for finding in detector.scan_name(name) {
            weigh_mark(&mut signals, scale, &finding);
            found.push(told(name, "name", &finding));
        }
    }
    for (part, text) in [("text", &file.text), ("aside", &file.aside)] {
        for finding in detector.scan(text) {
            if part == "text" {
                weigh(&mut signals, scale, &finding);
            } else {
                weigh_mark(&mut signals, scale, &finding);
            }
            found.push(told(text, part, &finding));
        }
    }
    if signals.out_of_scope {
        return Err(Unreadable {
            code: "INFO_OUT_OF_SCOPE",
            param: Some("file".into()),
            ja: format!(
                "`{}` に、特定秘密など、この仕組みで扱ってはならない情報の表示が見つかりました。ファイルは保存していません。その文書の管理者に連絡してください。",
                file.name
            ),
            en: format!(
                "`{}` carries a mark of information that must not enter this system; it was not kept",
                file.name
            ),
        });
    }
    file.text = redacted(detector, file.text)?;
    file.aside = redacted(detector, file.aside)?;
    file.name = redacted(detector, file.name)?;
    file.unseen = file.unseen.into_iter().map(|one| redacted(detector, one)).collect::<Result<_, _>>()?;
    // They stand in the text as well.
    file.names = file.names.into_iter().map(|name| redacted(detector, name)).collect::<Result<_, _>>()?;
    found.truncate(MOST_FOUND);
    Ok((StoredFile { file, found }, signals))
}

fn must_go(finding: &Finding) -> bool {
    finding.confidence >= Confidence::Medium && matches!(finding.signal, Signal::MyNumber | Signal::Credential)
}

/// Does a text hold what must not be kept?
pub(crate) fn must_not_be_kept(detector: &Detector, text: &str) -> bool {
    detector.scan(text).iter().any(must_go)
}

/// A text without numbers and keys that must not be kept.
fn redacted(detector: &Detector, mut text: String) -> Result<String, Unreadable> {
    for _ in 0..REDACTIONS {
        let findings: Vec<Finding> = detector.scan(&text).into_iter().filter(must_go).collect();
        if findings.is_empty() {
            return Ok(text);
        }
        let mut clean = String::with_capacity(text.len());
        let mut from = 0;
        for finding in findings {
            if finding.span.start >= from {
                clean.push_str(text.get(from..finding.span.start).unwrap_or_default());
                clean.push_str(&format!("［{}］", handling::label(finding.rule)));
            }
            from = from.max(finding.span.end);
        }
        clean.push_str(text.get(from..).unwrap_or_default());
        text = clean;
    }
    Err(Unreadable {
        code: "ATTACHMENT_UNSAFE",
        param: Some("file".into()),
        ja: "個人番号または認証情報を取り除けませんでした。その部分を消してからアップロードしてください。".into(),
        en: "a 個人番号 or a credential in the file could not be taken out; remove it and upload again".into(),
    })
}

fn told(text: &str, part: &str, finding: &Finding) -> FoundInFile {
    let before = text.get(..finding.span.start).unwrap_or_default();
    let start = before.chars().count();
    let length = text.get(finding.span.clone()).unwrap_or_default().chars().count();
    FoundInFile {
        rule: finding.rule.to_owned(),
        title: examine::title(finding.rule).to_owned(),
        confidence: match finding.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
        .to_owned(),
        part: part.to_owned(),
        line: 1 + before.matches('\n').count(),
        start,
        end: start + length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_domain::grade::Grade;

    fn file(name: &str, text: &str, aside: &str) -> Attachment {
        Attachment {
            name: name.into(),
            text: text.into(),
            aside: aside.into(),
            unseen: vec![],
            invisible: 0,
            names: vec![],
        }
    }

    fn examined(name: &str, text: &str, aside: &str) -> Result<(StoredFile, Signals), Unreadable> {
        examine_file(&Detector::new(), &GradeScale::national(), file(name, text, aside))
    }

    #[test]
    fn marks_in_name_text_and_hidden_parts_all_raise_the_grade() {
        assert_eq!(examined("a.txt", "本文", "").unwrap().1.detected, Grade(0));
        assert_eq!(examined("【機密性2】案.docx", "本文", "").unwrap().1.detected, Grade(1));
        assert_eq!(examined("a.txt", "機密性2情報\n本文", "").unwrap().1.detected, Grade(1));
        assert_eq!(examined("a.txt", "本文", "機密性3情報").unwrap().1.detected, Grade(2));
        let mut inside = file("a.zip", "", "");
        inside.names = vec!["社外秘_名簿.xlsx".into()];
        let (_, signals) = examine_file(&Detector::new(), &GradeScale::national(), inside).unwrap();
        assert_eq!(signals.detected, Grade(1));
    }

    #[test]
    fn given_a_my_number_then_the_file_is_kept_without_it_and_the_place_is_told() {
        let (stored, _) = examined("a.txt", "一行目\n個人番号は 983205673214 です", "").unwrap();
        assert_eq!(stored.file.text, "一行目\n個人番号は ［個人番号］ です");
        let found = stored.found.iter().find(|f| f.rule == "ID-MYNUMBER").unwrap();
        assert_eq!((found.line, found.start, found.end), (2, 10, 22));
    }

    #[test]
    fn given_a_mark_of_designated_secrets_then_nothing_is_kept() {
        assert_eq!(examined("a.txt", "【特定秘密】\n本文", "").unwrap_err().code, "INFO_OUT_OF_SCOPE");
        assert_eq!(examined("a.txt", "本文", "【特定秘密】\n").unwrap_err().code, "INFO_OUT_OF_SCOPE");
    }
}
