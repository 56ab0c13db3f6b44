//! What every event of governance is called.

/// Kind and words, in the order of the domain.
const WORDS: [(&str, &str); 79] = [
    ("organization.established", "機関を登録した"),
    ("department.placed", "部局を置いた・移した"),
    ("person.joined", "職員を登録した"),
    ("person.moved", "職員の部局・職を変えた"),
    ("person.left", "職員の離任を記録した"),
    ("person.forgotten", "離任者の名簿を消去した"),
    ("role.granted", "役割を与えた"),
    ("role.withdrawn", "役割を解いた"),
    ("key.issued", "鍵を発行した"),
    ("key.revoked", "鍵を失効させた"),
    ("account.invited", "アカウント登録のリンクを発行した"),
    ("account.opened", "アカウントを登録した"),
    ("second_factor.enrolled", "二要素認証を登録した"),
    ("regulation.enacted", "規程を施行した"),
    ("rules.adopted", "規則を採用した"),
    ("rules.withdrawn", "規則の採用をやめた"),
    ("handling.set", "検出の取扱いを定めた"),
    ("budget.set", "予算を定めた"),
    ("budget.ended", "予算を終えた"),
    ("price.set", "単価を定めた"),
    ("service.registered", "サービスを登録した"),
    ("service.changed", "サービスの登録内容を変えた"),
    ("service.terms_changed", "サービスの約款・提供条件の変更を記録した"),
    ("service.withdrawn", "サービスの提供をやめた"),
    ("advisory.opened", "注意喚起を記録した"),
    ("advisory.lifted", "注意喚起の解除を記録した"),
    ("consultation.recorded", "報告・了解の状況を記録した"),
    ("registration.recorded", "ISMAP の登録を記録した"),
    ("registration.list_recorded", "公表された ISMAP のリストを取り込んだ"),
    ("registration.status_changed", "ISMAP の登録状態の変更を記録した"),
    ("registration.renewal_filed", "ISMAP の更新申請を記録した"),
    ("registration.renewed", "ISMAP の更新を記録した"),
    ("incident.opened", "インシデントを記録した"),
    ("incident.closed", "インシデントの終結を記録した"),
    ("application.submitted", "利用を申請した"),
    ("application.returned", "利用申請を差し戻した"),
    ("application.resubmitted", "利用申請を再提出した"),
    ("application.withdrawn", "利用申請を取り下げた"),
    ("application.refused", "利用申請を不承認とした"),
    ("application.approved", "利用申請を承認した"),
    ("risk.decided", "高リスクの可能性について判断した"),
    ("permit.suspended", "承認の効力を停止した"),
    ("permit.reapproved", "停止中の承認を再び承認した"),
    ("permit.revoked", "承認を取り消した"),
    ("permit.condition_met", "承認の条件を満たしたと記録した"),
    ("app.shared", "職員のアプリを部局で使えるようにした"),
    ("app.unshared", "職員のアプリの共有をやめた"),
    ("party.stepped", "ISMAP の当事者を登録・変更した"),
    ("rule_document.stepped", "ISMAP の規程類を記録した"),
    ("criteria.stepped", "管理基準の版を登録・変更した"),
    ("audit_firm.stepped", "監査機関の手続を進めた"),
    ("statement.stepped", "言明書の手続を進めた"),
    ("engagement.stepped", "監査の手続を進めた"),
    ("preliminary.stepped", "LIU の事前申請を進めた"),
    ("filing.stepped", "登録申請の手続を進めた"),
    ("meeting.stepped", "運営委員会の会議を記録した"),
    ("scheme_incident.stepped", "登録サービスのインシデントの手続を進めた"),
    ("change_notice.stepped", "変更の届出の手続を進めた"),
    ("look_up.stepped", "調達のためにリストを参照した"),
    ("annex.stepped", "言明書の別添の請求を進めた"),
    ("scheme.set", "ISMAP の運用の設定を変えた"),
    ("registration.renewal_ended", "ISMAP の更新申請の終結を記録した"),
    ("shadow.opened", "ログの仮名を開いた"),
    ("content.requested", "封緘した内容の開封を請求した"),
    ("content.granted", "開封の請求に同意した"),
    ("content.erased", "封緘した内容を消去した"),
    ("retention.set", "保存期間を定めた"),
    ("record.classified", "利用の内容を区分した"),
    ("hold.placed", "廃棄を停止した"),
    ("hold.lifted", "廃棄の停止を解除した"),
    ("disposal.drafted", "廃棄簿を作成した"),
    ("disposal.approved", "廃棄簿を承認した"),
    ("disposal.refused", "廃棄簿を取り下げた・承認しなかった"),
    ("disposal.begun", "廃棄を始めた"),
    ("disposal.completed", "廃棄を証明した"),
    ("disclosure.opened", "開示請求を受け付けた"),
    ("disclosure.granted", "開示のための閲覧に同意した"),
    ("disclosure.handed_out", "開示用のファイルを作った"),
    ("disclosure.closed", "開示請求への対応を終えた"),
];

/// The words of a kind; a kind that a newer program wrote stays as it is called there.
pub(super) fn of(kind: &str) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == kind).map_or("（この版の知らない記録）", |(_, words)| words)
}

/// All of them, to choose from.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    WORDS.into_iter()
}

#[cfg(test)]
mod tests {
    use super::WORDS;
    use sekisho_domain::event::Event;

    #[test]
    fn every_kind_has_words_of_its_own() {
        let kinds: Vec<&str> = WORDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, Event::KINDS);
        let words: std::collections::BTreeSet<&str> = WORDS.iter().map(|(_, words)| *words).collect();
        assert_eq!(words.len(), WORDS.len());
    }
}
