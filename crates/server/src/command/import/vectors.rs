//! `sekisho import vectors`: what lies on a shelf as vectors, from a model behind the gate. This program asks a running
//! server as any other client does, so every batch is a use with its permit and its record.

mod client;

use crate::cli::{Data, Ended, Failed, Voice};
use crate::command::search::{Kind, shelf};
use crate::sharing::Target;
use client::{Client, NotEmbedded};
use indicatif::{ProgressBar, ProgressStyle};
use sekisho_search::dense::{Maker, Making, Wanted};
use serde_json::{Value, json};
use std::time::Instant;

/// Vectors after which the file is written: what a crash may lose.
const SAVED_AFTER: usize = 4_096;

/// What help says at its end.
const MORE: &str = "\
サーバーの /v1/embeddings に、鍵の持ち主の承認で送る。一回ごとに一件の利用として記録される。同じ文は二度送らない。
途中で止めても、断られても、そこまでの分は残り、同じコマンドで続きから始まる。資料を取り込み直したら、もう一度実行する
（変わった文だけを送り、なくなった文の分は除く）。使うには、設定の [search] embeddings に同じモデルを書く。
法令と会議録では、格付や読者の印のあるものを送らない。document では、文書の格付を x-sekisho-grade で宣言して送る。
document のベクトルをいま使うのは `sekisho eval --vectors` だけ（画面の検索は言葉だけで探す）。
終了コード: 0 すべて作った、1 断られた文がある、3 サーバーかファイルを使えない、または中断した。

Sends to /v1/embeddings of the server by the permit of the key's owner; every request is a use on record. No text is sent
twice. Stopped or refused, what was made is kept, and the same command goes on from there. Run it again after an import:
only what changed is sent, and what has gone is left out. To use it, name the same model in [search] embeddings.
Of law and Diet records, what has a grade or readers is not sent; documents are sent under their grade (x-sekisho-grade).
Vectors of documents are used by `sekisho eval --vectors` alone for now. Exit codes: 0 all made, 1 some refused, 3 server or
file cannot be used, or interrupted.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub(crate) struct Args {
    #[command(flatten)]
    data: Data,
    /// 法令、会議録、自機関の文書のどれか / law, Diet records or own documents
    #[arg(long, value_enum)]
    corpus: Kind,
    /// 登録されたモデルの名前 / name of the registered model
    #[arg(long, value_name = "NAME")]
    model: String,
    /// サーバーのアドレス / address of a running server
    #[arg(long, value_name = "URL", env = "SEKISHO_URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// 鍵 / key
    #[arg(long, env = "SEKISHO_KEY", hide_env_values = true)]
    key: String,
    /// 承認の識別子（鍵に結び付いていないとき）/ permit, where the key is bound to none
    #[arg(long, value_name = "ID")]
    permit: Option<String>,
    /// 文の前に付ける語（モデルが求める場合。例: "検索文書: "）/ what stands before every text, if the model asks for it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    prefix: String,
    /// 一つの文から送る文字数の上限 / characters of one text that are sent, at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    chars: Option<u32>,
    /// 一回に送る文の数 / texts in one request
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=512))]
    batch: u16,
    /// 前のファイルを使わず、すべて作り直す / make all of it anew
    #[arg(long)]
    replace: bool,
}

/// How an import of vectors ended before its end.
enum Stopped {
    /// The server, or what is before it.
    Server(NotEmbedded),
    /// The person at the keyboard.
    Interrupted,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let begun = Instant::now();
    let target = Target::of(&args.data)?;
    target.begin(voice, &[args.corpus.corpus()]).await?;
    let shelf = shelf(&target.data, args.corpus.corpus())?;
    let maker = Maker { model: args.model.clone(), prefix: args.prefix.clone() };
    let client = Client::new(&args.server, args.key, args.permit, args.model)?;
    let mut making = Making::begin(&shelf, maker, args.replace)?;
    let left = making.left().to_vec();
    let bar = bar(voice, left.len());
    let (mut refused, mut unsaved) = (0, 0);
    let mut stopped = None;
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    // One request declares one grade.
    let batches = left.chunk_by(|a, b| a.grade == b.grade).flat_map(|same| same.chunks(usize::from(args.batch)));
    for batch in batches {
        let asked = tokio::select! {
            asked = embed(&mut making, &client, batch, args.chars) => asked?,
            heard = &mut interrupted => {
                heard?;
                Err(Stopped::Interrupted)
            }
        };
        match asked {
            Ok(left_out) => refused += left_out,
            Err(why) => {
                stopped = Some(why);
                break;
            }
        }
        bar.inc(batch.len() as u64);
        unsaved += batch.len();
        if unsaved >= SAVED_AFTER {
            making.save()?;
            unsaved = 0;
        }
    }
    making.save()?;
    bar.finish_and_clear();
    let told = Told { making: &making, refused, stopped, seconds: begun.elapsed().as_secs_f64() };
    let ended = told.tell(voice, args.corpus);
    // What was made counts, though more was asked for.
    target.publish(voice, &[args.corpus.corpus()]).await?;
    ended
}

fn bar(voice: Voice, texts: usize) -> ProgressBar {
    let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(texts as u64) };
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}") {
        bar.set_style(style);
    }
    bar
}

/// Asks for the vectors of a batch. What the gate stops is left out, and the rest asked for again; answers how many that
/// were. The outer error is ours.
async fn embed(
    making: &mut Making,
    client: &Client,
    batch: &[Wanted],
    chars: Option<u32>,
) -> Result<Result<usize, Stopped>, Failed> {
    let mut kept: Vec<&Wanted> = batch.iter().collect();
    while !kept.is_empty() {
        let mut texts = Vec::with_capacity(kept.len());
        for wanted in &kept {
            let text = making.text(wanted)?;
            texts.push(match chars {
                Some(most) => text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect(),
                None => text,
            });
        }
        let grade = kept.first().map(|wanted| &*wanted.grade).unwrap_or_default();
        match client.embed(&texts, grade).await {
            Ok(vectors) => {
                for (wanted, vector) in kept.iter().zip(&vectors) {
                    if let Err(error) = making.put(wanted, vector) {
                        return Ok(Err(Stopped::Server(NotEmbedded::unfit(&error))));
                    }
                }
                break;
            }
            Err(error) => {
                let at = error.at(texts.len());
                if at.is_empty() {
                    return Ok(Err(Stopped::Server(error)));
                }
                let mut number = 0..;
                kept.retain(|_| number.next().is_some_and(|number| !at.contains(&number)));
            }
        }
    }
    Ok(Ok(batch.len() - kept.len()))
}

/// What is told at the end.
struct Told<'m> {
    making: &'m Making,
    /// Texts that the gate stopped.
    refused: usize,
    stopped: Option<Stopped>,
    seconds: f64,
}

impl Told<'_> {
    fn tell(self, voice: Voice, corpus: Kind) -> Result<Ended, Failed> {
        let Self { making, refused, stopped, seconds } = self;
        let survey = making.survey();
        let left = survey.texts - survey.known - survey.given;
        if voice.json {
            let mut value = serde_json::to_value(survey)?;
            if let Some(members) = value.as_object_mut() {
                members.insert("corpus".into(), corpus.corpus().name().into());
                members.insert("refused".into(), refused.into());
                members.insert("left".into(), left.into());
                members.insert("seconds".into(), seconds.into());
                members.insert("stopped".into(), stopped.as_ref().map_or(Value::Null, Stopped::json));
            }
            voice.print(&value);
        }
        let (texts, known, given, gone) = (survey.texts, survey.known, survey.given, survey.gone);
        voice.say(
            &format!("{}: 文 {texts} のうち、前から {known}、新しく {given}、残り {left}（除いた分 {gone}、{seconds:.1} 秒）", corpus.corpus()),
            &format!("{}: of {texts} texts {known} known, {given} new, {left} left ({gone} gone, {seconds:.1} s)", corpus.corpus()),
        );
        if survey.closed > 0 {
            voice.say(
                &format!("格付や読者の印があるため送らなかった箇所 {}", survey.closed),
                &format!("{} passages with a grade or readers were not sent", survey.closed),
            );
        }
        if refused > 0 {
            voice.say(
                &format!("門が止めた文 {refused}（個人番号の形の数字や格付の表示など。言葉では見つかる）"),
                &format!("{refused} texts were stopped by the gate (numbers, marks of grades); words still find them"),
            );
        }
        match stopped {
            None if refused == 0 => Ok(Ended::Ok),
            None => Ok(Ended::No),
            Some(Stopped::Server(error)) if error.is_refusal() => {
                voice.say(&error.ja(), &error.en());
                Ok(Ended::No)
            }
            Some(Stopped::Server(error)) => {
                Err(Failed::Io(anyhow::anyhow!("{}", voice.lang.pick(&error.ja(), &error.en()))))
            }
            Some(Stopped::Interrupted) => {
                let text = voice.lang.pick(
                    "中断しました。同じコマンドで続きから始まります",
                    "interrupted; the same command goes on from here",
                );
                Err(Failed::Io(anyhow::anyhow!("{text}")))
            }
        }
    }
}

impl Stopped {
    fn json(&self) -> Value {
        match self {
            Self::Server(error) => error.json(),
            Self::Interrupted => json!({ "code": "INTERRUPTED" }),
        }
    }
}
