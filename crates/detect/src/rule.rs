//! The detection rules as data: what a screen or a record shows beside a finding.

use serde::Serialize;

use crate::finding::RuleId;

/// How well the source of a rule is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum EvidenceGrade {
    /// The primary text was read.
    P,
    /// A secondary account was read.
    S,
    /// General knowledge, not confirmed: shown as 要確認.
    K,
    /// Design advice, not a rule.
    D,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// The document.
    pub document: &'static str,
    /// The clause in it, or empty when none is known.
    pub clause: &'static str,
}

/// One detection rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct RuleInfo {
    /// The identifier that findings carry.
    pub id: RuleId,
    /// A title in Japanese, in our own words.
    pub title: &'static str,
    /// Where the rule comes from.
    pub source: Source,
    /// How well that source is known.
    pub evidence: EvidenceGrade,
}

/// Every rule this crate can report, in a fixed order.
pub fn rules() -> &'static [RuleInfo] {
    RULES
}

const fn rule(
    id: RuleId,
    title: &'static str,
    document: &'static str,
    clause: &'static str,
    evidence: EvidenceGrade,
) -> RuleInfo {
    RuleInfo { id, title, source: Source { document, clause }, evidence }
}

use EvidenceGrade::{D, K, P, S};

const RULES: &[RuleInfo] = &[
    rule("MK-01", "特定秘密の表示", "特定秘密の保護に関する法律施行令", "7条", S),
    rule("MK-02", "重要経済安保情報の表示", "重要経済安保情報の保護及び活用に関する法律（令和6年法律第27号）", "", S),
    rule("MK-03", "特別防衛秘密の表示", "日米相互防衛援助協定等に伴う秘密保護法施行令", "1条", S),
    rule("MK-04", "秘密文書の表示（極秘・秘・㊙）", "行政文書の管理に関するガイドライン", "秘密文書等の管理", S),
    rule("MK-05", "機密性の格付の表示", "政府機関等のサイバーセキュリティ対策のための統一基準", "情報の格付", S),
    rule(
        "MK-06",
        "自治体機密性の表示",
        "地方公共団体における情報セキュリティポリシーに関するガイドライン（令和6年10月版）",
        "情報資産の分類",
        S,
    ),
    rule(
        "MK-07",
        "完全性・可用性の表示、CIAをまとめた表示",
        "政府機関等のサイバーセキュリティ対策のための統一基準",
        "情報の格付",
        S,
    ),
    rule("MK-08", "取扱注意・部外秘・関係者限り等の表示", "各機関の文書取扱いの慣行", "", K),
    rule(
        "MK-09",
        "取扱制限の表示（複製禁止等）",
        "政府機関等のサイバーセキュリティ対策のための統一基準",
        "取扱制限",
        S,
    ),
    rule("MK-10", "TLPの表示", "Traffic Light Protocol 2.0", "", K),
    rule("MK-11", "外国の秘密表示", "外国政府の文書表示", "", K),
    rule("MK-12", "未公表の内容をうかがわせる語", "各機関の文書取扱いの慣行", "", K),
    rule("ID-MYNUMBER", "個人番号", "番号法に基づく個人番号の省令（平成26年総務省令第85号）", "5条", S),
    rule("ID-CORPORATE", "法人番号", "法人番号の指定等に関する省令（平成26年財務省令第70号）", "2条", S),
    rule("ID-RESIDENT-CODE", "住民票コード", "行政基本情報データ連携モデル DS-463-1", "住民票コード", P),
    rule("ID-LICENCE", "運転免許証の番号", "警察庁通達（1981-09-10）", "検査数字", S),
    rule("ID-PASSPORT", "旅券番号", "一般に知られた書式", "", S),
    rule("ID-RESIDENCE-CARD", "在留カード等の番号", "一般に知られた書式", "", S),
    rule("ID-PENSION", "基礎年金番号", "一般に知られた書式", "", S),
    rule("ID-EMPLOYMENT", "雇用保険被保険者番号", "雇用保険に関する業務取扱要領", "20706", S),
    rule("ID-INSURER", "保険者番号", "保険者番号等設定要領", "検証番号", S),
    rule("ID-INSURED", "被保険者等記号・番号・枝番", "一般に知られた書式", "", K),
    rule("ID-MUNICIPALITY", "全国地方公共団体コード", "全国地方公共団体コード", "検査数字", S),
    rule("ID-ACCOUNT", "預貯金口座の番号", "一般に知られた書式", "", P),
    rule("ID-CARD", "クレジットカード等の番号", "ISO/IEC 7812-1", "附属書B", K),
    rule("ID-PHONE", "電話番号", "電気通信番号計画", "", K),
    rule("ID-POSTAL", "郵便番号", "一般に知られた書式", "", K),
    rule("ID-EMAIL", "メールアドレス", "RFC 5321", "4.1.2", K),
    rule("ID-IP", "IPアドレス", "RFC 4291", "2.2", K),
    rule("ID-NAME", "氏名", "一般に知られた姓と名", "", K),
    rule("ID-ADDRESS", "住所", "都道府県・市区町村の名称（一般に知られたもの）", "", K),
    rule("ID-BIRTH", "生年月日", "一般に知られた書式", "", K),
    rule("CR-URL", "認証情報を含むURL", "RFC 3986", "3.2.1", K),
    rule("CR-API-KEY", "APIキー・アクセストークン", "各サービスの鍵の書式", "", K),
    rule("CR-PRIVATE-KEY", "秘密鍵", "RFC 7468", "10", K),
    rule("TX-INVISIBLE", "見えない文字", "本製品の設計", "", D),
    // Reported by the gate, which alone knows what it could not look into.
    rule("AT-UNSEEN", "中を検査できない内容（画像・音声・外部の参照）", "本製品の設計", "", D),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_rules_are_unique_and_titles_are_given() {
        let mut ids: Vec<_> = rules().iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rules().len());
        assert!(rules().iter().all(|rule| !rule.title.is_empty() && !rule.source.document.is_empty()));
    }
}
