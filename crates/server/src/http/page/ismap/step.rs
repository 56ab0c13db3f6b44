//! What every form that takes a step has beside its own fields: the day, the rule it rests on, the reason.

use crate::http::page::form::Fields;
use crate::http::page::frame::{Choice, Field, Problem};
use jiff::civil::Date;
use sekisho_domain::id::RuleDocumentId;
use sekisho_domain::ismap::rule_document::Citation;
use sekisho_domain::register::Register;

/// Field with the day from which the step counts.
pub(super) const ON: &str = "on";
/// Field with the rule document.
pub(super) const RULE: &str = "rule";
/// Field with the article.
pub(super) const ARTICLE: &str = "article";
/// Field with the reason.
pub(super) const REASON: &str = "reason";

/// What was said beside the step itself.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The day; `None` for today.
    pub(super) on: Option<Date>,
    /// The rule.
    pub(super) rule: Option<Citation>,
    /// Why.
    pub(super) reason: String,
}

impl Said {
    /// Reads it; what cannot be read is told at its field.
    pub(super) fn read(fields: &Fields, problems: &mut Vec<Problem>) -> Self {
        let on = match fields.line(ON) {
            "" => None,
            text => match text.parse() {
                Ok(day) => Some(day),
                Err(_) => {
                    problems.push(Problem::at(ON, "日付は 2026-11-30 の形で入力してください。"));
                    None
                }
            },
        };
        let rule = match (fields.line(RULE), fields.line(ARTICLE)) {
            ("", _) => None,
            (document, article) => match RuleDocumentId::new(document) {
                Ok(document) => Some(Citation { document, article: article.to_owned() }),
                Err(_) => {
                    problems.push(Problem::at(RULE, "一覧にある規程類を選んでください。"));
                    None
                }
            },
        };
        Self { on, rule, reason: fields.text(REASON) }
    }
}

/// The fields, as far as they are wanted: rule documents in force today to choose from.
pub(super) fn fields(
    register: &Register,
    today: Date,
    given: &Fields,
    cites: bool,
    problems: &[Problem],
) -> Vec<Field> {
    let mut all = vec![
        Field::input("date", ON, "効力の生じる日")
            .help("空欄なら今日です。先の日付や、前の手続より前の日付は記録できません。")
            .optional()
            .value(given.get(ON))
            .told(problems),
    ];
    if cites {
        let documents = register.scheme().rule_documents.all().filter(|(_, d)| d.is_in_force(today));
        let mut choices = vec![Choice::new("", "（選んでください）")];
        choices.extend(documents.map(|(id, d)| Choice::new(id.as_str(), format!("{} {}", d.title, d.version))));
        all.push(Field::select(RULE, "根拠となる規程類", choices).value(given.get(RULE)).told(problems));
        all.push(Field::text(ARTICLE, "条項", "off").help("例: 6.1").value(given.get(ARTICLE)).told(problems));
    }
    all.push(Field::area(REASON, "理由", 3).optional().value(given.get(REASON)).told(problems));
    all
}
