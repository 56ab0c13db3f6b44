//! The answer of a scan.

use std::ops::Range;

use serde::Serialize;

/// The identifier of a detection rule, such as `MK-05` or `ID-MYNUMBER`; [`crate::rules`] lists them all.
pub type RuleId = &'static str;

/// One thing found in a text. It never carries the matched text itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that was met.
    pub rule: RuleId,
    /// What the finding means for the grade and the decision.
    pub signal: Signal,
    /// Where it stands: bytes of the original text, always on character boundaries.
    pub span: Range<usize>,
    /// How sure the detector is.
    pub confidence: Confidence,
    /// What the confidence rests on, such as `check digit` or `keyword マイナンバー`.
    pub evidence: Vec<&'static str>,
}

/// How sure the detector is of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Worth a hint, never a refusal: the word is discussed, or the form alone is weak.
    Low,
    /// One sign: a check digit, or a distinctive form, at clean boundaries.
    Medium,
    /// Two independent signs, or a mark set as marks are set.
    High,
}

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// A mark of secrets that must not enter the system at all (MK-01 to MK-03).
    OutOfScope,
    /// A mark of a secret document (MK-04, MK-11): level 3.
    Secret,
    /// A stated level of 機密性, 1 to 3 (MK-05, MK-07, MK-10).
    Confidentiality(u8),
    /// A stated level of 自治体機密性 (MK-06).
    Municipal(MunicipalLevel),
    /// A mark for internal circulation (MK-08): level 2.
    Internal,
    /// A handling restriction (MK-09).
    Restricted,
    /// A word that often stands in unpublished matter (MK-12, and 完全性/可用性 of MK-07).
    Hint,
    /// 個人番号.
    MyNumber,
    /// A key, a password in a URL, or a private key.
    Credential,
    /// Data that identifies or reaches a person.
    PersonalData(PersonalKind),
    /// An identifier that is public by law and no personal data (法人番号, 団体コード).
    PublicIdentifier,
    /// Characters that are not seen: zero width, text direction, tag block.
    Invisible,
}

/// The levels of 自治体機密性 (local-government guideline, 2024 edition), in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MunicipalLevel {
    /// 自治体機密性1.
    One,
    /// 自治体機密性2.
    Two,
    /// 自治体機密性3C.
    ThreeC,
    /// 自治体機密性3B.
    ThreeB,
    /// 自治体機密性3A.
    ThreeA,
}

/// Which kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalKind {
    /// 住民票コード.
    ResidentRecordCode,
    /// 運転免許証の番号.
    DriverLicence,
    /// 旅券番号.
    Passport,
    /// 在留カード・特別永住者証明書の番号.
    ResidenceCard,
    /// 基礎年金番号.
    BasicPension,
    /// 雇用保険被保険者番号.
    EmploymentInsurance,
    /// 保険者番号.
    Insurer,
    /// 被保険者等記号・番号・枝番.
    Insured,
    /// 預貯金口座.
    BankAccount,
    /// クレジットカード等の番号.
    PaymentCard,
    /// 電話番号.
    Telephone,
    /// 郵便番号.
    PostalCode,
    /// メールアドレス.
    Email,
    /// IPアドレス.
    IpAddress,
    /// 氏名.
    PersonName,
    /// 住所.
    Address,
    /// 生年月日.
    BirthDate,
}
