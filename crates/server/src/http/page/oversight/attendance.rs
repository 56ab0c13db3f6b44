//! 立会い: how the witnesses of other departments stand to this ledger.

use super::amounts::number;
use super::period::exact;
use crate::http::App;
use crate::http::page::error::PageError;
use sekisho_ledger::note::Note;
use sekisho_store::{RefusalKind, WitnessRow};

/// All witnesses, for the page.
pub(super) struct Attendance {
    pub(super) witnesses: Vec<OneWitness>,
    pub(super) quorum: usize,
    /// How many have cosigned the newest checkpoint.
    pub(super) cosigned: usize,
    pub(super) met: bool,
    /// The rule as a file.
    pub(super) policy: String,
}

/// One witness.
pub(super) struct OneWitness {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) state: &'static str,
    pub(super) tone: &'static str,
    pub(super) size: String,
    pub(super) at: String,
    pub(super) fault: Option<Fault>,
    pub(super) refusal: Option<Refused>,
}

pub(super) struct Fault {
    pub(super) text: &'static str,
    pub(super) detail: String,
    pub(super) since: String,
}

/// A refusal and what it means.
pub(super) struct Refused {
    pub(super) is_rollback: bool,
    pub(super) at: String,
    pub(super) ours: String,
    pub(super) theirs: String,
    /// Entries that the witness has vouched for and this ledger lacks.
    pub(super) lost: String,
    /// It has cosigned further since.
    pub(super) settled: bool,
}

impl Attendance {
    /// `newest` is the newest checkpoint as it is published.
    pub(super) async fn of(app: &App, newest: Option<(u64, &str)>) -> Result<Self, PageError> {
        let configured = &app.config.witnesses;
        let mut witnesses = Vec::with_capacity(configured.all.len());
        for witness in &configured.all {
            let row = app.store.witness(&witness.key.vkey()).await?;
            let signed = newest.map(|(size, _)| size);
            witnesses.push(OneWitness::of(witness.key.name(), &witness.url, row, signed));
        }
        let note = newest.and_then(|(_, note)| Note::parse(note.as_bytes()).ok());
        let witnessed = note.and_then(|note| configured.policy.judge(&note).ok());
        Ok(Self {
            witnesses,
            quorum: configured.quorum,
            cosigned: witnessed.as_ref().map_or(0, |witnessed| witnessed.cosigned.len()),
            met: witnessed.is_some_and(|witnessed| witnessed.met),
            policy: configured.policy_file(app.store.vkey()),
        })
    }

    /// Those that refuse this ledger now.
    pub(super) fn refusing(&self) -> impl Iterator<Item = (&OneWitness, &Refused)> {
        let refused = |one: &OneWitness| one.refusal.as_ref().is_some_and(|refusal| !refusal.settled);
        self.witnesses.iter().filter(move |one| refused(one)).filter_map(|one| Some((one, one.refusal.as_ref()?)))
    }
}

impl OneWitness {
    fn of(name: &str, url: &str, row: WitnessRow, signed: Option<u64>) -> Self {
        let refusal = row.refusal.map(|refusal| Refused {
            is_rollback: refusal.kind == RefusalKind::Rollback,
            at: exact(refusal.at),
            ours: number(refusal.ours),
            theirs: number(refusal.theirs),
            lost: number(refusal.theirs.saturating_sub(refusal.ours)),
            settled: row.size > refusal.theirs,
        });
        let fault =
            row.fault.map(|fault| Fault { text: words(&fault.code), since: exact(fault.at), detail: fault.detail });
        let (state, tone) = match (&refusal, &fault) {
            (Some(refusal), _) if !refusal.settled => ("署名を拒否", "tag bad"),
            (_, Some(_)) => ("署名が得られません", "tag bad"),
            _ if row.size == 0 => ("まだ署名していません", "tag look"),
            _ if signed == Some(row.size) => ("最新の要約に署名済み", "tag"),
            _ => ("最新の要約を送っています", "tag"),
        };
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            state,
            tone,
            size: if row.size == 0 { "—".to_owned() } else { format!("{} 件", number(row.size)) },
            at: row.cosigned_at.map_or_else(|| "—".to_owned(), exact),
            fault,
            refusal,
        }
    }
}

/// What a fault means and what to do.
fn words(code: &str) -> &'static str {
    match code {
        "unreached" => {
            "つながりません。立会いが動いているか、アドレス、経路、証明書を確かめてください。自動で何度も試します。"
        }
        "unknown-log" => {
            "立会いがこの台帳を知りません。立会いの機関に、下の検証鍵を --log に指定してもらってください。"
        }
        "unknown-key" => "立会いが知る鍵と、この台帳の鍵が違います。立会いの機関に、下の検証鍵を渡してください。",
        "cosignature" => {
            "答えの署名が、設定した検証鍵で確かめられません。設定の key と、立会いが表示する検証鍵を比べてください。"
        }
        _ => "答えが手順に合いません。立会いの機関に知らせてください。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use sekisho_store::{WitnessFault, WitnessRefusal};

    fn state(row: WitnessRow, signed: u64) -> &'static str {
        OneWitness::of("w", "https://w", row, Some(signed)).state
    }

    #[test]
    fn a_refusal_outweighs_a_fault_until_the_witness_has_cosigned_further() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let fault = Some(WitnessFault { code: "unreached".into(), detail: "x".into(), at });
        let refusal = Some(WitnessRefusal { kind: RefusalKind::Rollback, at, ours: 50, theirs: 100 });
        let row = WitnessRow { size: 45, cosigned_at: Some(at), fault, refusal };
        assert_eq!(state(row.clone(), 50), "署名を拒否");
        assert_eq!(state(WitnessRow { size: 101, ..row.clone() }, 101), "署名が得られません");
        assert_eq!(state(WitnessRow { size: 101, fault: None, ..row.clone() }, 101), "最新の要約に署名済み");
        assert_eq!(state(WitnessRow { size: 101, fault: None, ..row }, 102), "最新の要約を送っています");
        assert_eq!(state(WitnessRow::default(), 3), "まだ署名していません");
    }
}
