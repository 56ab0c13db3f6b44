//! Who can open a back-up: keys of age, or a pass word.

use age::secrecy::{ExposeSecret as _, SecretString};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Why there is no lock or no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    #[error("`{0}` は age の受取人（age1…）ではありません / is no recipient of age (age1…): {1}")]
    Recipient(String, &'static str),
    #[error("`{path}`: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("`{0}` に合言葉がありません（一行目） / holds no pass word in its first line")]
    NoPassword(PathBuf),
    #[error("暗号化できません / cannot be encrypted: {0}")]
    Encrypt(#[from] age::EncryptError),
    #[error(
        "この鍵・合言葉では開けないか、バックアップのファイルではありません / this key or pass word does not open it, or it is no back-up: {0}"
    )]
    Decrypt(#[from] age::DecryptError),
    #[error(
        "鍵（--identity）か合言葉（--password-file）を指定してください / give a key (--identity) or a pass word (--password-file)"
    )]
    None,
}

fn password(path: &Path) -> Result<SecretString, LockError> {
    let text = std::fs::read_to_string(path).map_err(|source| LockError::File { path: path.to_owned(), source })?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(LockError::NoPassword(path.to_owned()));
    }
    Ok(SecretString::from(line.to_owned()))
}

/// What a back-up is locked with.
pub(crate) fn lock(recipients: &[String], password_file: Option<&Path>) -> Result<age::Encryptor, LockError> {
    if let Some(path) = password_file {
        return Ok(age::Encryptor::with_user_passphrase(password(path)?));
    }
    let parse =
        |text: &String| text.parse::<age::x25519::Recipient>().map_err(|why| LockError::Recipient(text.clone(), why));
    let parsed = recipients.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    if parsed.is_empty() {
        return Err(LockError::None);
    }
    Ok(age::Encryptor::with_recipients(parsed.iter().map(|one| one as &dyn age::Recipient))?)
}

/// The contents of a locked file.
pub(crate) fn unlock(
    file: std::fs::File,
    identity: Option<&Path>,
    password_file: Option<&Path>,
) -> Result<impl Read, LockError> {
    let locked = age::Decryptor::new_buffered(BufReader::new(file))?;
    if let Some(path) = password_file {
        let key = age::scrypt::Identity::new(password(path)?);
        return Ok(locked.decrypt(std::iter::once(&key as &dyn age::Identity))?);
    }
    let Some(path) = identity else { return Err(LockError::None) };
    let failed = |source| LockError::File { path: path.to_owned(), source };
    let text = BufReader::new(std::fs::File::open(path).map_err(failed)?);
    let keys = age::IdentityFile::from_buffer(text).map_err(failed)?.into_identities()?;
    Ok(locked.decrypt(keys.iter().map(|key| &**key as &dyn age::Identity))?)
}

/// Makes a key in a new file that nobody else may read, and says who can be written to with it.
pub(crate) fn new_key(path: &Path) -> Result<String, LockError> {
    let failed = |source| LockError::File { path: path.to_owned(), source };
    let key = age::x25519::Identity::generate();
    let recipient = key.to_public().to_string();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    let text = format!("# public key: {recipient}\n{}\n", key.to_string().expose_secret());
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(recipient)
}
