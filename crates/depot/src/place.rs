//! Where a depot is: a folder that all nodes see, or an S3-compatible bucket.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3Builder, AwsCredential};
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{CredentialProvider, ObjectMeta, ObjectStore, ObjectStoreExt as _};
use sekisho_search::unit::Corpus;

use crate::error::DepotError;
use crate::manifest::{Hash, MOST_MANIFEST, Manifest};
use crate::seal::Seal;
use crate::wire::Connector;

/// Where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder, which must be there.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Bucket),
}

/// A bucket that is addressed by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What stands before every key; may be empty.
    pub prefix: String,
    /// The address of the service; without one, that of AWS in the region.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// Where the keys stand.
    pub credentials: PathBuf,
    /// Whether the service may be spoken to without TLS.
    pub plain: Plain,
}

/// Whether a service may be spoken to without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// Never.
    Never,
    /// Yes.
    Allowed,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket(Bucket { name, prefix, .. }) if prefix.is_empty() => write!(f, "s3://{name}"),
            Self::Bucket(Bucket { name, prefix, .. }) => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

/// Why there are no keys for a bucket.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unread {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It does not hold what it should.
    #[error("`{}` must hold the lines `aws_access_key_id = …` and `aws_secret_access_key = …` (and `aws_session_token = …` if there is one) and no other", path.display())]
    Keys {
        /// Which.
        path: PathBuf,
    },
}

/// Reads the keys of a bucket, in the form that the tools of AWS have: a file of one profile.
///
/// # Errors
/// It cannot be read or holds something else.
pub fn credentials(path: &Path) -> Result<AwsCredential, PlaceError> {
    let text = std::fs::read_to_string(path).map_err(|source| PlaceError::Unread { path: path.to_owned(), source })?;
    read(&text).ok_or_else(|| PlaceError::Keys { path: path.to_owned() })
}

fn read(text: &str) -> Option<AwsCredential> {
    let (mut id, mut secret, mut token, mut profiles) = (None, None, None, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if line.starts_with('[') && line.ends_with(']') {
            profiles += 1;
            continue;
        }
        let (name, value) = line.split_once('=')?;
        let place = match name.trim() {
            "aws_access_key_id" => &mut id,
            "aws_secret_access_key" => &mut secret,
            "aws_session_token" => &mut token,
            _ => return None,
        };
        if place.replace(value.trim().to_owned()).is_some_and(|_| true) || value.trim().is_empty() {
            return None;
        }
    }
    if profiles > 1 {
        return None;
    }
    Some(AwsCredential { key_id: id?, secret_key: secret?, token })
}

/// Reads the file each time, so that keys can be changed while the program runs.
#[derive(Debug)]
struct KeysInFile(PathBuf);

#[async_trait::async_trait]
impl CredentialProvider for KeysInFile {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let found = credentials(&self.0);
        found.map(Arc::new).map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })
    }
}

/// The depot, opened.
#[derive(Debug, Clone)]
pub struct Depot {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) seal: Seal,
    place: Place,
}

impl Depot {
    /// The depot at a place. Of a bucket nothing is asked yet; a folder must be there, since one that is not may be a disk
    /// that is not mounted.
    ///
    /// # Errors
    /// [`DepotError::Store`].
    pub fn open(place: Place, client: reqwest::Client, seal: Seal) -> Result<Self, DepotError> {
        let store: Arc<dyn ObjectStore> = match &place {
            Place::Folder(folder) => Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)),
            Place::Bucket(bucket) => Arc::new(PrefixStore::new(service(bucket, client)?, bucket.prefix.clone())),
        };
        Ok(Self { store, seal, place })
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The newest generation of a corpus.
    ///
    /// # Errors
    /// The depot cannot be used, or the newest manifest is not believed: an older one is not taken in its place.
    pub async fn newest(&self, corpus: Corpus) -> Result<Option<Manifest>, DepotError> {
        let all = self.generations(corpus).await?;
        match all.last() {
            Some((number, _)) => self.manifest(corpus, *number).await.map(Some),
            None => Ok(None),
        }
    }

    /// The numbers there are, in order.
    pub(crate) async fn generations(&self, corpus: Corpus) -> Result<Vec<(u64, ObjectMeta)>, DepotError> {
        let folder = object_store::path::Path::from(corpus.name());
        let mut all: Vec<_> = self
            .store
            .list(Some(&folder))
            .try_filter_map(|meta| async move { Ok(number_of(&meta.location).map(|number| (number, meta))) })
            .try_collect()
            .await?;
        all.sort_unstable_by_key(|(number, _)| *number);
        Ok(all)
    }

    /// One manifest, if it is one.
    pub(crate) async fn manifest(&self, corpus: Corpus, number: u64) -> Result<Manifest, DepotError> {
        let key = key_of(corpus, number);
        let refused = |what| DepotError::Manifest { key: key.to_string(), what };
        let found = self.store.get(&key).await?;
        if found.meta.size > MOST_MANIFEST {
            return Err(refused("it is too long"));
        }
        let mut bytes = Vec::new();
        let mut pieces = found.into_stream();
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > MOST_MANIFEST {
                return Err(refused("it is too long"));
            }
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| refused("it is no text"))?;
        let manifest = Manifest::parse(text, &self.seal).map_err(refused)?;
        if (manifest.corpus, manifest.number) == (corpus, number) {
            Ok(manifest)
        } else {
            Err(refused("it is of another corpus or number"))
        }
    }
}

fn service(bucket: &Bucket, client: reqwest::Client) -> Result<impl ObjectStore, DepotError> {
    let builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_virtual_hosted_style_request(false)
        .with_allow_http(bucket.plain == Plain::Allowed)
        .with_credentials(Arc::new(KeysInFile(bucket.credentials.clone())))
        .with_http_connector(Connector(client));
    let builder = match &bucket.endpoint {
        Some(endpoint) => builder.with_endpoint(endpoint),
        None => builder,
    };
    Ok(builder.build()?)
}

/// Where the manifest of a generation lies. Names sort as numbers do.
pub(crate) fn key_of(corpus: Corpus, number: u64) -> object_store::path::Path {
    object_store::path::Path::from_iter([corpus.name(), &format!("{number:020}")])
}

fn number_of(key: &object_store::path::Path) -> Option<u64> {
    let name = key.filename()?;
    let is_number = name.len() == 20 && name.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| name.parse().ok())?
}

/// Where the files lie.
pub(crate) const FILES: &str = "files";

pub(crate) fn file_key(hash: &Hash) -> object_store::path::Path {
    object_store::path::Path::from_iter([FILES, hash.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_the_tools_of_aws_write_them() {
        let keys = read("# of the bucket\n[default]\naws_access_key_id = A\naws_secret_access_key=b+/=\n").unwrap();
        assert_eq!((&*keys.key_id, &*keys.secret_key, keys.token), ("A", "b+/=", None));
        for wrong in [
            "",
            "aws_access_key_id = A",
            "aws_access_key_id = A\naws_secret_access_key =\n",
            "aws_access_key_id = A\naws_secret_access_key = b\nregion = x\n",
            "[a]\naws_access_key_id = A\naws_secret_access_key = b\n[b]\n",
            "aws_access_key_id = A\naws_access_key_id = B\naws_secret_access_key = b\n",
        ] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_generation_is_known_by_its_twenty_digits_alone() {
        assert_eq!(number_of(&key_of(Corpus::Law, 12)), Some(12));
        for other in ["law/12", "law/00000000000000000012.json", "law/000000000000000000x2"] {
            assert_eq!(number_of(&object_store::path::Path::from(other)), None, "{other}");
        }
    }
}
