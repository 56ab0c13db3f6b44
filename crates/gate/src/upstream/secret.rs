//! A secret that neither a log line nor freed memory shows.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use zeroize::Zeroizing;

/// An upstream's key. Cloning shares it; the last owner wipes it.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes a key. Space around it (a file's last line feed) is not part of it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = Zeroizing::new(text.into());
        Self(Arc::new(Zeroizing::new(text.trim().to_owned())))
    }

    /// The key itself, for the header it is sent in.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The key behind `prefix` as a header that `Debug` hides; `None` when it holds characters no header may.
    pub(super) fn header(&self, prefix: &str) -> Option<HeaderValue> {
        let text = Zeroizing::new([prefix, self.expose()].concat());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_shown() {
        let secret = Secret::new("sk-very-secret\n");
        assert_eq!(secret.expose(), "sk-very-secret");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let header = secret.header("Bearer ").unwrap();
        assert_eq!(header, "Bearer sk-very-secret");
        assert_eq!(format!("{header:?}"), "Sensitive");
        assert!(Secret::new("a\nb").header("").is_none());
    }
}
