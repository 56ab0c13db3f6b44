//! `sekisho register {show,at}`: what is true now, or was true at a position of the ledger.

use crate::cli::{self, Data, Ended, Failed, Voice};
use sekisho_domain::register::Register as Folded;
use serde_json::{Value, json};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Register {
    /// いまの登録簿 / now
    Show(Data),
    /// 台帳が POSITION 件だったときの登録簿 / when the ledger held POSITION entries
    At(At),
}

#[derive(Debug, clap::Args)]
pub(crate) struct At {
    /// 台帳の件数 / number of entries
    position: u64,
    #[command(flatten)]
    data: Data,
}

pub(crate) async fn run(voice: Voice, command: Register) -> Result<Ended, Failed> {
    let (data, position) = match command {
        Register::Show(data) => (data, u64::MAX),
        Register::At(at) => (at.data, at.position),
    };
    let installation = cli::open(&data).await?;
    let register = installation.store.register_at(position).await;
    installation.close().await;
    // A register is data to look into: people and programs get the same JSON.
    voice.print(&shown(&register?));
    Ok(Ended::Ok)
}

fn shown(register: &Folded) -> Value {
    let mut permits: Vec<_> = register.permits().collect();
    permits.sort_by(|a, b| a.permit.cmp(&b.permit));
    let mut applications: Vec<_> = register.applications().collect();
    applications.sort_by(|a, b| a.application.cmp(&b.application));
    let mut persons: Vec<_> = register.persons().collect();
    persons.sort_by(|a, b| a.person.cmp(&b.person));
    json!({
        "position": register.position(),
        "organization": register.organization(),
        "regulation": register.regulation().parts().collect::<Vec<_>>(),
        "rules": register.rules().map(|r| r.digest().to_owned()),
        "rule_sets": register.rule_sets().map(|s| json!({ "id": s.id, "title": s.title, "edition": s.edition })).collect::<Vec<_>>(),
        "services": register.services().collect::<Vec<_>>(),
        "registrations": register.registrations().collect::<Vec<_>>(),
        "applications": applications,
        "permits": permits,
        "persons": persons,
    })
}
