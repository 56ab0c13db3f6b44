//! 調達・契約チェックシート: the program's own questions, a body's own edition from a file, and what was filled in.

use crate::installation::Installation;
use crate::ismap::documents::{self, DocumentError, sha256};
use sekisho_domain::ds920::checklist::{Answers, AppliesWhen, QuestionSet, SetKind};
use sekisho_domain::ds920::risk_table::RiskLevel;
use sekisho_domain::id::{ApplicationId, ServiceId};
use sekisho_domain::register::Register;
use serde::{Deserialize, Serialize};

/// Kind of the papers that hold working copies.
pub(crate) const PAPER: &str = "checklist";
/// Most bytes of a file with questions.
const MOST_BYTES: usize = 1024 * 1024;
/// Most faults told at once.
const MOST_FAULTS: usize = 20;

const PROCUREMENT: &str = include_str!("../checklists/procurement.toml");
const CONTRACT: &str = include_str!("../checklists/contract.toml");

/// A sheet as it is kept: with the questions it answers, so that it stands by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filled {
    /// The questions.
    pub(crate) set: QuestionSet,
    /// Of which service.
    pub(crate) service: ServiceId,
    /// For which application, if for one.
    pub(crate) application: Option<ApplicationId>,
    /// At which level of risk the questions were asked.
    pub(crate) level: RiskLevel,
    /// The answers.
    pub(crate) answers: Answers,
}

/// Where a file is wrong, in words.
pub(crate) type Faults = Vec<String>;

/// Reads an edition from TOML, or from JSON where it begins with `{`. Every fault names its line or its question.
pub(crate) fn read(bytes: &[u8]) -> Result<QuestionSet, Faults> {
    if bytes.len() > MOST_BYTES {
        return Err(vec![format!(
            "ファイルが大きすぎます（{} バイト）。{MOST_BYTES} バイトまでにしてください。",
            bytes.len()
        )]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_of(bytes, error.valid_up_to());
        vec![format!("{line} 行目: 文字コードが UTF-8 ではありません。UTF-8 で保存し直してください。")]
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_json = text.trim_start().starts_with('{');
    let set: QuestionSet = if is_json {
        serde_json::from_str(text).map_err(|error| {
            vec![format!("{} 行 {} 文字目: JSON として読めません: {error}", error.line(), error.column())]
        })?
    } else {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text.as_bytes(), span.start));
            vec![format!("{line} 行目: TOML として読めません: {}", error.message().replace('\n', " "))]
        })?
    };
    set.check().map_err(|errors| {
        let lines: Vec<usize> = if is_json {
            Vec::new()
        } else {
            let heads = text.lines().enumerate().filter(|(_, line)| line.trim() == "[[questions]]");
            heads.map(|(at, _)| at + 1).collect()
        };
        let place = |question: Option<usize>| match question {
            None => "全体".to_owned(),
            Some(at) => {
                let line = lines.get(at).map(|line| format!("{line} 行目からの")).unwrap_or_default();
                format!("{line}{} 件目の問い", at + 1)
            }
        };
        errors
            .iter()
            .take(MOST_FAULTS)
            .map(|error| format!("{}: {}", place(error.question), error.ja))
            .collect::<Faults>()
    })?;
    Ok(set)
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|b| **b == b'\n').count()
}

/// The program's own questions.
pub(crate) fn builtin(kind: SetKind) -> Result<QuestionSet, DocumentError> {
    let text = match kind {
        SetKind::Procurement => PROCUREMENT,
        SetKind::Contract => CONTRACT,
    };
    // That they can be read is shown by a test.
    toml::from_str(text).map_err(|_| DocumentError::Missing(kind.name().to_owned()))
}

/// An edition as a file to begin one's own with.
pub(crate) fn written(set: &QuestionSet) -> String {
    // What JSON escapes, TOML reads alike.
    let quoted = |text: &str| serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f");
    let mut text = format!(
        "set = {}\nkind = {}\ntitle = {}\nedition = {}\n",
        quoted(set.set.as_str()),
        quoted(set.kind.name()),
        quoted(&set.title),
        quoted(&set.edition)
    );
    for question in &set.questions {
        let when = match question.applies_when {
            AppliesWhen::Always => "always",
            AppliesWhen::PossiblyHigh => "possibly_high",
        };
        text.push_str(&format!(
            "\n[[questions]]\nid = {}\ncategory = {}\nrequirement = {}\napplies_when = \"{when}\"\nbasis = {}\nevidence = \"{:?}\"\n",
            quoted(&question.id),
            quoted(&question.category),
            quoted(&question.requirement),
            quoted(&question.basis),
            question.evidence,
        ));
    }
    text
}

/// The bytes under whose hash a set or a sheet is kept.
pub(crate) fn bytes(content: &impl Serialize) -> Result<Vec<u8>, DocumentError> {
    serde_json::to_vec(content).map_err(|error| DocumentError::Damaged(error.to_string()))
}

/// The hash under which a set is kept.
pub(crate) fn hash(set: &QuestionSet) -> Result<String, DocumentError> {
    Ok(sha256(&bytes(set)?))
}

/// The questions of a kind that count now: those the body adopted last, else the program's own.
pub(crate) async fn in_force(
    app: &Installation,
    register: &Register,
    kind: SetKind,
) -> Result<QuestionSet, DocumentError> {
    match register.ds920().set_in_force(kind) {
        Some(adopted) => documents::read(app, &adopted.sha256).await,
        None => builtin(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_own_questions_can_be_asked_and_none_claims_to_be_official() {
        for (kind, text) in [(SetKind::Procurement, PROCUREMENT), (SetKind::Contract, CONTRACT)] {
            let set = read(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}"));
            assert_eq!(set, builtin(kind).unwrap());
            assert_eq!(set.kind, kind);
            assert!(set.title.contains("本プログラムの案"), "{}", set.title);
            for question in &set.questions {
                assert!(!question.evidence.is_official(), "{question:?}");
            }
            assert!(set.questions.iter().any(|q| q.applies_when == AppliesWhen::PossiblyHigh));
            assert_eq!(read(written(&set).as_bytes()).unwrap(), set, "what is taken along comes back the same");
        }
    }

    #[test]
    fn a_fault_of_a_file_is_told_with_its_line() {
        let told = |text: &str| read(text.as_bytes()).unwrap_err().join("\n");
        assert!(
            told("set = \"a\"\nkind = \"lunch\"\n").starts_with("2 行目: TOML"),
            "{}",
            told("set = \"a\"\nkind = \"lunch\"\n")
        );
        assert!(told("{\n \"set\": 1 }").starts_with("2 行"), "{}", told("{\n \"set\": 1 }"));
        let broken = PROCUREMENT.replacen("id = \"purpose\"", "id = \"目的\"", 1);
        let line = broken.lines().position(|line| line.contains("目的\"")).unwrap();
        assert!(told(&broken).contains(&format!("{line} 行目からの")), "{} {line}", told(&broken));
        assert!(told("\u{feff}{}").contains("1 行"), "{}", told("\u{feff}{}"));
        let sjis = b"title = \"\n\x93o\x98^\"";
        assert!(read(sjis).unwrap_err()[0].starts_with("2 行目: 文字コード"));
    }
}
