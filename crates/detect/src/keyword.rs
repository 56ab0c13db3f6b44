//! Words that stand near an identifier and say what it is.

use std::ops::Range;

use crate::surroundings::{after, before, within};

/// What a keyword speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    MyNumber,
    Corporate,
    ResidentCode,
    Licence,
    Passport,
    ResidenceCard,
    Pension,
    EmploymentInsurance,
    Insurer,
    Insured,
    Account,
    Card,
    Telephone,
    Postal,
    Municipality,
    Network,
    Birth,
    /// Labels of names. They say nothing of numbers.
    Name,
    /// Labels of readings of names.
    Reading,
}

/// How many topics there are.
pub(crate) const TOPICS: usize = 19;

/// One keyword with the evidence it gives.
#[derive(Debug)]
pub(crate) struct Keyword {
    pub(crate) word: &'static str,
    pub(crate) topic: Topic,
    pub(crate) evidence: &'static str,
}

macro_rules! keywords {
    ($($topic:ident: $($word:literal),+;)+) => {
        &[$($(Keyword { word: $word, topic: Topic::$topic, evidence: concat!("keyword ", $word) },)+)+]
    };
}

/// The keywords; ASCII ones match in any case, at ASCII word boundaries.
pub(crate) const KEYWORDS: &[Keyword] = keywords! {
    MyNumber: "個人番号", "マイナンバー", "マイ・ナンバー", "マイナ番号", "ﾏｲﾅﾝﾊﾞｰ", "特定個人情報", "通知カード",
        "マイナンバ－", "mynumber", "my number", "my_number", "my-number", "individual number", "kojin_bango", "kojinbango";
    Corporate: "法人番号", "インボイス", "適格請求書", "登録番号", "corporate number", "corporate_number";
    ResidentCode: "住民票コード", "住民票ｺｰﾄﾞ", "住民票の写し", "住民コード", "住基コード", "住民票番号";
    Licence: "運転免許", "免許証", "免許番号", "driver's license", "driver license", "driving licence";
    Passport: "旅券", "パスポート", "ﾊﾟｽﾎﾟｰﾄ", "passport";
    ResidenceCard: "在留カード", "在留カード番号", "在留カード等番号", "在留ｶｰﾄﾞ", "特別永住者証明書", "residence card";
    Pension: "基礎年金番号", "年金番号", "年金手帳", "年金証書", "年金コード";
    EmploymentInsurance: "雇用保険", "雇用保険被保険者番号", "被保険者番号";
    Insurer: "保険者番号", "被保険者証", "保険証", "資格確認書";
    Insured: "被保険者証", "被保険者記号", "被保険者等記号", "被保険者番号", "記号・番号", "記号番号", "保険証", "資格確認書", "枝番";
    Account: "口座番号", "口座", "普通預金", "当座預金", "預金", "貯金", "支店コード", "支店番号", "店番", "振込先", "ゆうちょ", "（普通）", "(普通)", "普通　", "普通 ", "bank account";
    Card: "カード番号", "クレジット", "ｸﾚｼﾞｯﾄ", "カード", "デビット", "credit card", "card number", "cardnumber", "card no",
        "visa", "mastercard", "jcb", "amex";
    Telephone: "電話", "携帯", "ケータイ", "℡", "☎", "ファックス", "ファクス", "ファクシミリ", "連絡先", "内線", "直通",
        "ＴＥＬ", "ＦＡＸ", "Ｔｅｌ", "Ｆａｘ", "tel", "fax", "phone", "mobile";
    Postal: "郵便番号", "〒", "住所", "所在地", "宛先", "送付先", "zip", "postal code";
    Municipality: "団体コード", "市区町村コード", "自治体コード", "市町村コード";
    Network: "ipアドレス", "ＩＰアドレス", "サーバ", "ホスト", "接続元", "接続先", "アクセス元", "送信元", "ネットワーク", "ip", "host", "ping", "ssh";
    Birth: "生年月日", "誕生日", "出生年月日", "出生日", "date of birth", "birthday", "birthdate", "birth date", "birth_date", "birth-date", "date_of_birth", "dateofbirth", "born", "dob";
    Name: "氏名", "氏　名", "氏 名", "名前", "お名前", "姓名", "担当", "担当者", "申請者", "申請人", "届出人", "届出者", "世帯主", "代表者",
        "保護者", "患者", "受給者", "名義人", "名義", "記入者", "作成者", "起案者", "決裁者", "承認者", "相続人", "配偶者", "利用者",
        "相談者", "対象者", "来庁者", "請求者", "納税者", "依頼者", "報告者", "出席者", "参加者", "宛名", "署名", "差出人", "児童", "生徒", "姓", "長男", "長女", "次男", "二男", "次女", "二女", "full name", "name";
    Reading: "フリガナ", "ふりがな", "ﾌﾘｶﾞﾅ", "カナ氏名", "氏名カナ", "氏名（カナ）", "氏名(カナ)", "氏名（フリガナ）", "氏名（ふりがな）", "ヨミガナ", "よみがな";
};

#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    keyword: &'static Keyword,
}

/// Where keywords stand in one text, by topic and in order.
#[derive(Debug, Default)]
pub(crate) struct KeywordIndex {
    by_topic: [Vec<Hit>; TOPICS],
    all: Vec<Hit>,
}

impl KeywordIndex {
    /// Takes one occurrence; occurrences come in the order of their ends.
    pub(crate) fn add(&mut self, text: &str, keyword: &'static Keyword, span: Range<usize>) {
        if keyword.word.is_ascii() && !stands_alone(text, &span) {
            return;
        }
        // 被保険者番号 is the number of a person, 保険者番号 that of the insurer.
        if keyword.word == "保険者番号" && before(text, span.start) == Some('被') {
            return;
        }
        let hit = Hit { start: span.start, end: span.end, keyword };
        if let Some(list) = self.by_topic.get_mut(keyword.topic as usize) {
            list.push(hit);
        }
        if !matches!(keyword.topic, Topic::Name | Topic::Reading) {
            self.all.push(hit);
        }
    }

    /// Where the keywords of a topic end, with the evidence each gives; of words that end together the longest.
    pub(crate) fn ends(&self, topic: Topic) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        let hits = self.by_topic.get(topic as usize).map_or(&[][..], Vec::as_slice);
        hits.chunk_by(|a, b| a.end == b.end)
            .filter_map(|same| same.iter().min_by_key(|hit| hit.start).map(|hit| (hit.keyword.evidence, hit.end)))
    }

    /// Whether any keyword of the topic stands anywhere in the text.
    pub(crate) fn any(&self, topic: Topic) -> bool {
        self.by_topic.get(topic as usize).is_some_and(|hits| !hits.is_empty())
    }

    /// The evidence of the nearest keyword of `topic` with at most `limit` characters between it and `span`.
    pub(crate) fn near(&self, text: &str, topic: Topic, span: &Range<usize>, limit: usize) -> Option<&'static str> {
        let hits = self.by_topic.get(topic as usize)?;
        let next = hits.partition_point(|hit| hit.end <= span.start);
        let left = next
            .checked_sub(1)
            .and_then(|at| hits.get(at))
            .filter(|hit| within(text, hit.end, span.start, limit))
            .map(|hit| (longest(hits, next), span.start - hit.end));
        // A keyword can lie within the span only when it stands between groups; that is near indeed.
        let right = hits
            .get(next)
            .filter(|hit| hit.start < span.end || within(text, span.end, hit.start, limit))
            .map(|hit| (Some(hit.keyword.evidence), hit.start.saturating_sub(span.end)));
        match (left, right) {
            (Some((word, gap)), Some((other, far))) => {
                if gap <= far {
                    word
                } else {
                    other
                }
            }
            (Some((word, _)), None) | (None, Some((word, _))) => word,
            (None, None) => None,
        }
    }

    /// The evidence of the keyword that labels `span`: of all keywords, the nearest before it is of `topic`.
    pub(crate) fn labels(&self, text: &str, topic: Topic, span: &Range<usize>, limit: usize) -> Option<&'static str> {
        let next = self.all.partition_point(|hit| hit.end <= span.start);
        let nearest = self.all.get(next.checked_sub(1)?)?;
        if !within(text, nearest.end, span.start, limit) {
            return None;
        }
        self.all
            .get(..next)?
            .iter()
            .rev()
            .take_while(|hit| hit.end == nearest.end)
            .find(|hit| hit.keyword.topic == topic)
            .map(|hit| hit.keyword.evidence)
    }
}

/// Of the keywords that end together before index `next`, the longest.
fn longest(hits: &[Hit], next: usize) -> Option<&'static str> {
    let known = hits.get(..next)?;
    let end = known.last()?.end;
    known.iter().rev().take_while(|hit| hit.end == end).min_by_key(|hit| hit.start).map(|hit| hit.keyword.evidence)
}

fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    !letter(before(text, span.start)) && !letter(after(text, span.end))
}
