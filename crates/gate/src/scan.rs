//! Scan: from findings in a text to the terms a decision uses.

use crate::handling::is_strong;
use sekisho_detect::{Confidence, Detector, Finding, MunicipalLevel, Signal, StreamScan};
use sekisho_domain::grade::{Grade, GradeScale};
use sekisho_domain::usage::{FindingCount, Signals};
use std::collections::BTreeMap;

/// What a text amounts to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scanned {
    /// In the terms of the decision.
    pub signals: Signals,
    /// Hits by rule.
    pub counts: Vec<FindingCount>,
}

/// Scans a text under a body's list of grades.
pub fn scan(detector: &Detector, scale: &GradeScale, text: &str) -> Scanned {
    let mut tally = Tally::default();
    tally.add(scale, &detector.scan(text));
    tally.scanned()
}

/// Scans a text that comes in pieces, wherever it is cut: a number cut over two events of a stream is still found.
#[derive(Debug, Default)]
pub(crate) struct ScanInPieces {
    scan: StreamScan,
    tally: Tally,
}

impl ScanInPieces {
    /// Takes the next piece.
    pub(crate) fn push(&mut self, detector: &Detector, scale: &GradeScale, piece: &str) {
        if !piece.is_empty() {
            let findings = self.scan.push(detector, piece);
            self.tally.add(scale, &findings);
        }
    }

    /// What the whole text amounts to, together with another.
    pub(crate) fn finish(mut self, detector: &Detector, scale: &GradeScale, other: Self) -> Scanned {
        self.tally.add(scale, &self.scan.finish(detector));
        self.tally.add(scale, &other.scan.finish(detector));
        for (rule, count) in other.tally.counts {
            let sum = self.tally.counts.entry(rule).or_default();
            *sum = sum.saturating_add(count);
        }
        self.tally.signals.join(other.tally.signals);
        self.tally.scanned()
    }
}

#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<&'static str, u32>,
    signals: Signals,
}

impl Tally {
    fn add(&mut self, scale: &GradeScale, findings: &[Finding]) {
        for finding in findings {
            let count = self.counts.entry(finding.rule).or_default();
            *count = count.saturating_add(1);
            weigh(&mut self.signals, scale, finding);
        }
    }

    fn scanned(self) -> Scanned {
        let counts = self.counts.into_iter();
        let counts = counts.map(|(rule, count)| FindingCount { count, rule: rule.to_owned() }).collect();
        Scanned { signals: self.signals, counts }
    }
}

/// Only what a mark says: for text that is looked at and not handed on.
pub(crate) fn weigh_mark(signals: &mut Signals, scale: &GradeScale, finding: &Finding) {
    match finding.signal {
        Signal::OutOfScope
        | Signal::Secret
        | Signal::Confidentiality(_)
        | Signal::Municipal(_)
        | Signal::Internal
        | Signal::Restricted => weigh(signals, scale, finding),
        _ => {}
    }
}

/// A finding raises, it never lowers. One of low confidence (a word such as 極秘 in running text) is counted, no more.
pub(crate) fn weigh(signals: &mut Signals, scale: &GradeScale, finding: &Finding) {
    if finding.confidence < Confidence::Medium {
        return;
    }
    let grade = match finding.signal {
        Signal::OutOfScope => {
            signals.out_of_scope = true;
            scale.highest()
        }
        Signal::Secret => scale.highest(),
        Signal::Confidentiality(level) => confidentiality(scale, level),
        Signal::Municipal(level) => municipal(scale, level),
        Signal::Internal => scale.first_sensitive(),
        Signal::Restricted => {
            signals.restricted = true;
            scale.lowest()
        }
        // A number with a right check digit is treated as a 個人番号 although one in ten random ones has it: the law
        // (番号法19条) leaves no room for a guess in the other direction.
        Signal::MyNumber => {
            signals.my_number = true;
            scale.first_sensitive()
        }
        Signal::Credential => {
            signals.credential = true;
            scale.first_sensitive()
        }
        strong if is_strong(strong) && finding.confidence == Confidence::High => scale.first_sensitive(),
        Signal::Hint | Signal::PersonalData(_) | Signal::PublicIdentifier | Signal::Invisible => scale.lowest(),
    };
    signals.detected = signals.detected.max(grade);
}

/// 機密性1 to 3 in the body's list; a level the list does not name counts as its highest.
fn confidentiality(scale: &GradeScale, level: u8) -> Grade {
    scale.parse(&level.to_string()).unwrap_or_else(|_| scale.highest())
}

/// 自治体機密性 in the body's list; a national body takes every 3 as its 3.
fn municipal(scale: &GradeScale, level: MunicipalLevel) -> Grade {
    let (code, plain) = match level {
        MunicipalLevel::One => ("M1", "1"),
        MunicipalLevel::Two => ("M2", "2"),
        MunicipalLevel::ThreeC => ("M3C", "3"),
        MunicipalLevel::ThreeB => ("M3B", "3"),
        MunicipalLevel::ThreeA => ("M3A", "3"),
    };
    scale.parse(code).or_else(|_| scale.parse(plain)).unwrap_or_else(|_| scale.highest())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(scale: &GradeScale, text: &str) -> Signals {
        scan(&Detector::new(), scale, text).signals
    }

    #[test]
    fn a_mark_raises_the_grade_in_the_bodys_own_list() {
        let national = GradeScale::national();
        let municipal = GradeScale::municipal();
        assert_eq!(signals(&national, "明日の天気").detected, Grade(0));
        assert_eq!(signals(&national, "【機密性2情報】本日の会議").detected, Grade(1));
        assert_eq!(signals(&national, "自治体機密性3B の資料").detected, Grade(2));
        assert_eq!(signals(&municipal, "自治体機密性3B の資料").detected, Grade(3));
        assert_eq!(signals(&municipal, "機密性3情報").detected, municipal.highest());
    }

    #[test]
    fn the_mark_of_designated_secrets_leaves_every_rule_set() {
        let found = signals(&GradeScale::national(), "【特定秘密】\n本文");
        assert!(found.out_of_scope);
        let talk = signals(&GradeScale::national(), "特定秘密保護法の概要を教えてください");
        assert!(!talk.out_of_scope);
    }
}
