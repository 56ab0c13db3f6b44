//! How questions are looked for, and where nodes share their shelves: `[search]`.

use super::{ConfigError, wrong};
use reqwest::Url;
use sekisho_depot::{Bucket, Place, Plain, credentials};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SearchFile {
    embeddings: String,
    question_prefix: String,
    shared: String,
    look_seconds: u64,
    bucket: BucketFile,
}

impl Default for SearchFile {
    fn default() -> Self {
        Self {
            embeddings: String::new(),
            question_prefix: String::new(),
            shared: String::new(),
            look_seconds: 60,
            bucket: BucketFile::default(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct BucketFile {
    endpoint: String,
    region: String,
    credentials_file: Option<PathBuf>,
    plain_http: bool,
}

impl Default for BucketFile {
    fn default() -> Self {
        Self { endpoint: String::new(), region: "us-east-1".into(), credentials_file: None, plain_http: false }
    }
}

/// How questions are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The registered model that gives a question its vector; `None` where words alone are looked for.
    pub embeddings: Option<String>,
    /// What stands before a question, where that model wants to be told that it reads one.
    pub question_prefix: String,
    /// Where nodes share their shelves; `None` where this node is the only one.
    pub shared: Option<Shared>,
}

/// Shelves that nodes share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Where.
    pub place: Place,
    /// How often a node looks for news.
    pub look: Duration,
}

/// The longest time between two looks.
const LONGEST_LOOK: u64 = 24 * 3600;

pub(super) fn check(file: SearchFile, base: &Path, at: &impl Fn(&str) -> String) -> Result<Search, ConfigError> {
    let model = file.embeddings.trim();
    if model.is_empty() && !file.question_prefix.is_empty() {
        let problem = "is of no use without `search.embeddings`; name the model there, or leave both empty";
        return Err(wrong(at("search.question_prefix"), problem));
    }
    if !(1..=LONGEST_LOOK).contains(&file.look_seconds) {
        return Err(wrong(at("search.look_seconds"), format!("must lie between 1 and {LONGEST_LOOK}")));
    }
    let place = place(&file.shared, &file.bucket, base, at)?;
    let look = Duration::from_secs(file.look_seconds);
    Ok(Search {
        embeddings: (!model.is_empty()).then(|| model.to_owned()),
        question_prefix: file.question_prefix,
        shared: place.map(|place| Shared { place, look }),
    })
}

fn place(
    shared: &str,
    file: &BucketFile,
    base: &Path,
    at: &impl Fn(&str) -> String,
) -> Result<Option<Place>, ConfigError> {
    if shared.is_empty() {
        return Ok(None);
    }
    if let Some(rest) = shared.strip_prefix("s3://") {
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        return bucket(name, prefix.trim_matches('/'), file, base, at).map(|bucket| Some(Place::Bucket(bucket)));
    }
    let folder = match shared.strip_prefix("file://") {
        Some(path) if path.starts_with('/') => PathBuf::from(path),
        None if !shared.contains("://") => base.join(shared),
        _ => {
            let problem = "is neither a folder, nor `file:///…`, nor `s3://BUCKET/PREFIX`";
            return Err(wrong(at("search.shared"), format!("`{shared}` {problem}")));
        }
    };
    Ok(Some(Place::Folder(folder)))
}

fn bucket(
    name: &str,
    prefix: &str,
    file: &BucketFile,
    base: &Path,
    at: &impl Fn(&str) -> String,
) -> Result<Bucket, ConfigError> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let is_name = (3..=63).contains(&name.len()) && plain(name);
    let is_prefix = prefix.is_empty() || prefix.split('/').all(|part| !matches!(part, "" | "." | "..") && plain(part));
    if !is_name || !is_prefix {
        let problem = format!(
            "`s3://{name}/{prefix}` must be `s3://BUCKET` or `s3://BUCKET/PREFIX` of A-Z, a-z, 0-9, `-`, `.`, `_`"
        );
        return Err(wrong(at("search.shared"), problem));
    }
    let Some(keys) = &file.credentials_file else {
        let problem =
            "is needed for a bucket: a file with the lines `aws_access_key_id = …` and `aws_secret_access_key = …`";
        return Err(wrong(at("search.bucket.credentials_file"), problem));
    };
    let keys = base.join(keys);
    credentials(&keys).map_err(|error| wrong(at("search.bucket.credentials_file"), error.to_string()))?;
    if file.region.is_empty() || !plain(&file.region) {
        return Err(wrong(at("search.bucket.region"), "must be a name such as `ap-northeast-1`"));
    }
    let (endpoint, plain) = match file.endpoint.as_str() {
        "" => (None, Plain::Never),
        text => {
            let (endpoint, plain) =
                service(text, file.plain_http).map_err(|problem| wrong(at("search.bucket.endpoint"), problem))?;
            (Some(endpoint), plain)
        }
    };
    Ok(Bucket {
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        endpoint,
        region: file.region.clone(),
        credentials: keys,
        plain,
    })
}

/// The address of a service, and whether it is spoken to without TLS: on this machine, or where somebody said so.
fn service(text: &str, plain_http: bool) -> Result<(String, Plain), String> {
    let url = Url::parse(text).ok().filter(|url| {
        url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none()
    });
    let url = url.filter(|url| url.fragment().is_none() && matches!(url.scheme(), "http" | "https"));
    let Some(url) = url else {
        return Err(format!("`{text}` must be scheme and host alone, such as `https://s3.example.lg.jp`"));
    };
    let endpoint = text.trim_end_matches('/').to_owned();
    if url.scheme() == "https" {
        return Ok((endpoint, Plain::Never));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if here || plain_http {
        Ok((endpoint, Plain::Allowed))
    } else {
        Err(format!(
            "`{text}` is not protected by TLS; write `https://…`, or say `plain_http = true` if the way there is safe"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn parse(text: &str, base: &Path) -> Result<Option<Shared>, String> {
        let config = Config::parse(text, "sekisho.toml", base, std::iter::empty());
        config.map(|config| config.search.shared).map_err(|error| error.to_string())
    }

    #[test]
    fn shelves_are_shared_in_a_folder_or_a_bucket_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("keys"), "aws_access_key_id=a\naws_secret_access_key=b\n").unwrap();
        let place = |text: &str| parse(text, folder.path()).unwrap().map(|shared| shared.place.to_string());
        assert_eq!(place(""), None);
        let below = folder.path().join("depot").display().to_string();
        assert_eq!(place("[search]\nshared = \"depot\""), Some(below));
        assert_eq!(place("[search]\nshared = \"/mnt/depot\""), Some("/mnt/depot".into()));
        assert_eq!(place("[search]\nshared = \"file:///mnt/depot\""), Some("/mnt/depot".into()));
        let bucket = "[search]\nshared = \"s3://shelves/a/b/\"\n[search.bucket]\ncredentials_file = \"keys\"\n";
        assert_eq!(place(bucket), Some("s3://shelves/a/b".into()));
        for (endpoint, plain) in [
            ("endpoint = \"http://127.0.0.1:9000\"", Plain::Allowed),
            ("endpoint = \"http://[::1]:9000/\"", Plain::Allowed),
            ("endpoint = \"http://s3.example\"\nplain_http = true", Plain::Allowed),
            ("endpoint = \"https://s3.example\"\nplain_http = true", Plain::Never),
        ] {
            let shared = parse(&format!("{bucket}{endpoint}"), folder.path()).unwrap().unwrap();
            assert!(matches!(shared.place, Place::Bucket(bucket) if bucket.plain == plain), "{endpoint}");
        }
    }

    #[test]
    fn a_shared_place_that_cannot_work_is_told_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("keys"), "aws_access_key_id=a\naws_secret_access_key=b\n").unwrap();
        std::fs::write(folder.path().join("half"), "aws_access_key_id=a\n").unwrap();
        let keys = "credentials_file = \"keys\"";
        for (shared, bucket, part) in [
            ("ftp://a/b", "", "search.shared"),
            ("file://relative", "", "search.shared"),
            ("s3://", keys, "search.shared"),
            ("s3://shelves/../x", keys, "search.shared"),
            ("s3://shelves/a b", keys, "search.shared"),
            ("s3://shelves", "", "credentials_file"),
            ("s3://shelves", "credentials_file = \"none\"", "credentials_file"),
            ("s3://shelves", "credentials_file = \"half\"", "credentials_file"),
            ("s3://shelves", "credentials_file = \"keys\"\nendpoint = \"http://s3.example\"", "bucket.endpoint"),
            ("s3://shelves", "credentials_file = \"keys\"\nendpoint = \"https://a:b@s3.example\"", "bucket.endpoint"),
            ("s3://shelves", "credentials_file = \"keys\"\nendpoint = \"https://s3.example/path\"", "bucket.endpoint"),
            ("s3://shelves", "credentials_file = \"keys\"\nregion = \"\"", "bucket.region"),
        ] {
            let text = format!("[search]\nshared = \"{shared}\"\n[search.bucket]\n{bucket}\n");
            let error = parse(&text, folder.path()).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        let error = parse("[search]\nlook_seconds = 0", folder.path()).unwrap_err();
        assert!(error.contains("search.look_seconds"), "{error}");
    }
}
