//! What became of a question: 経過 of the 衆議院, 明細 of the 参議院.

use super::PageError;
use super::html;
use super::question::submitter;
use crate::diet::number;
use jiff::civil::Date;
use std::collections::HashMap;

/// Facts of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// 件名
    pub title: Option<String>,
    /// 国会回次, 提出回次
    pub session: Option<u16>,
    /// 質問番号, 提出番号
    pub number: Option<u32>,
    /// Who handed it in.
    pub submitter: Option<String>,
    /// How many besides.
    pub others: u32,
    /// 会派名
    pub group: Option<String>,
    /// 提出
    pub submitted: Option<Date>,
    /// 内閣転送
    pub forwarded: Option<Date>,
    /// Until when the cabinet put its answer off (答弁延期期限).
    pub postponed: Option<Date>,
    /// 答弁書受領
    pub answered: Option<Date>,
    /// 経過状況, 備考
    pub status: Option<String>,
}

/// Labels of both Houses; a cell that is one of them is no value.
const LABELS: [&str; 24] = [
    "国会回次",
    "国会区別",
    "質問番号",
    "質問件名",
    "提出者名",
    "会派名",
    "質問主意書提出年月日",
    "内閣転送年月日",
    "答弁延期通知受領年月日",
    "答弁延期期限年月日",
    "答弁書受領年月日",
    "撤回年月日",
    "撤回通知年月日",
    "経過状況",
    "提出回次",
    "提出番号",
    "件名",
    "提出日",
    "提出者",
    "転送日",
    "答弁書受領日",
    "備考",
    "その他",
    "質問主意書",
];

/// Reads the page of either House.
///
/// # Errors
/// It is too large, or holds no title of a question.
pub fn progress_page(bytes: &[u8]) -> Result<Progress, PageError> {
    let lines = html::lines(bytes)?;
    let cells: Vec<&str> = lines.iter().flat_map(|line| line.split('\t')).map(str::trim).collect();
    let mut values: HashMap<&str, &str> = HashMap::new();
    for (label, value) in cells.iter().zip(cells.iter().skip(1)) {
        if LABELS.contains(label) && !LABELS.contains(value) && !value.is_empty() {
            values.entry(label).or_insert(value);
        }
    }
    let get = |labels: &[&str]| labels.iter().find_map(|label| values.get(label)).map(|value| (*value).to_owned());
    let day = |labels: &[&str]| get(labels).and_then(|value| number::date(&value));
    let title = get(&["質問件名", "件名"]).ok_or(PageError::Nothing("件名"))?;
    let (submitter, others) = get(&["提出者名", "提出者"]).map_or((None, 0), |name| submitter(&name));
    Ok(Progress {
        title: Some(title),
        session: get(&["国会回次", "提出回次"]).and_then(|value| number::session(&value)),
        number: get(&["質問番号", "提出番号"]).and_then(|value| number::numeral(&value)),
        submitter,
        others,
        group: get(&["会派名"]),
        submitted: day(&["質問主意書提出年月日", "提出日"]),
        forwarded: day(&["内閣転送年月日", "転送日"]),
        postponed: day(&["答弁延期期限年月日"]),
        answered: day(&["答弁書受領年月日", "答弁書受領日"]),
        status: get(&["経過状況", "備考"]),
    })
}
