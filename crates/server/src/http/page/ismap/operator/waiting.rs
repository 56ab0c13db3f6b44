//! What waits for whom: every machine of the scheme, asked for the one person who looks. The home page of ISMAP shows it.

use super::filing_acts::is_ready;
use super::filings::{party_name, title};
use super::{deadlines, seeing};
use jiff::civil::Date;
use sekisho_domain::id::{MeetingId, PartyId, PersonId};
use sekisho_domain::ismap::change_notice::{NoticeOutcome, NoticeState};
use sekisho_domain::ismap::committee::{AgendaItem, Meeting, MeetingState};
use sekisho_domain::ismap::engagement::EngagementState;
use sekisho_domain::ismap::filing::{Filing, FilingState};
use sekisho_domain::ismap::firm::FirmState;
use sekisho_domain::ismap::incident::{IncidentState, SchemeIncident};
use sekisho_domain::ismap::look_up::AnnexState;
use sekisho_domain::ismap::party::SchemeRole as Role;
use sekisho_domain::ismap::preliminary::PreliminaryState;
use sekisho_domain::ismap::statement::StatementState;
use sekisho_domain::ismap::{ListStatus, RegistrationState};
use sekisho_domain::register::Register;
use std::collections::BTreeSet;

/// Days before a deadline from which it is told of.
const SOON_DAYS: i32 = 30;

/// Text, address and what the link says.
type Line = (String, String, &'static str);

/// What waits for a person, the most pressing kinds first.
pub(in crate::http::page::ismap) fn waiting(register: &Register, person: &PersonId, today: Date) -> Vec<Line> {
    let scheme = register.scheme();
    let Some(party) = scheme.party_of(person) else { return Vec::new() };
    let who = Who { register, person, party, roles: scheme.roles_of(person), today };
    let mut lines = Vec::new();
    for part in [
        Who::deadlines,
        Who::filings,
        Who::statements,
        Who::engagements,
        Who::firms,
        Who::preliminaries,
        Who::meetings,
        Who::incidents,
        Who::notices,
        Who::suspensions,
        Who::annexes,
    ] {
        part(&who, &mut lines);
    }
    lines
}

/// Whoever looks, with what they are.
struct Who<'a> {
    register: &'a Register,
    person: &'a PersonId,
    party: &'a PartyId,
    roles: BTreeSet<Role>,
    today: Date,
}

impl Who<'_> {
    fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Holds one of these roles for whoever runs the scheme: these roles exist there alone.
    fn operates(&self) -> bool {
        [Role::Secretariat, Role::IpaReception, Role::IpaReviewer].iter().any(|role| self.is(*role))
    }

    /// Prepares or answers for the provider.
    fn writes(&self) -> bool {
        self.is(Role::CspStaff) || self.is(Role::CspHead)
    }

    fn audits(&self) -> bool {
        [Role::AuditExec, Role::AuditLead, Role::AuditMember].iter().any(|role| self.is(*role))
    }

    fn name_of(&self, filing: &Filing) -> String {
        filing.form.as_ref().map(|form| title(self.register, form)).unwrap_or_default()
    }

    fn deadlines(&self, lines: &mut Vec<Line>) {
        let observes = !(self.writes() || self.audits() || self.operates());
        if observes {
            return;
        }
        for deadline in deadlines::mine(self.register, self.person, self.today) {
            if deadline.days_left > SOON_DAYS {
                continue;
            }
            let (what, of, href) = deadlines::words(self.register, &deadline.due);
            let left = match deadline.days_left {
                ..0 => format!("{} 日過ぎています", deadline.days_left.unsigned_abs()),
                0 => "今日が期限です".to_owned(),
                days => format!("あと {days} 日です"),
            };
            lines.push((format!("{what}: {of} — {left}。"), href, "確かめる"));
        }
    }

    fn filings(&self, lines: &mut Vec<Line>) {
        use FilingState as S;
        for (id, filing) in self.register.scheme().filings.all() {
            let own = filing.form.as_ref().is_some_and(|form| form.party == *self.party) && self.writes();
            let name = self.name_of(filing);
            let reviews = self.is(Role::IpaReviewer) && filing.reviewer.as_ref().is_none_or(|r| r == self.person);
            let waits = match filing.state {
                S::Draft if own => Some((format!("申請書「{name}」が作成中です。"), "続きを書く")),
                S::Returned if own => Some((format!("申請「{name}」が差し戻されました。"), "直して申請する")),
                S::Inquiry if own => Some((format!("申請「{name}」に照会が届いています。"), "回答する")),
                S::Filed if self.is(Role::IpaReception) => {
                    Some((format!("申請「{name}」が届きました。"), "受理確認を始める"))
                }
                S::AcceptanceCheck if self.is(Role::IpaReception) => {
                    Some((format!("申請「{name}」は受理確認中です。"), "受理か差戻しを決める"))
                }
                S::Accepted if reviews && filing.receptionist.as_ref() != Some(self.person) => {
                    Some((format!("申請「{name}」の技術的審査が始まっていません。"), "審査を始める"))
                }
                S::TechnicalReview if reviews => Some((format!("申請「{name}」を審査中です。"), "審査する")),
                _ if self.is(Role::Secretariat) && is_ready(self.register, filing) => {
                    Some((format!("申請「{name}」を付議できます。"), "会議に付議する"))
                }
                _ => None,
            };
            let edits = matches!(filing.state, S::Draft | S::Returned);
            let href = if own && edits { format!("/ismap/filings/{id}/edit") } else { format!("/ismap/filings/{id}") };
            lines.extend(waits.map(|(text, label)| (text, href, label)));
        }
    }

    fn statements(&self, lines: &mut Vec<Line>) {
        if !self.writes() {
            return;
        }
        for (id, statement) in self.register.scheme().statements.all().filter(|(_, s)| s.party == *self.party) {
            let party = self.register.scheme().parties.now(self.party);
            let offering = party.and_then(|p| p.offerings.get(&statement.offering)).cloned().unwrap_or_default();
            let proposed = self
                .register
                .scheme()
                .engagements
                .all()
                .any(|(_, e)| e.statement == *id && e.state != EngagementState::Withdrawn);
            let filed = self
                .register
                .scheme()
                .filings
                .all()
                .any(|(_, f)| !f.state.is_over() && f.form.as_ref().is_some_and(|form| form.statement == *id));
            let (text, path, label) = match statement.state {
                StatementState::Draft => ("作成中です", format!("/ismap/statements/{id}"), "続きを書く"),
                StatementState::Validated if self.is(Role::CspHead) => {
                    ("署名を待っています", format!("/ismap/statements/{id}"), "確かめて署名する")
                }
                StatementState::Signed if !proposed => {
                    ("署名済みで、監査を依頼していません", "/ismap/engagements/new".to_owned(), "監査を依頼する")
                }
                StatementState::Audited if !filed => {
                    ("監査が済み、申請していません", "/ismap/filings/new".to_owned(), "申請する")
                }
                _ => continue,
            };
            lines.push((format!("言明書「{offering}」（{id}）は{text}。"), path, label));
        }
    }

    fn engagements(&self, lines: &mut Vec<Line>) {
        use EngagementState as S;
        let scheme = self.register.scheme();
        let signs = self.is(Role::AuditExec) || self.is(Role::AuditLead);
        for (id, engagement) in scheme.engagements.all() {
            let provider = scheme.statements.now(&engagement.statement).map(|s| &s.party);
            let theirs = provider == Some(self.party) && self.writes();
            let ours = engagement.firm == *self.party && self.audits();
            let of = provider.map(|party| party_name(self.register, party)).unwrap_or_default();
            let (text, label) = match engagement.state {
                S::Proposed if ours && signs => ("監査の依頼が届いています", "独立性を確かめる"),
                S::IndependenceChecked if ours && signs => ("独立性を確認しました", "契約を記録する"),
                S::Contracted if ours => ("契約しました", "計画を作る"),
                S::Planned if ours => ("計画ができました", "監査を始める"),
                S::Fieldwork if ours => ("監査中です", "評価を進める"),
                S::FindingsOpen if theirs => ("発見事項が届いています", "回答する"),
                S::CspResponse if ours => ("事業者の回答が届いています", "確かめる"),
                S::Reported if ours && signs => ("報告しました", "完了にする"),
                _ => continue,
            };
            let firm = party_name(self.register, &engagement.firm);
            let whose = if theirs { firm } else { of };
            lines.push((format!("監査 {id}（{whose}）: {text}。"), format!("/ismap/engagements/{id}"), label));
        }
    }

    fn firms(&self, lines: &mut Vec<Line>) {
        use FirmState as S;
        let screens = self.is(Role::Secretariat) || self.is(Role::IpaReception);
        for (id, firm) in self.register.scheme().firms.all() {
            let own = id == self.party && (self.is(Role::AuditExec) || self.is(Role::AuditLead));
            let (text, label) = match firm.state_on(self.today) {
                S::Draft if own => ("登録の申請書が作成中です", "続きを書く"),
                S::Returned if own => ("登録の申請が差し戻されました", "直して提出する"),
                S::Expired if own => ("登録期間が終わりました", "申請する"),
                S::Submitted | S::RenewalUnderReview if screens => ("登録の申請が届いています", "審査を始める"),
                S::Screening if screens => ("登録の申請を審査中です", "付議か差戻しを決める"),
                _ => continue,
            };
            let name = party_name(self.register, id);
            lines.push((format!("監査機関「{name}」: {text}。"), format!("/ismap/firms/{id}"), label));
        }
    }

    fn preliminaries(&self, lines: &mut Vec<Line>) {
        use PreliminaryState as S;
        for (id, one) in self.register.scheme().preliminaries.all() {
            let own = one.party == *self.party && self.writes();
            let assesses = one.procurer.as_ref() == Some(self.party) && self.is(Role::Procurer);
            let (text, label) = match one.state {
                S::Draft if own => ("作成中です", "影響度評価を依頼する"),
                S::ImpactLow if own => ("影響が小さいと評価されました", "届け出る"),
                S::ImpactRequested if assesses => ("影響度評価を依頼されています", "評価する"),
                S::Filed if self.operates() => ("届いています", "対象となるかを決める"),
                _ => continue,
            };
            let whose = party_name(self.register, &one.party);
            let href = format!("/ismap/preliminaries/{id}");
            lines.push((format!("ISMAP-LIU の事前申請（{whose}）: {text}。"), href, label));
        }
    }

    fn meetings(&self, lines: &mut Vec<Line>) {
        let (secretariat, member) = (self.is(Role::Secretariat), self.is(Role::CommitteeMember));
        if !secretariat && !member {
            return;
        }
        let scheme = self.register.scheme();
        for (id, meeting) in scheme.meetings.all() {
            let href = format!("/ismap/meetings/{id}");
            let on = crate::http::page::words::day(meeting.day);
            let left = (meeting.day - self.today).get_days();
            match meeting.state {
                MeetingState::Open if secretariat => {
                    let undecided = undecided(self.register, id, meeting);
                    let text = match undecided {
                        0 => format!("{on}の会議は、すべての議題を決定しました。"),
                        n => format!("{on}の会議に、決定していない議題が {n} 件あります。"),
                    };
                    lines.push((text, href, if undecided == 0 { "議事録を保管する" } else { "決定する" }));
                }
                MeetingState::Convened if secretariat && left <= 0 => {
                    lines.push((format!("{on}の会議をまだ開いていません。"), href, "開会する"));
                }
                MeetingState::Convened if member && (0..=SOON_DAYS).contains(&left) => {
                    let text = format!("{on}に会議があります。利害関係のある議題は忌避を記録してください。");
                    lines.push((text, href, "議題を見る"));
                }
                _ => {}
            }
        }
    }

    fn incidents(&self, lines: &mut Vec<Line>) {
        use IncidentState as S;
        for (id, incident) in self.register.scheme().incidents.all() {
            let own = self.writes() && seeing::provides(self.register, self.person, &incident.number);
            let (text, label) = match incident.state {
                S::PrelimDue if own => ("速報を出してください", "速報を出す"),
                S::FinalDue if own => ("確報を出してください", "確報を出す"),
                S::FinalFiled if self.operates() => ("確報が届いています", "確認を始める"),
                S::UnderReview if self.operates() => ("確認中です", "対応を決める"),
                S::ReAuditOrdered | S::SuspensionProposed if self.operates() => ("対応が続いています", "完了にする"),
                _ => continue,
            };
            let title = &incident.title;
            let text = format!("インシデント「{title}」（{}）: {text}。", incident.number);
            lines.push((text, format!("/ismap/incidents/{id}"), label));
        }
    }

    fn notices(&self, lines: &mut Vec<Line>) {
        use NoticeState as S;
        for (id, notice) in self.register.scheme().notices.all() {
            let own = self.writes() && seeing::provides(self.register, self.person, &notice.number);
            let (text, label) = match notice.state {
                S::Drafted if own => ("下書きのままです", "届け出る"),
                S::Filed if self.operates() => ("届いています", "確認を始める"),
                S::Triaged if self.operates() => ("確認中です", "対応を決める"),
                S::Resolved if self.operates() => ("対応を決めました", "完了にする"),
                _ => continue,
            };
            let text = format!("変更の届出（{}）: {text}。", notice.number);
            lines.push((text, format!("/ismap/change-notices/{id}"), label));
        }
    }

    /// Suspensions that were proposed and stand on no agenda yet.
    fn suspensions(&self, lines: &mut Vec<Line>) {
        if !self.is(Role::Secretariat) {
            return;
        }
        let scheme = self.register.scheme();
        let proposed = |i: &SchemeIncident| i.state == IncidentState::SuspensionProposed;
        let incidents = scheme.incidents.all().filter(|(_, i)| proposed(i)).map(|(_, i)| i.number.clone());
        let notices = scheme
            .notices
            .all()
            .filter(|(_, n)| n.outcome == Some(NoticeOutcome::SuspensionProposed) && n.state == NoticeState::Resolved);
        let numbers: BTreeSet<String> = incidents.chain(notices.map(|(_, n)| n.number.clone())).collect();
        for number in numbers {
            let item = AgendaItem::Registration { number: number.clone() };
            let listed = self.register.registration(&number).is_some_and(|row| row.status == ListStatus::Listed);
            let docketed =
                scheme.meetings.all().any(|(_, m)| m.state != MeetingState::Cancelled && m.added.contains(&item));
            if listed && !docketed {
                let text = format!("登録 {number} の一時停止が、まだ会議の議題になっていません。");
                lines.push((text, "/ismap/meetings".to_owned(), "会議の議題に加える"));
            }
        }
    }

    fn annexes(&self, lines: &mut Vec<Line>) {
        for (id, request) in self.register.scheme().annexes.all() {
            let href = format!("/ismap/annexes/{id}");
            let head = self.is(Role::CspHead) && seeing::provides(self.register, self.person, &request.number);
            match request.state_on(self.today) {
                AnnexState::Requested if head => {
                    let text = format!("登録 {} の言明書の別添を、調達機関が求めています。", request.number);
                    lines.push((text, href, "答える"));
                }
                AnnexState::Granted if request.by.as_ref() == Some(self.person) => {
                    lines.push((format!("登録 {} の言明書の別添を閲覧できます。", request.number), href, "開く"));
                }
                _ => {}
            }
        }
        // A registration that ran out is nobody's deadline any more, but its provider has to know.
        if !self.writes() {
            return;
        }
        let own = self.register.registrations().filter(|row| {
            row.state_on(self.today) == RegistrationState::Expired
                && seeing::provides(self.register, self.person, &row.number)
        });
        lines.extend(own.map(|row| {
            let text = format!("登録 {} は有効期限を過ぎて失効しています。新規の申請が必要です。", row.number);
            (text, "/ismap/filings".to_owned(), "申請を見る")
        }));
    }
}

fn undecided(register: &Register, id: &MeetingId, meeting: &Meeting) -> usize {
    let all = super::meetings::items(register.scheme(), id, meeting, None);
    all.iter().filter(|item| !meeting.decisions.contains_key(item)).count()
}
