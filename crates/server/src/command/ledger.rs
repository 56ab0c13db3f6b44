//! `sekisho ledger {export,verify,prove,witness}`.

use crate::cli::{self, Data, Ended, Failed, Voice, block_on};
use crate::command::witness::Witness;
use crate::records::recount::{Lists, SecondReading, Unfollowed};
use crate::use_report::bundle;
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use sekisho_domain::entry::Entry;
use sekisho_domain::id::UseId;
use sekisho_domain::register::Register;
use sekisho_domain::replay;
use sekisho_domain::usage::DecisionRecord;
use sekisho_domain::use_report::{Difference, Recount, UseReport};
use sekisho_ledger::hash::leaf_hash;
use sekisho_ledger::note::Verifier;
use sekisho_ledger::policy::Policy;
use sekisho_ledger::tlog_proof::TlogProof;
use sekisho_ledger::verify::{Fault, FaultKind, VerifyFailure, VerifyObserver, VerifyOptions, verify_dir};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Ledger {
    /// 台帳を書き出す（起動中でも停止中でも）/ export, running or stopped
    Export(Export),
    /// 書き出した台帳を、これだけで検証する / verify an exported ledger, offline
    Verify(Verify),
    /// 一つの記録の証明を作る・確かめる / make or check the proof of one entry
    Prove(Prove),
    /// 別の機関の台帳に立ち会う（続きであるときだけ署名する）/ witness another body's ledger: cosign only what continues it
    Witness(Witness),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    data: Data,
    /// 書出し先（空または未作成）/ folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// 書き出した台帳 / exported ledger
    dir: PathBuf,
    /// 別の経路で受け取った検証鍵。なければ台帳に添えられた鍵で検証し、そう表示する / verifier key from elsewhere
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
    /// 以前に受け取った署名付き要約。巻戻しと分岐を見つける / a checkpoint kept from before
    #[arg(long, value_name = "FILE")]
    old_checkpoint: Option<PathBuf>,
    /// 信じる台帳・立会い・必要な数を書いたファイル（C2SP tlog-policy）/ whom to trust and how many witnesses are enough
    #[arg(long, value_name = "FILE", conflicts_with_all = ["witness", "quorum"])]
    policy: Option<PathBuf>,
    /// 立会いの検証鍵。繰り返せる。全員、または --quorum の数の署名が要る / key of a witness; all of them, or --quorum many, must have cosigned
    #[arg(long, value_name = "VKEY")]
    witness: Vec<String>,
    /// --witness のうち必要な数 / how many of the --witness keys are enough
    #[arg(long, value_name = "N", requires = "witness")]
    quorum: Option<usize>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    /// データの場所 / data folder
    #[arg(long, value_name = "DIR", required_unless_present_any = ["config", "check"])]
    data: Option<PathBuf>,
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    config: Option<PathBuf>,
    /// 記録の番号 / index of the entry
    #[arg(long, conflicts_with = "use_id")]
    index: Option<u64>,
    /// 利用の識別子（開始の記録）/ a use: its opening entry
    #[arg(long = "use", value_name = "ID")]
    use_id: Option<String>,
    /// 書出し先。`X` に対し X.tlog-proof と X.json（記録そのもの）/ writes X.tlog-proof and X.json
    #[arg(long, value_name = "X")]
    out: Option<PathBuf>,
    /// X.tlog-proof と X.json を確かめる（--vkey が要る）/ check X.tlog-proof and X.json
    #[arg(long, value_name = "X", requires = "vkey")]
    check: Option<PathBuf>,
    /// 検証鍵 / verifier key
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
}

pub(crate) fn run(voice: Voice, ledger: Ledger) -> Result<Ended, Failed> {
    match ledger {
        Ledger::Export(args) => block_on(export(voice, args)),
        Ledger::Verify(args) => verify(voice, &args),
        Ledger::Prove(args) => match &args.check {
            Some(_) => check_proof(voice, &args),
            None => block_on(prove(voice, args)),
        },
        Ledger::Witness(args) => block_on(crate::command::witness::run(voice, args)),
    }
}

fn bar(voice: Voice) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {per_sec} {eta}");
    let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

async fn export(voice: Voice, args: Export) -> Result<Ended, Failed> {
    let installation = cli::open(&args.data).await?;
    // Entries of the last second may not be signed yet, or a crash left them so.
    let signed = installation.journal.checkpoint().await;
    installation.cosignatures.settle().await;
    let bar = bar(voice);
    let exported = match signed {
        Ok(_) => installation
            .store
            .export(&args.out, |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            })
            .await
            .map_err(Failed::from),
        Err(error) => Err(Failed::from(error)),
    };
    bar.finish_and_clear();
    let vkey = installation.store.vkey().to_owned();
    installation.close().await;
    let checkpoint = exported?;
    if voice.json {
        voice.print(
            &json!({ "out": args.out, "size": checkpoint.size, "root": checkpoint.root.to_base64(), "vkey": vkey }),
        );
    }
    voice.say(
        &format!(
            "{} 件を {} に書き出しました。検証: sekisho ledger verify {}\n検証鍵: {vkey}",
            checkpoint.size,
            args.out.display(),
            args.out.display()
        ),
        &format!(
            "{} entries written to {}; verify with: sekisho ledger verify {}\nverifier key: {vkey}",
            checkpoint.size,
            args.out.display(),
            args.out.display()
        ),
    );
    Ok(Ended::Ok)
}

/// Reads the meaning of every entry while its proof is checked: folds the register, decides every use again, and pairs
/// openings with endings.
struct Auditor {
    bar: ProgressBar,
    register: Register,
    open: BTreeMap<UseId, u64>,
    opened: u64,
    closed: u64,
    refused: u64,
    aborted: u64,
    replayed: u64,
    contradictions: Vec<String>,
    report: Option<Recounted>,
    lists: Lists,
}

/// A report that is counted again.
struct Recounted {
    report: UseReport,
    recount: Option<Recount>,
    /// Once all the entries it rests on were read.
    differences: Option<Vec<Difference>>,
}

impl Recounted {
    /// Before the entry of an index is folded: the register is that of the report once all of its entries were read.
    fn reach(&mut self, register: &Register, index: u64) {
        if index >= self.report.entries
            && let Some(recount) = self.recount.take()
        {
            let counted = recount.finish(register, self.report.fewest);
            self.differences = Some(self.report.differences(&counted));
        }
    }
}

/// Contradictions shown at most; one is enough to fail.
const SHOWN: usize = 20;

impl Auditor {
    fn contradiction(&mut self, index: u64, what: impl std::fmt::Display) {
        if self.contradictions.len() < SHOWN {
            self.contradictions.push(format!("{index}: {what}"));
        }
    }

    fn replay(&mut self, index: u64, request: &sekisho_domain::usage::UseRequest, recorded: &DecisionRecord) {
        if recorded.register != self.register.position() {
            let found = self.register.position();
            self.contradiction(
                index,
                format!("decided at register position {}, the ledger has {found} here", recorded.register),
            );
            return;
        }
        let (_, decision) = replay::decide(&self.register, request);
        let again = DecisionRecord::of(&decision, self.register.position());
        self.replayed += 1;
        if again != *recorded {
            self.contradiction(index, format!("recorded {recorded:?}, the register gives {again:?}"));
        }
    }

    fn read(&mut self, index: u64, bytes: &[u8]) {
        let entry = match Entry::read(bytes) {
            Ok(entry) => entry,
            Err(error) => return self.contradiction(index, error),
        };
        if let Some(report) = &mut self.report {
            report.reach(&self.register, index);
            if let Some(recount) = &mut report.recount {
                recount.add(&self.register, index, &entry);
            }
        }
        match entry {
            Entry::Governance(entry) => {
                if let Some(fault) = self.lists.take(&self.register, index, &entry) {
                    self.contradiction(index, fault);
                }
                if let Err(error) = self.register.apply(index, &entry) {
                    self.contradiction(index, error);
                }
            }
            Entry::UseOpened(entry) => {
                self.opened += 1;
                self.replay(index, &entry.data.request, &entry.data.decision);
                if self.open.insert(entry.data.id.clone(), index).is_some() {
                    self.contradiction(index, "this use was opened before");
                }
            }
            Entry::UseClosed(entry) => {
                self.closed += 1;
                if self.open.remove(&entry.data.id) != Some(entry.data.opened) {
                    self.contradiction(index, "closes a use that was not open");
                }
            }
            Entry::UseAborted(entry) => {
                self.aborted += 1;
                if self.open.remove(&entry.data.id) != Some(entry.data.opened) {
                    self.contradiction(index, "aborts a use that was not open");
                }
            }
            Entry::UseRefused(entry) => {
                self.refused += 1;
                if let (Some(request), Some(decision)) = (&entry.data.request, &entry.data.decision) {
                    self.replay(index, request, decision);
                }
            }
        }
    }
}

impl VerifyObserver for Auditor {
    fn progress(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    fn entry(&mut self, index: u64, entry: &[u8]) {
        self.read(index, entry);
    }
}

fn verify(voice: Voice, args: &Verify) -> Result<Ended, Failed> {
    // A folder that cannot be opened says nothing about the ledger.
    std::fs::read_dir(&args.dir).with_context(|| format!("cannot read the folder `{}`", args.dir.display()))?;
    let old_checkpoint = args.old_checkpoint.as_ref().map(std::fs::read).transpose()?;
    let report = bundle::read(&args.dir).map_err(|why| {
        Failed::Usage(format!(
            "`{}` が利用報告として読めません / is no use report: {why}",
            args.dir.join(bundle::FILE).display()
        ))
    })?;
    let also_expected = report.iter().map(|_| bundle::FILE.to_owned()).collect();
    let policy = policy(args)?;
    let options =
        VerifyOptions { vkey: args.vkey.clone(), old_checkpoint, also_expected, policy, ..VerifyOptions::default() };
    let mut auditor = Auditor {
        bar: bar(voice),
        register: Register::default(),
        open: BTreeMap::new(),
        opened: 0,
        closed: 0,
        refused: 0,
        aborted: 0,
        replayed: 0,
        contradictions: Vec::new(),
        report: report.map(|report| Recounted {
            recount: Some(Recount::new(report.scope.clone(), report.entries)),
            report,
            differences: None,
        }),
        lists: Lists::default(),
    };
    let verified = verify_dir(&args.dir, &options, &mut auditor);
    auditor.bar.finish_and_clear();
    let verified = match verified {
        Ok(verified) => verified,
        Err(VerifyFailure::Options { what, reason }) => return Err(Failed::Usage(format!("{what}: {reason}"))),
        Err(VerifyFailure::Faults { faults, more }) => {
            if let [Fault { kind: FaultKind::Quorum { cosigned, missing, older }, .. }] = faults.as_slice() {
                few_witnesses(voice, cosigned, missing, *older);
                return Ok(Ended::No);
            }
            if voice.json {
                let faults: Vec<_> = faults
                    .iter()
                    .map(|f| json!({ "file": f.file, "entry": f.entry, "fault": f.to_string() }))
                    .collect();
                voice.print(&json!({ "ok": false, "faults": faults, "more": more }));
            }
            voice.say("検証に失敗しました。台帳は記録された当時のものではありません:", "VERIFICATION FAILED:");
            for fault in &faults {
                voice.say(&format!("  {fault}"), &format!("  {fault}"));
            }
            return Ok(Ended::No);
        }
    };
    let open: Vec<_> = auditor.open.iter().map(|(id, index)| json!({ "use": id, "index": index })).collect();
    if let Some(report) = &mut auditor.report {
        report.reach(&auditor.register, verified.size);
        if report.recount.is_some() {
            let rests_on = report.report.entries;
            auditor
                .contradiction(verified.size, format!("the report rests on {rests_on} entries, the ledger has fewer"));
        }
    }
    let listed = auditor.lists.count();
    let unfollowed = second_reading(voice, args, &options, std::mem::take(&mut auditor.lists))?;
    let differences = auditor.report.as_ref().map(|report| report.differences.clone().unwrap_or_default());
    let sound =
        auditor.contradictions.is_empty() && differences.as_ref().is_none_or(Vec::is_empty) && unfollowed.is_empty();
    if voice.json {
        voice.print(&json!({
            "ok": sound, "origin": verified.origin.as_str(), "size": verified.size, "root": verified.root.to_base64(),
            "vkey": verified.vkey, "vkey_trusted": verified.vkey_trusted, "older_checkpoints": verified.older_checkpoints,
            "cosigned": cosigned_json(&verified.cosigned), "not_cosigned": verified.not_cosigned,
            "uses": { "opened": auditor.opened, "closed": auditor.closed, "refused": auditor.refused,
                      "aborted": auditor.aborted, "without_end": open },
            "decisions_replayed": auditor.replayed, "contradictions": auditor.contradictions,
            "lists": { "counted": listed, "unfollowed": unfollowed.iter().map(|one| json!({
                "of": one.of, "said": one.said, "counted": one.counted })).collect::<Vec<_>>() },
            "report": auditor.report.as_ref().map(|one| json!({ "scope": one.report.scope, "differences": differences })),
        }));
    }
    let key_note = if verified.vkey_trusted {
        ("指定された検証鍵で確認", "checked with the key you gave")
    } else {
        (
            "台帳に添えられた鍵で確認。別の経路で受け取った鍵を --vkey で与えると、なりすましも見つかります",
            "checked with the key inside the export; give --vkey from elsewhere to detect an impostor",
        )
    };
    voice.say(
        &format!(
            "検証できました: {} 件、{}\n  利用 {}（終了 {}、中断 {}、未終了 {}）、拒否 {}、判断のやり直し {} 件\n  {}\n  {}",
            verified.size, verified.origin, auditor.opened, auditor.closed, auditor.aborted, open.len(), auditor.refused, auditor.replayed, key_note.0, verified.vkey
        ),
        &format!(
            "verified: {} entries of {}\n  uses {} (closed {}, aborted {}, without end {}), refused {}, decisions replayed {}\n  {}\n  {}",
            verified.size, verified.origin, auditor.opened, auditor.closed, auditor.aborted, open.len(), auditor.refused, auditor.replayed, key_note.1, verified.vkey
        ),
    );
    say_cosigned(voice, &verified.cosigned, &verified.not_cosigned);
    for line in &auditor.contradictions {
        voice.say(&format!("矛盾 {line}"), &format!("contradiction at entry {line}"));
    }
    if listed > 0 && unfollowed.is_empty() {
        voice.say(
            &format!("  廃棄と開示の一覧 {listed} 件が、記録から数え直したものと一致しました。"),
            &format!("  all {listed} lists of disposals and disclosures follow from the entries"),
        );
    }
    for one in &unfollowed {
        let (of, said, counted) = (&one.of, &one.said, &one.counted);
        voice.say(
            &format!(
                "一覧が記録と合いません {of}: 一覧 {} 件（{}）、記録 {} 件（{}）",
                said.uses, said.digest, counted.uses, counted.digest
            ),
            &format!(
                "A LIST DOES NOT FOLLOW {of}: it says {} uses ({}), the entries amount to {} ({})",
                said.uses, said.digest, counted.uses, counted.digest
            ),
        );
    }
    match differences.as_deref() {
        None => {}
        Some([]) => voice.say(
            "  利用報告のすべての数が、記録から数え直した数と一致しました。",
            "  every figure of the use report follows from the entries",
        ),
        Some(differences) => {
            for one in differences {
                let (place, reported, counted) = (&one.place, &one.reported, &one.counted);
                voice.say(
                    &format!("報告の数が記録と合いません {place}: 報告 {reported}、記録 {counted}"),
                    &format!("A FIGURE DOES NOT FOLLOW {place}: reported {reported}, counted {counted}"),
                );
            }
        }
    }
    Ok(if sound { Ended::Ok } else { Ended::No })
}

/// The policy to hold the checkpoint against.
fn policy(args: &Verify) -> Result<Option<Policy>, Failed> {
    if let Some(file) = &args.policy {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let policy = Policy::parse(&bytes).map_err(|e| {
            let file = file.display();
            Failed::Usage(format!("`{file}` が方針のファイルとして読めません / is no tlog-policy: {e}"))
        })?;
        return Ok(Some(policy));
    }
    if args.witness.is_empty() {
        return Ok(None);
    }
    let keys = args
        .witness
        .iter()
        .map(|text| Verifier::parse(text.trim()).map_err(|e| Failed::Usage(format!("--witness `{text}`: {e}"))));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let quorum = args.quorum.unwrap_or(keys.len());
    let policy = Policy::of(keys, quorum).map_err(|e| match e.line {
        0 => Failed::Usage(format!("--quorum {quorum}: {}", e.problem)),
        n => Failed::Usage(format!("--witness ({n}): {}", e.problem)),
    })?;
    Ok(Some(policy))
}

fn when(at: u64) -> String {
    let at = i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
    at.map_or_else(|| "?".to_owned(), |at| at.to_string())
}

fn cosigned_json(cosigned: &[(String, u64)]) -> serde_json::Value {
    cosigned.iter().map(|(name, at)| json!({ "witness": name, "at": when(*at) })).collect()
}

fn say_cosigned(voice: Voice, cosigned: &[(String, u64)], missing: &[String]) {
    for (name, at) in cosigned {
        let at = when(*at);
        voice.say(&format!("  立会い {name} が {at} に署名"), &format!("  cosigned by {name} at {at}"));
    }
    for name in missing {
        voice.say(&format!("  立会い {name} の署名はありません"), &format!("  not cosigned by {name}"));
    }
}

/// Everything holds, and fewer have vouched for it than were asked for.
fn few_witnesses(voice: Voice, cosigned: &[(String, u64)], missing: &[String], older: Option<u64>) {
    if voice.json {
        voice.print(&json!({
            "ok": false, "quorum_met": false, "cosigned": cosigned_json(cosigned), "not_cosigned": missing,
            "older_with_quorum": older,
        }));
    }
    voice.say(
        "立会いの署名が足りません。署名・木・記録に誤りはありませんが、求めた数の立会いが認めた台帳ではありません:",
        "TOO FEW WITNESSES: signatures, tree and entries hold, but fewer have cosigned than you asked for:",
    );
    say_cosigned(voice, cosigned, missing);
    if let Some(size) = older {
        voice.say(
            &format!("  最初の {size} 件までの要約には、足りる数の署名があります。少し待って書き出し直してください。"),
            &format!("  the first {size} entries are cosigned by enough; export again in a moment"),
        );
    }
}

/// Counts the lists again that entries speak of.
fn second_reading(
    voice: Voice,
    args: &Verify,
    options: &VerifyOptions,
    lists: Lists,
) -> Result<Vec<Unfollowed>, Failed> {
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    let mut reading = SecondReading::new(bar(voice), lists);
    let verified = verify_dir(&args.dir, options, &mut reading);
    reading.bar.finish_and_clear();
    match verified {
        Ok(_) => Ok(reading.finish()),
        // It was whole a moment ago.
        Err(_) => {
            Err(Failed::Usage("台帳が検証の途中で変わりました / the ledger changed while it was verified".into()))
        }
    }
}

async fn prove(voice: Voice, args: Prove) -> Result<Ended, Failed> {
    let installation = cli::open(&Data { data: args.data.clone(), config: args.config.clone() }).await?;
    let result = proved(&installation, &args).await;
    installation.close().await;
    let (index, entry, proof, vkey) = result?;
    match &args.out {
        Some(out) => {
            std::fs::write(out.with_extension("tlog-proof"), &proof)?;
            std::fs::write(out.with_extension("json"), &entry)?;
            if voice.json {
                voice.print(&json!({ "index": index, "vkey": vkey, "out": out }));
            }
            voice.say(
                &format!(
                    "記録 {index} の証明を書きました。確認: sekisho ledger prove --check {} --vkey '{vkey}'",
                    out.display()
                ),
                &format!(
                    "proof of entry {index} written; check: sekisho ledger prove --check {} --vkey '{vkey}'",
                    out.display()
                ),
            );
        }
        None if voice.json => {
            voice.print(
                &json!({ "index": index, "entry": String::from_utf8_lossy(&entry), "proof": proof, "vkey": vkey }),
            );
        }
        None => cli::line(proof.trim_end()),
    }
    Ok(Ended::Ok)
}

async fn proved(
    installation: &crate::installation::Installation,
    args: &Prove,
) -> Result<(u64, Vec<u8>, String, String), Failed> {
    let store = &installation.store;
    let index = match (args.index, &args.use_id) {
        (Some(index), _) => index,
        (None, Some(id)) => {
            let id = UseId::new(id).map_err(|e| Failed::Usage(e.to_string()))?;
            store.use_row(&id).await?.opened
        }
        (None, None) => {
            return Err(Failed::Usage("--index または --use を指定してください / give --index or --use".into()));
        }
    };
    installation.journal.checkpoint().await?;
    installation.cosignatures.settle().await;
    Ok((index, store.entry(index).await?, store.prove(index).await?.to_text(), store.vkey().to_owned()))
}

fn check_proof(voice: Voice, args: &Prove) -> Result<Ended, Failed> {
    let (Some(base), Some(vkey)) = (&args.check, &args.vkey) else {
        return Err(Failed::Usage("--check X --vkey KEY".into()));
    };
    let verifier = Verifier::parse(vkey).map_err(|e| Failed::Usage(e.to_string()))?;
    let entry = std::fs::read(base.with_extension("json"))?;
    let proof = std::fs::read(base.with_extension("tlog-proof"))?;
    let checked = TlogProof::parse(&proof)
        .and_then(|proof| proof.verify(&leaf_hash(&entry), &verifier).map(|checkpoint| (proof.index, checkpoint)));
    match checked {
        Ok((index, checkpoint)) => {
            if voice.json {
                voice.print(&json!({ "ok": true, "index": index, "size": checkpoint.size }));
            }
            voice.say(
                &format!(
                    "確かめました: この記録は {} の {index} 番（署名済み {} 件の中）です。",
                    checkpoint.origin, checkpoint.size
                ),
                &format!("verified: this is entry {index} of {} ({} signed)", checkpoint.origin, checkpoint.size),
            );
            Ok(Ended::Ok)
        }
        Err(error) => {
            if voice.json {
                voice.print(&json!({ "ok": false, "fault": error.to_string() }));
            }
            voice.say(&format!("証明が成り立ちません: {error}"), &format!("NOT PROVED: {error}"));
            Ok(Ended::No)
        }
    }
}
