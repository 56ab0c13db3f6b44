//! Accounts of people at a browser: from an administrator's link to a session, and what a session may do.
//!
//! [`password`], [`totp`], [`recovery`], [`session`] and [`throttle`] are pure; the files beside them read the register,
//! record and keep. That a way in was given, used and secured is in the ledger; a sign-in is a private row.

mod invite;
mod open;
mod password;
mod recovery;
mod second_factor;
mod session;
mod sign_in;
mod throttle;
mod totp;

pub(crate) use invite::row as invitation_row;
pub use invite::{Link, NotInvited, invite};
pub(crate) use open::{ChangeRefused, change_password, invited};
pub use open::{NotOpened, open};
pub(crate) use password::same;
pub use second_factor::{Enrolled, NotEnrolled, enrol_for_demo};
pub(crate) use second_factor::{Offer, enrol, offer, offered};
pub(crate) use session::{Secret, Standing, agent};
pub(crate) use sign_in::{Attempt, NotSignedIn, SignedIn, Visit, show_code, sign_in, visit};

use crate::installation::Installation;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use throttle::Throttle;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Passwords hashed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 4;
/// How long someone waits for a turn.
const TURN: Duration = Duration::from_secs(10);

/// What signing in remembers between requests, in memory alone.
#[derive(Debug)]
pub struct Accounts {
    throttle: Mutex<Throttle>,
    hashing: Semaphore,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { throttle: Mutex::default(), hashing: Semaphore::new(AT_ONCE) }
    }
}

impl Accounts {
    fn throttle<T>(&self, act: impl FnOnce(&mut Throttle) -> T) -> T {
        act(&mut self.throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being looked at")]
pub struct Busy;

/// Works on a password where waiting harms nobody, a bounded number at once.
async fn hashing<T: Send + 'static>(app: &Installation, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
    let turn = tokio::time::timeout(TURN, app.accounts.hashing.acquire()).await;
    let _turn = turn.map_err(|_| Busy)?.map_err(|_| Busy)?;
    app.tasks.spawn_blocking(work).await.map_err(|_| Busy)
}

/// Hashes a password with fresh salt.
async fn hash(app: &Installation, password: &str) -> Result<String, Busy> {
    let mut salt = [0; password::SALT];
    app.world.random(&mut salt);
    let password = Zeroizing::new(password.to_owned());
    hashing(app, move || password::hash(&password, &salt)).await?.ok_or(Busy)
}

/// Whether a password belongs to a hash; without a hash the answer is no, after the same time.
async fn matches(app: &Installation, password: &str, phc: Option<&str>) -> Result<bool, Busy> {
    let known = phc.filter(|phc| !phc.is_empty()).map(str::to_owned);
    let password = Zeroizing::new(password.to_owned());
    hashing(app, move || {
        let right = password::matches(&password, known.as_deref().unwrap_or(password::DECOY));
        right && known.is_some()
    })
    .await
}

/// The form of a login name in which it is kept and looked up; `None` when it cannot be one.
pub fn login(text: &str) -> Option<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let login: String = text.trim().nfkc().collect::<String>().to_lowercase();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_' | b'@');
    (!login.is_empty() && login.len() <= 64 && login.bytes().all(plain)).then_some(login)
}

/// A moment as people in Japan read it.
pub(crate) fn in_words(at: Timestamp) -> String {
    let zoned = TimeZone::get("Asia/Tokyo").map(|tokyo| at.to_zoned(tokyo));
    zoned.map_or_else(|_| at.to_string(), |z| z.strftime("%Y年%-m月%-d日 %H時%M分").to_string())
}

/// The code of the second factor of this moment, for a secret in base 32.
pub fn code_now(secret: &str, now: Timestamp) -> Option<String> {
    Some(totp::code(&totp::from_base32(secret)?, totp::step(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_is_the_same_in_capitals_and_full_width() {
        assert_eq!(login(" Ｈanako.K "), Some("hanako.k".into()));
        for bad in ["", "花子", "a b", "<b>", &"a".repeat(65)] {
            assert_eq!(login(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_are_told_in_japan() {
        assert_eq!(in_words("2026-11-25T01:05:00Z".parse().unwrap()), "2026年11月25日 10時05分");
    }
}
