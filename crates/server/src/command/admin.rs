//! `sekisho admin`: the register's commands, given through the API with a person's key; and the very first steps.

use crate::cli::{self, Data, Ended, Failed, Voice};
use crate::demo::founding;
use anyhow::Context as _;
use sekisho_domain::command::Command;
use sekisho_domain::organization::Sector;
use serde_json::{Value, json};
use std::io::Read as _;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Admin {
    /// 機関と最初の管理者を登録する / establish the body and its first administrator
    Establish(Establish),
    /// 使えるコマンドの一覧 / names of all commands
    List,
    /// コマンドを実行する / give a command
    Run(Run),
    /// API の一覧を読む（例: services, permits, uses）/ read a list of the API
    Get(Get),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Establish {
    #[command(flatten)]
    data: Data,
    /// 機関の識別子 / identifier of the body
    #[arg(long)]
    id: String,
    /// 機関の名称 / its name
    #[arg(long)]
    name: String,
    /// 地方公共団体 / a municipality
    #[arg(long)]
    municipal: bool,
    /// 最初の管理者の氏名 / name of the first administrator
    #[arg(long)]
    administrator: String,
    /// その部局の識別子 / identifier of the administrator's department
    #[arg(long, default_value = "johosystem")]
    department: String,
}

/// Where the server is and whose key is used.
#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// サーバー / server
    #[arg(long, env = "SEKISHO_URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
    /// 鍵 / key
    #[arg(long, env = "SEKISHO_KEY", hide_env_values = true)]
    pub(crate) key: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// コマンド名（sekisho admin list）/ name of the command
    name: String,
    /// 内容の JSON。`-` は標準入力 / its content as JSON; `-` reads standard input
    content: String,
    /// 理由 / reason
    #[arg(long, default_value = "")]
    reason: String,
    /// 人・部局の名称（台帳には載らない）/ name of a person or department, never in the ledger
    #[arg(long)]
    name_in_directory: Option<String>,
    /// サインイン名（account.invite だけ）/ name to sign in with, for account.invite
    #[arg(long, conflicts_with = "name_in_directory")]
    login: Option<String>,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// /api/ より後ろ / what follows /api/
    path: String,
    #[command(flatten)]
    server: Server,
}

pub(crate) async fn run(voice: Voice, admin: Admin) -> Result<Ended, Failed> {
    match admin {
        Admin::List => {
            if voice.json {
                voice.print(&json!(Command::NAMES));
            } else {
                cli::line(&Command::NAMES.join("\n"));
            }
            Ok(Ended::Ok)
        }
        Admin::Establish(args) => establish(voice, args).await,
        Admin::Run(args) => {
            let content = match args.content.as_str() {
                "-" => {
                    let mut text = String::new();
                    std::io::stdin().read_to_string(&mut text)?;
                    text
                }
                text => text.to_owned(),
            };
            let content: Value = serde_json::from_str(&content)
                .map_err(|e| Failed::Usage(format!("内容が JSON ではありません / content is not JSON: {e}")))?;
            let mut body = json!({ "content": content, "reason": args.reason });
            let directory = match (args.name_in_directory, args.login) {
                (Some(name), _) => Some(json!({ "name": name })),
                (None, Some(login)) => Some(json!({ "login": login })),
                (None, None) => None,
            };
            if let (Some(directory), Some(map)) = (directory, body.as_object_mut()) {
                map.insert("directory".into(), directory);
            }
            call(voice, &args.server, "POST", &format!("commands/{}", args.name), Some(Sent::Json(body))).await
        }
        Admin::Get(args) => call(voice, &args.server, "GET", &args.path, None).await,
    }
}

/// What goes with a request.
pub(crate) enum Sent {
    Json(Value),
    File(Vec<u8>),
}

/// What the API answered.
pub(crate) struct Answer {
    /// It did what was asked.
    pub(crate) ok: bool,
    pub(crate) text: String,
}

/// Asks the API.
pub(crate) async fn ask(server: &Server, method: &str, path: &str, body: Option<Sent>) -> Result<Answer, Failed> {
    // Setting it twice is no error worth telling: the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().context("no HTTP client")?;
    let url = format!("{}/api/{path}", server.url.trim_end_matches('/'));
    let request = if method == "POST" { client.post(&url) } else { client.get(&url) };
    let request = match body {
        Some(Sent::Json(body)) => request.header("content-type", "application/json").body(body.to_string()),
        Some(Sent::File(bytes)) => request.header("content-type", "application/octet-stream").body(bytes),
        None => request,
    };
    let answer =
        request.bearer_auth(&server.key).send().await.with_context(|| format!("{url} に届きません / cannot reach"))?;
    let ok = answer.status().is_success();
    Ok(Answer { ok, text: answer.text().await.context("the answer broke off")? })
}

/// Asks the API and prints its answer.
pub(crate) async fn call(
    voice: Voice,
    server: &Server,
    method: &str,
    path: &str,
    body: Option<Sent>,
) -> Result<Ended, Failed> {
    let Answer { ok, text } = ask(server, method, path, body).await?;
    match serde_json::from_str::<Value>(&text) {
        Ok(value) => voice.print(&value),
        Err(_) => cli::line(&text),
    }
    Ok(if ok { Ended::Ok } else { Ended::No })
}

async fn establish(voice: Voice, args: Establish) -> Result<Ended, Failed> {
    let config = match (&args.data.config, &args.data.data) {
        (Some(_), _) => cli::config_of(&args.data)?,
        (None, Some(data)) => {
            std::fs::create_dir_all(data)?;
            crate::config::Config::for_data_and(data, std::env::vars())?
        }
        (None, None) => return Err(Failed::Usage("--data DIR または --config FILE".into())),
    };
    let installation = crate::installation::Installation::open(config, sekisho_store::Synchronous::Full).await?;
    let founding = founding::Founding {
        organization: args.id,
        name: args.name,
        sector: if args.municipal { Sector::Municipal } else { Sector::National },
        administrator: args.administrator,
        department: args.department,
    };
    let founded = founding::found(&installation, founding).await;
    let checkpoint = installation.journal.checkpoint().await;
    installation.close().await;
    let (person, key) = founded?;
    checkpoint?;
    if voice.json {
        voice.print(&json!({ "person": person, "key": &*key }));
    }
    voice.say(
        &format!("登録しました。最初の管理者 {person} の鍵（再表示できません。安全に保管してください）:\n{}", &*key),
        &format!("established; the key of the first administrator {person} (shown once, keep it safe):\n{}", &*key),
    );
    Ok(Ended::Ok)
}
