//! What may be done to an audit firm's application and registration. Only the committee decides them.

use super::super::acts::{self, Act, Cites, Shown};
use super::super::operator::meeting_choices;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Field, Problem};
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepFirm};
use sekisho_domain::id::PartyId;
use sekisho_domain::ismap::firm::FirmStep;
use sekisho_domain::register::Register;

/// Key, button, what it means, whether it rests on a rule.
type Known = (&'static str, &'static str, &'static str, Cites);

const ACTS: [Known; 8] = [
    ("submit", "提出する", "申請書を制度の運営者に提出します。提出すると審査が始まります。", Cites::No),
    ("screen", "審査を始める", "提出された申請の審査を始めます。", Cites::No),
    ("docket", "付議する", "この申請を会議の議題にします。登録するかどうかは運営委員会が決めます。", Cites::No),
    ("return", "差し戻す", "申請を監査機関に差し戻します。直すところを理由に書いてください。", Cites::No),
    ("lift", "一時停止を解除する", "一時停止を解除します。", Cites::Must),
    ("suspend", "一時停止する", "登録を一時停止します。契約中の監査も、報告できなくなります。", Cites::Must),
    ("remove", "取り消す", "登録を取り消します。元には戻せません。", Cites::Must),
    ("withdraw", "取り下げる・辞退する", "申請を取り下げ、または登録を辞退します。", Cites::No),
];

/// The step of a key.
pub(super) fn step(key: &str, fields: &Fields) -> Option<FirmStep> {
    Some(match key {
        "submit" => FirmStep::Submit,
        "screen" => FirmStep::Screen,
        "docket" => FirmStep::Docket { meeting: fields.get("meeting").parse().ok()? },
        "return" => FirmStep::Return,
        "lift" => FirmStep::Lift,
        "suspend" => FirmStep::Suspend,
        "remove" => FirmStep::Remove,
        "withdraw" => FirmStep::Withdraw,
        _ => return None,
    })
}

/// The key of a step, to know a form that was sent twice.
pub(super) fn key(step: &FirmStep) -> &'static str {
    match step {
        FirmStep::Submit => "submit",
        FirmStep::Screen => "screen",
        FirmStep::Docket { .. } => "docket",
        FirmStep::Return => "return",
        FirmStep::Lift => "lift",
        FirmStep::Suspend => "suspend",
        FirmStep::Remove => "remove",
        FirmStep::Withdraw => "withdraw",
        FirmStep::Draft { .. } | FirmStep::FileRenewal { .. } | FirmStep::Registered { .. } | FirmStep::Rejected => "",
    }
}

/// What the person may do now, the likeliest first.
pub(super) fn all(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    firm: &PartyId,
    today: Date,
    shown: &Shown<'_>,
) -> Vec<Act> {
    let meetings = meeting_choices(register);
    let mut all = Vec::new();
    for (name, label, about, cites) in ACTS {
        let meeting = meetings.first().and_then(|choice| choice.value.parse().ok());
        let tried = match (name, meeting) {
            ("docket", Some(meeting)) => Some(FirmStep::Docket { meeting }),
            ("docket", None) => None,
            (name, _) => step(name, &Fields::default()),
        };
        let Some(tried) = tried else { continue };
        let command = Command::StepFirm(StepFirm { firm: firm.clone(), on: None, rule: None, step: tried });
        if !acts::is_open(app, register, signed, command) {
            continue;
        }
        let own =
            if name == "docket" { vec![Field::select("meeting", "会議", meetings.clone())] } else { Vec::new() };
        all.push(Act::new(name, label, about, acts::fields(register, today, shown, name, own, cites)));
    }
    all
}

/// Who hands back says why: the firm reads it.
pub(super) fn lacks_reason(key: &str, reason: &str) -> Option<Problem> {
    (key == "return" && reason.trim().is_empty())
        .then(|| Problem::at("reason", "差し戻す理由と、直すところを書いてください。"))
}
