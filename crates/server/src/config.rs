//! The configuration: one TOML file whose example (`sekisho.example.toml`) is the manual.
//!
//! Order: built-in values, then the file, then `SEKISHO_…` variables (`SEKISHO_LISTEN`, `SEKISHO_LIMITS__BODY_BYTES`).
//! An unknown key is an error that names the nearest known one.

mod operations;
mod search;
mod witnesses;

pub use operations::{Log, LogFormat, Operations};
pub use search::{Search, Shared};
pub use witnesses::{Witness, Witnesses};

use crate::http::Patience;
use jiff::SignedDuration;
use operations::{LogFile, MetricsFile, TracesFile};
use search::SearchFile;
use sekisho_gate::upstream::{Limits, Secret};
use sekisho_ledger::checkpoint::Origin;
use sekisho_store::{Database, JournalSettings, Password, Postgres};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use witnesses::WitnessFile;

/// Why a configuration cannot be used; says where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// File, line or variable.
    pub place: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

fn wrong(place: impl Into<String>, problem: impl Into<String>) -> ConfigError {
    ConfigError { place: place.into(), problem: problem.into() }
}

/// The file as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: String,
    data: PathBuf,
    database: String,
    origin: String,
    node: String,
    secrets: BTreeMap<String, SecretFile>,
    ledger: LedgerFile,
    postgres: PostgresFile,
    limits: LimitsFile,
    signin: SignInFile,
    upstream: UpstreamFile,
    search: SearchFile,
    metrics: MetricsFile,
    traces: TracesFile,
    log: LogFile,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFile {
    file: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LedgerFile {
    checkpoint_interval_ms: u64,
    max_staleness_ms: u64,
    follow_interval_ms: u64,
    witness: Vec<WitnessFile>,
    quorum: Option<usize>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PostgresFile {
    password_file: Option<PathBuf>,
    readers: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsFile {
    body_bytes: usize,
    body_seconds: u64,
    header_seconds: u64,
    unread_seconds: u64,
    keep_files_hours: u64,
    drain_seconds: u64,
    shutdown_seconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignInFile {
    public_url: String,
    idle_minutes: u32,
    absolute_hours: u32,
    link_hours: u32,
    proxies: Vec<IpAddr>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct UpstreamFile {
    connect_seconds: u64,
    first_byte_seconds: u64,
    idle_seconds: u64,
    total_seconds: u64,
    answer_bytes: usize,
    extra_roots: Option<PathBuf>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            data: "sekisho-data".into(),
            database: String::new(),
            origin: "sekisho.invalid/log1".into(),
            node: "node-1".into(),
            secrets: BTreeMap::new(),
            ledger: LedgerFile::default(),
            postgres: PostgresFile::default(),
            limits: LimitsFile::default(),
            signin: SignInFile::default(),
            upstream: UpstreamFile::default(),
            search: SearchFile::default(),
            metrics: MetricsFile::default(),
            traces: TracesFile::default(),
            log: LogFile::default(),
        }
    }
}

impl Default for LedgerFile {
    fn default() -> Self {
        Self {
            checkpoint_interval_ms: 1_000,
            max_staleness_ms: 5_000,
            follow_interval_ms: 500,
            witness: Vec::new(),
            quorum: None,
        }
    }
}

impl Default for PostgresFile {
    fn default() -> Self {
        Self { password_file: None, readers: Postgres::at(String::new()).readers }
    }
}

impl Default for LimitsFile {
    fn default() -> Self {
        Self {
            body_bytes: 32 << 20,
            body_seconds: 30,
            header_seconds: 10,
            unread_seconds: 60,
            keep_files_hours: 72,
            drain_seconds: 0,
            shutdown_seconds: 30,
        }
    }
}

impl Default for SignInFile {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            idle_minutes: 30,
            absolute_hours: 12,
            link_hours: 48,
            proxies: vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])],
        }
    }
}

impl Default for UpstreamFile {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            connect_seconds: limits.connect.as_secs(),
            first_byte_seconds: limits.first_byte.as_secs(),
            idle_seconds: limits.idle.as_secs(),
            total_seconds: limits.total.as_secs(),
            answer_bytes: limits.answer_bytes,
            extra_roots: None,
        }
    }
}

/// Bounds on what a client may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// Largest body in bytes.
    pub body_bytes: usize,
    /// Longest time for a body to arrive.
    pub body: Duration,
    /// Longest time for the headers to arrive.
    pub header: Duration,
    /// Longest time in which nothing of an answer is taken.
    pub unread: Duration,
}

impl RequestLimits {
    pub(crate) fn patience(&self) -> Patience {
        Patience { header: self.header, unread: self.unread }
    }
}

/// How the program takes its leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// How long it goes on taking connections after it was asked to stop, at least: a load balancer must notice first.
    pub drain: Duration,
    /// How long answers that are under way may take.
    pub grace: Duration,
}

/// How people sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The address people type, without a slash at the end; `None` when the request's own host is taken.
    pub public_url: Option<String>,
    /// A session that was not used for so long ends.
    pub idle: SignedDuration,
    /// A session ends after so long whatever happens.
    pub absolute: SignedDuration,
    /// How long the link to open an account works.
    pub link: SignedDuration,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl SignIn {
    /// Browsers are told to send the cookie over TLS alone, unless the public address says in so many words that there
    /// is none. Chromium and Firefox count loopback as safe.
    pub fn secure(&self) -> bool {
        !self.public_url.as_ref().is_some_and(|url| url.starts_with("http://"))
    }
}

/// A configuration that was checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Folder of keys and, by default, the database.
    pub data: PathBuf,
    /// The database.
    pub database: Database,
    /// Name of the log.
    pub origin: Origin,
    /// Name of this node; unique among the nodes of one database.
    pub node: String,
    /// Secrets by name.
    pub secrets: BTreeMap<String, Secret>,
    /// The journal's settings.
    pub journal: JournalSettings,
    /// Who countersigns the ledger.
    pub witnesses: Witnesses,
    /// Bounds on requests.
    pub limits: RequestLimits,
    /// How it ends.
    pub leaving: Leaving,
    /// How people sign in.
    pub signin: SignIn,
    /// How long an uploaded file is kept.
    pub keep_files: SignedDuration,
    /// Bounds on answers.
    pub upstream: Limits,
    /// Certificates of the body's own authority, PEM.
    pub extra_roots: Option<Vec<u8>>,
    /// How questions are looked for.
    pub search: Search,
    /// Metrics, traces and logs.
    pub operations: Operations,
}

impl Config {
    /// The built-in values for a data folder, as `demo` uses them.
    pub fn for_data(data: &Path) -> Result<Self, ConfigError> {
        check(File { data: data.to_owned(), ..File::default() }, "built-in values", Path::new("."))
    }

    /// The same, with the `SEKISHO_…` variables over them: how a command that names a folder finds another database.
    pub fn for_data_and(data: &Path, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut table = toml::Table::new();
        let mut place = "built-in values".to_owned();
        overlay(&mut table, &mut place, variables)?;
        let file: File =
            table.try_into().map_err(|e: toml::de::Error| wrong(&place, nearest(&e.message().replace('\n', " "))))?;
        check(File { data: data.to_owned(), ..file }, &place, Path::new("."))
    }

    /// Reads and checks a file and the `SEKISHO_…` variables.
    pub fn load(path: &Path, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let place = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| wrong(&place, format!("cannot be read ({e}); copy `sekisho.example.toml` to begin with")))?;
        let base = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, &place, base, variables)
    }

    /// Checks the text of a file.
    pub fn parse(
        text: &str,
        place: &str,
        base: &Path,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(text).map_err(|e| located(place, text, &e))?;
        // The file alone first, so that a mistake in it is told with its line.
        let _: File = toml::from_str(text).map_err(|e| located(place, text, &e))?;
        let mut place = place.to_owned();
        overlay(&mut table, &mut place, variables)?;
        let file: File =
            table.try_into().map_err(|e: toml::de::Error| wrong(&place, nearest(&e.message().replace('\n', " "))))?;
        check(file, &place, base)
    }
}

/// Lays the `SEKISHO_…` variables over a file; `place` then names them too.
fn overlay(
    table: &mut toml::Table,
    place: &mut String,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, value) in variables {
        let Some(path) = name.strip_prefix("SEKISHO_") else { continue };
        // These belong to the command line and to the tests, not to the configuration.
        if matches!(path, "URL" | "KEY" | "LOG" | "LANG" | "TEST_POSTGRES") {
            continue;
        }
        set(table, &path.to_ascii_lowercase(), &value).map_err(|problem| wrong(&name, problem))?;
        *place = format!("{place} + {name}");
    }
    Ok(())
}

fn set(table: &mut toml::Table, path: &str, value: &str) -> Result<(), String> {
    let (first, rest) = match path.split_once("__") {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    if let Some(rest) = rest {
        let inner = table.entry(first).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        return match inner.as_table_mut() {
            Some(inner) => set(inner, rest, value),
            None => Err(format!("`{first}` is not a section")),
        };
    }
    let value = match value.parse::<i64>() {
        Ok(number) => toml::Value::Integer(number),
        Err(_) => toml::Value::String(value.to_owned()),
    };
    table.insert(first.to_owned(), value);
    Ok(())
}

fn located(place: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map(|span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
    let place = line.map_or_else(|| place.to_owned(), |line| format!("{place}, line {line}"));
    wrong(place, nearest(&error.message().replace('\n', " ")))
}

/// Turns "unknown field `listn`, expected one of `listen`, `data`" into a hint at the nearest known name.
fn nearest(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let Some((unknown, expected)) = rest.split_once('`') else { return message.to_owned() };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let best = known.iter().min_by_key(|name| strsim::damerau_levenshtein(unknown, name));
    match best {
        Some(best) => format!("unknown key `{unknown}`; did you mean `{best}`? Known here: {}", known.join(", ")),
        None => format!("unknown key `{unknown}`; this section has no keys"),
    }
}

fn check(file: File, place: &str, base: &Path) -> Result<Config, ConfigError> {
    let at = |key: &str| format!("{place}, `{key}`");
    let listen = file.listen.parse().map_err(|_| {
        wrong(at("listen"), format!("`{}` is not an address; write one such as `127.0.0.1:8080`", file.listen))
    })?;
    let origin = Origin::new(&file.origin).map_err(|e| {
        wrong(at("origin"), format!("{e}; write a name without a scheme such as `kansa.example.lg.jp/log1`"))
    })?;
    let node_is_plain = !file.node.is_empty()
        && file.node.len() <= 60
        && file.node.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !node_is_plain {
        return Err(wrong(at("node"), format!("`{}` must be 1 to 60 of A-Z, a-z, 0-9, `-`, `_`, `.`", file.node)));
    }
    let data = base.join(&file.data);
    let database = match file.database.as_str() {
        "" => Database::Sqlite(data.join("sekisho.db")),
        url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Database::Postgres(postgres(url, &file.postgres, base, &at)?)
        }
        other => match other.strip_prefix("sqlite://") {
            Some(path) => Database::Sqlite(base.join(path)),
            None => {
                let problem = format!(
                    "`{other}` is neither `sqlite://PATH` nor `postgres://…`; leave it out for SQLite in `data`"
                );
                return Err(wrong(at("database"), problem));
            }
        },
    };
    let mut secrets = BTreeMap::new();
    for (name, secret) in file.secrets {
        let path = base.join(&secret.file);
        let text = std::fs::read_to_string(&path).map_err(|e| {
            wrong(at(&format!("secrets.{name}.file")), format!("`{}` cannot be read: {e}", path.display()))
        })?;
        if text.trim().is_empty() {
            return Err(wrong(at(&format!("secrets.{name}.file")), format!("`{}` is empty", path.display())));
        }
        secrets.insert(name, Secret::new(text));
    }
    let positive = |key: &str, number: u64| {
        if number == 0 { Err(wrong(at(key), "must be greater than 0")) } else { Ok(number) }
    };
    let millis = |key: &str, number| positive(key, number).map(Duration::from_millis);
    let seconds = |key: &str, number| positive(key, number).map(Duration::from_secs);
    let journal = JournalSettings {
        max_staleness: millis("ledger.max_staleness_ms", file.ledger.max_staleness_ms)?,
        checkpoint_interval: millis("ledger.checkpoint_interval_ms", file.ledger.checkpoint_interval_ms)?,
        follow_interval: millis("ledger.follow_interval_ms", file.ledger.follow_interval_ms)?,
    };
    if journal.follow_interval >= journal.max_staleness {
        return Err(wrong(
            at("ledger.follow_interval_ms"),
            "must be smaller than `ledger.max_staleness_ms`, or the register would always be too old",
        ));
    }
    let witnesses = witnesses::check(file.ledger.witness, file.ledger.quorum, &at)?;
    let signin = sign_in(&file.signin, &at)?;
    let extra_roots = match &file.upstream.extra_roots {
        Some(path) => {
            let path = base.join(path);
            let pem = std::fs::read(&path)
                .map_err(|e| wrong(at("upstream.extra_roots"), format!("`{}` cannot be read: {e}", path.display())))?;
            Some(pem)
        }
        None => None,
    };
    let search = search::check(file.search, base, &at)?;
    let operations = operations::check(&file.metrics, &file.traces, file.log, listen, &at)?;
    let leaving = leaving(&file.limits, &at)?;
    Ok(Config {
        listen,
        data,
        database,
        origin,
        node: file.node,
        secrets,
        journal,
        witnesses,
        limits: RequestLimits {
            body_bytes: usize::try_from(positive("limits.body_bytes", file.limits.body_bytes as u64)?)
                .unwrap_or(usize::MAX),
            body: seconds("limits.body_seconds", file.limits.body_seconds)?,
            header: seconds("limits.header_seconds", file.limits.header_seconds)?,
            unread: seconds("limits.unread_seconds", file.limits.unread_seconds)?,
        },
        leaving,
        signin,
        keep_files: SignedDuration::from_hours(
            i64::try_from(positive("limits.keep_files_hours", file.limits.keep_files_hours)?.min(24 * 366))
                .unwrap_or(72),
        ),
        upstream: Limits {
            connect: seconds("upstream.connect_seconds", file.upstream.connect_seconds)?,
            first_byte: seconds("upstream.first_byte_seconds", file.upstream.first_byte_seconds)?,
            idle: seconds("upstream.idle_seconds", file.upstream.idle_seconds)?,
            total: seconds("upstream.total_seconds", file.upstream.total_seconds)?,
            answer_bytes: file.upstream.answer_bytes,
        },
        extra_roots,
        search,
        operations,
    })
}

/// Parameters of the database's address that name files. Said here, since the database's own error names none.
const CERTIFICATES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];
/// Connections of one node for reading, at most.
const MOST_READERS: u32 = 500;

fn postgres(
    url: &str,
    file: &PostgresFile,
    base: &Path,
    at: &impl Fn(&str) -> String,
) -> Result<Postgres, ConfigError> {
    if !(1..=MOST_READERS).contains(&file.readers) {
        return Err(wrong(at("postgres.readers"), format!("must lie between 1 and {MOST_READERS}")));
    }
    let password = match &file.password_file {
        None => None,
        Some(path) => {
            let path = base.join(path);
            let text = std::fs::read_to_string(&path).map_err(|e| {
                wrong(at("postgres.password_file"), format!("`{}` cannot be read: {e}", path.display()))
            })?;
            Some(Password::of_file(&text))
        }
    };
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    for (name, path) in form_urlencoded::parse(parameters.as_bytes()) {
        if CERTIFICATES.contains(&&*name)
            && let Err(e) = std::fs::File::open(&*path)
        {
            return Err(wrong(at("database"), format!("`{name}`: `{path}` cannot be read: {e}")));
        }
    }
    Ok(Postgres { password, readers: file.readers, ..Postgres::at(url.to_owned()) })
}

/// Longest time for the last answers.
const LONGEST_GRACE: u64 = 24 * 3600;

fn leaving(file: &LimitsFile, at: &impl Fn(&str) -> String) -> Result<Leaving, ConfigError> {
    if !(1..=LONGEST_GRACE).contains(&file.shutdown_seconds) {
        return Err(wrong(at("limits.shutdown_seconds"), format!("must lie between 1 and {LONGEST_GRACE}")));
    }
    if file.drain_seconds > file.shutdown_seconds {
        return Err(wrong(at("limits.drain_seconds"), "must not be longer than `limits.shutdown_seconds`"));
    }
    Ok(Leaving { drain: Duration::from_secs(file.drain_seconds), grace: Duration::from_secs(file.shutdown_seconds) })
}

fn sign_in(file: &SignInFile, at: &impl Fn(&str) -> String) -> Result<SignIn, ConfigError> {
    let url = file.public_url.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |host: &str| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    if !url.is_empty() && !host.is_some_and(plain) {
        let problem =
            format!("`{}` must be scheme and host alone, such as `https://sekisho.example.lg.jp`", file.public_url);
        return Err(wrong(at("signin.public_url"), problem));
    }
    let within = |key: &str, number: u32, most: u32| match number {
        0 => Err(wrong(at(key), "must be greater than 0")),
        n if n > most => Err(wrong(at(key), format!("must be {most} at most"))),
        n => Ok(i64::from(n)),
    };
    let (idle, absolute) = (
        SignedDuration::from_mins(within("signin.idle_minutes", file.idle_minutes, 24 * 60)?),
        SignedDuration::from_hours(within("signin.absolute_hours", file.absolute_hours, 7 * 24)?),
    );
    if idle > absolute {
        return Err(wrong(at("signin.idle_minutes"), "must not be longer than `signin.absolute_hours`"));
    }
    Ok(SignIn {
        public_url: (!url.is_empty()).then(|| url.to_owned()),
        idle,
        absolute,
        link: SignedDuration::from_hours(within("signin.link_hours", file.link_hours, 14 * 24)?),
        proxies: file.proxies.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, "sekisho.toml", Path::new("/srv"), std::iter::empty())
    }

    #[test]
    fn the_example_file_is_the_manual_and_parses() {
        let config = parse(include_str!("../../../sekisho.example.toml")).unwrap();
        assert_eq!(config.listen.port(), 8080);
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one_and_its_line() {
        let error = parse("data = \"d\"\nlistn = \"127.0.0.1:1\"\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("did you mean `listen`"), "{error}");
        let error = parse("[limits]\nbody_byte = 1\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("did you mean `body_bytes`"), "{error}");
    }

    #[test]
    fn a_value_that_cannot_work_is_told_with_its_key() {
        for (text, part) in [
            ("listen = \"here\"", "`listen`"),
            ("listen = 80", "line 1"),
            ("origin = \"https://x y\"", "`origin`"),
            ("database = \"mysql://x\"", "`database`"),
            ("node = \"\"", "`node`"),
            ("[ledger]\nmax_staleness_ms = 0", "max_staleness_ms"),
            ("[ledger]\nfollow_interval_ms = 9000", "follow_interval_ms"),
            ("[signin]\npublic_url = \"sekisho.example\"", "signin.public_url"),
            ("[signin]\npublic_url = \"https://a/b\"", "signin.public_url"),
            ("[signin]\nidle_minutes = 0", "idle_minutes"),
            ("[signin]\nidle_minutes = 800", "idle_minutes"),
            ("[signin]\nproxies = [\"here\"]", "line 2"),
            ("[search]\nquestion_prefix = \"Q: \"", "search.question_prefix"),
            ("[secrets.azure]\nfile = \"/no/such/file\"", "secrets.azure.file"),
            ("data = \"a\" \"b\"", "line 1"),
            ("[metrics]\nlisten = \"here\"", "metrics.listen"),
            ("listen = \"127.0.0.1:8080\"\n[metrics]\nlisten = \"0.0.0.0:8080\"", "metrics.listen"),
            ("[traces]\nendpoint = \"collector:4318\"", "traces.endpoint"),
            ("[traces]\nendpoint = \"http://a:b@collector\"", "traces.endpoint"),
            ("[log]\nlevel = \"a=b=c\"", "log.level"),
            ("[log]\nformat = \"xml\"", "log.format"),
            ("[limits]\nshutdown_seconds = 0", "limits.shutdown_seconds"),
            ("[limits]\ndrain_seconds = 31", "limits.drain_seconds"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn traces_go_below_the_collectors_address() {
        assert_eq!(parse("").unwrap().operations, Operations::default());
        for text in ["http://127.0.0.1:4318", "http://127.0.0.1:4318/"] {
            let config = parse(&format!("[traces]\nendpoint = \"{text}\"")).unwrap();
            assert_eq!(config.operations.traces.unwrap().as_str(), "http://127.0.0.1:4318/v1/traces");
        }
        let config = parse("[log]\nlevel = \"warn,sekisho::use=info\"\nformat = \"text\"").unwrap();
        assert_eq!(config.operations.log.format, LogFormat::Text);
    }

    const WITNESS: &str = "tachiai.example/w1";

    /// A witness's entry with a key of this number.
    fn witness(n: u8) -> String {
        let key = sekisho_ledger::note::Cosigner::from_seed(WITNESS, [n; 32]).unwrap().vkey();
        format!("[[ledger.witness]]\nurl = \"https://tachiai.example/\"\nkey = \"{key}\"\n")
    }

    #[test]
    fn witnesses_are_asked_below_their_address_and_all_of_them_unless_told() {
        let config = parse("").unwrap();
        assert_eq!((config.witnesses.all.len(), config.witnesses.quorum), (0, 0));
        let config = parse(&format!("{}{}", witness(1), witness(2))).unwrap();
        assert_eq!((config.witnesses.all.len(), config.witnesses.quorum), (2, 2));
        assert_eq!(config.witnesses.all[0].add_checkpoint.as_str(), "https://tachiai.example/add-checkpoint");
        let config = parse(&format!("[ledger]\nquorum = 1\n{}{}", witness(1), witness(2))).unwrap();
        assert_eq!(config.witnesses.quorum, 1);
        let log = sekisho_ledger::note::Signer::from_seed("log.example", [9; 32]).unwrap().vkey();
        let policy = sekisho_ledger::policy::Policy::parse(config.witnesses.policy_file(&log).as_bytes()).unwrap();
        assert_eq!((policy.logs().len(), policy.witnesses().count()), (1, 2));
    }

    #[test]
    fn a_witness_that_cannot_work_is_told_with_its_place() {
        let log = sekisho_ledger::note::Signer::from_seed("log.example", [9; 32]).unwrap().vkey();
        let with = |url: &str, key: &str| format!("[[ledger.witness]]\nurl = \"{url}\"\nkey = \"{key}\"\n");
        for (text, part) in [
            (with("tachiai.example", "x"), "ledger.witness[1].url"),
            (with("ftp://tachiai.example", "x"), "ledger.witness[1].url"),
            (with("https://a:b@tachiai.example", "x"), "ledger.witness[1].url"),
            (with("https://tachiai.example?x=1", "x"), "ledger.witness[1].url"),
            (with("https://tachiai.example", "x"), "ledger.witness[1].key"),
            (with("https://tachiai.example", &log), "a log's key"),
            (format!("{}{}", witness(1), witness(1)), "ledger.witness[2].key"),
            (format!("[ledger]\nquorum = 2\n{}", witness(1)), "ledger.quorum"),
            (format!("[ledger]\nquorum = 0\n{}", witness(1)), "ledger.quorum"),
            ("[ledger]\nquorum = 1\n".to_owned(), "ledger.quorum"),
            ("[[ledger.witness]]\nurl = \"https://a\"\n".to_owned(), "line 1"),
            ("[[ledger.witness]]\nurl = \"https://a\"\nkeys = \"x\"\n".to_owned(), "did you mean `key`"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_variable_overrides_the_file() {
        let variables = [("SEKISHO_LISTEN", "127.0.0.1:9"), ("SEKISHO_LIMITS__BODY_BYTES", "77"), ("HOME", "/x")];
        let variables = variables.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned()));
        let config = Config::parse("listen = \"127.0.0.1:1\"", "f", Path::new("/"), variables).unwrap();
        assert_eq!((config.listen.port(), config.limits.body_bytes), (9, 77));
        let variables = [("SEKISHO_LISTN".to_owned(), "x".to_owned())];
        let error = Config::parse("", "f", Path::new("/"), variables.into_iter()).unwrap_err().to_string();
        assert!(error.contains("listen"), "{error}");
    }
}
