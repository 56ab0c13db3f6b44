//! What stands in the cells of a published list: days, words for the scheme and the status, sets of names.

use jiff::civil::Date;
use sekisho_domain::ismap::{ListStatus, Scheme};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization as _;

/// A text in the width in which everybody can compare it, without line breaks.
pub(super) fn plain(text: &str) -> String {
    text.nfkc().map(|c| if c.is_whitespace() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// The eras in which a list may count years, with the year before their first.
const ERAS: [(&str, i16); 6] = [("令和", 2018), ("R", 2018), ("r", 2018), ("平成", 1988), ("H", 1988), ("h", 1988)];

/// A day in one of the forms met: `2027-01-31`, `2027/1/31`, `2027年1月31日`, `令和9年1月31日`, `R9.1.31`, in any width.
pub(super) fn day(text: &str) -> Option<Date> {
    let text: String = plain(text).chars().filter(|c| *c != ' ').collect();
    // A spreadsheet may add midnight.
    let text = text.strip_suffix("00:00:00").unwrap_or(&text);
    let era = ERAS.iter().find_map(|(name, before)| Some((text.strip_prefix(name)?, *before)));
    let (rest, before) = era.unwrap_or((text, 0));
    let rest = rest.strip_prefix('元').map_or_else(|| rest.to_owned(), |rest| format!("1{rest}"));
    let rest = rest.strip_suffix('日').unwrap_or(&rest);
    let parts: Vec<&str> = rest.split(['-', '/', '.', '年', '月', '‐', '−']).collect();
    let [year, month, day] = parts[..] else { return None };
    if era.is_none() && year.len() != 4 {
        return None;
    }
    let year = year.parse::<i16>().ok()?.checked_add(before)?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Two days with something between them that says "to".
pub(super) fn period(text: &str) -> Option<(Date, Date)> {
    let text = plain(text).replace('〜', "~").replace("から", "~").replace(" - ", "~").replace('–', "~");
    let (from, to) = text.split_once('~')?;
    Some((day(from)?, day(to.trim_end_matches("まで"))?))
}

/// ISMAP or LIU. Empty means ISMAP: the main list does not repeat its own name in every row.
pub(super) fn scheme(text: &str) -> Option<Scheme> {
    let text = plain(text).to_ascii_uppercase();
    match text.as_str() {
        _ if text.contains("LIU") => Some(Scheme::Liu),
        "" => Some(Scheme::Ismap),
        _ if text.contains("ISMAP") => Some(Scheme::Ismap),
        _ => None,
    }
}

/// What a status means: with `true` where a renewal is under review. Empty means that it is on the list.
pub(super) fn status(text: &str) -> Option<(ListStatus, bool)> {
    let text: String = plain(text).chars().filter(|c| *c != ' ').collect();
    match text.as_str() {
        "" | "登録" | "登録中" | "登録済" | "登録済み" | "有効" | "掲載" | "掲載中" => {
            Some((ListStatus::Listed, false))
        }
        "更新審査中" | "更新申請中" | "更新中" => Some((ListStatus::Listed, true)),
        "一時停止" | "一時停止中" | "停止" | "停止中" => Some((ListStatus::Suspended, false)),
        "削除" | "登録削除" | "取消" | "取消し" | "取り消し" | "登録取消" | "辞退" | "終了" | "提供終了" => {
            Some((ListStatus::Removed, false))
        }
        _ => None,
    }
}

/// Yes or no; `None` for anything else.
pub(super) fn yes(text: &str) -> Option<bool> {
    match plain(text).to_ascii_lowercase().as_str() {
        "有" | "有り" | "あり" | "○" | "〇" | "◯" | "対象" | "含む" | "対象に含む" | "はい" | "yes" | "true" | "1" => {
            Some(true)
        }
        ""
        | "無"
        | "無し"
        | "なし"
        | "×"
        | "✕"
        | "-"
        | "ー"
        | "対象外"
        | "含まない"
        | "対象に含まない"
        | "いいえ"
        | "no"
        | "false"
        | "0" => Some(false),
        _ => None,
    }
}

/// Names in one cell.
pub(super) fn set(text: &str) -> BTreeSet<String> {
    let parts = text.split(['、', ',', '，', ';', '；', '\n', '・']).map(plain);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Names in one cell, where a name may hold a middle dot.
pub(super) fn names(text: &str) -> BTreeSet<String> {
    let parts = text.split(['、', ',', '，', ';', '；', '\n']).map(plain);
    parts.filter(|part| !part.is_empty()).collect()
}

/// 13 digits in any width, without what people write between them.
pub(super) fn corporate_number(text: &str) -> String {
    plain(text).chars().filter(|c| !matches!(c, '-' | ' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_forms_met_and_in_no_other() {
        let expected = Date::new(2027, 1, 31).unwrap();
        for text in [
            "2027-01-31",
            "2027/1/31",
            "2027年1月31日",
            "令和9年1月31日",
            "２０２７年１月３１日",
            "R9.1.31",
            " 2027 年 1 月 31 日 ",
            "2027-01-31 00:00:00",
            "令和９年０１月３１日",
        ] {
            assert_eq!(day(text), Some(expected), "{text}");
        }
        assert_eq!(day("令和元年5月1日"), Date::new(2019, 5, 1).ok());
        assert_eq!(day("平成31年4月30日"), Date::new(2019, 4, 30).ok());
        for text in
            ["", "未定", "2027-02-30", "27/1/31", "46418", "2027年1月", "1/31/2027", "令和9年13月1日", "99999-1-1"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_period_is_two_days_with_to_between_them() {
        let expected = Some((Date::new(2024, 10, 1).unwrap(), Date::new(2025, 9, 30).unwrap()));
        for text in [
            "2024-10-01～2025-09-30",
            "2024年10月1日〜2025年9月30日",
            "2024/10/1から2025/9/30まで",
            "R6.10.1 ~ R7.9.30",
        ] {
            assert_eq!(period(text), expected, "{text}");
        }
        assert_eq!(period("2024-10-01"), None);
    }

    #[test]
    fn words_of_scheme_status_and_ai_are_known_or_told_to_be_unknown() {
        assert_eq!(scheme("ＩＳＭＡＰ－ＬＩＵ"), Some(Scheme::Liu));
        assert_eq!(scheme("ISMAP"), Some(Scheme::Ismap));
        assert_eq!(scheme("FedRAMP"), None);
        assert_eq!(status("更新審査中"), Some((ListStatus::Listed, true)));
        assert_eq!(status("一時停止"), Some((ListStatus::Suspended, false)));
        assert_eq!(status("辞退"), Some((ListStatus::Removed, false)));
        assert_eq!(status("審議"), None);
        assert_eq!((yes("有"), yes("対象外"), yes("一部の機能")), (Some(true), Some(false), None));
        assert_eq!(set("IaaS・PaaS\nSaaS").len(), 3);
        assert_eq!(names("架空・A、架空B").len(), 2);
    }
}
