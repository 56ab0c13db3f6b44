//! Sessions: 32 random bytes in a cookie, their hash in a row, and what a session may do before and after the second
//! factor.

use crate::config::SignIn;
use jiff::{SignedDuration, Timestamp};
use sekisho_domain::account::Means;
use sekisho_domain::id::PersonId;
use sekisho_gate::identify::{hash_of, hex};
use sekisho_gate::world::World;
use sekisho_store::SessionRow;
use zeroize::Zeroizing;

/// How long someone may take between password and second factor.
const HALFWAY: SignedDuration = SignedDuration::from_mins(10);
/// A session that was used writes so at most this often.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

/// What the cookie holds.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// 32 fresh random bytes.
    pub(crate) fn fresh(world: &dyn World) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        world.random(&mut *bytes);
        Self(Zeroizing::new(hex(&*bytes)))
    }

    /// From a cookie; `None` when it cannot be ours.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let plain = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        plain.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database holds.
    pub(crate) fn hash(&self) -> String {
        hash_of(&self.0)
    }

    /// What every form of this session carries: follows from the secret, and nothing follows from it.
    pub(crate) fn form_token(&self) -> String {
        hash_of(&format!("form {}", self.0.as_str()))
    }
}

/// How far someone has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Signed in.
    Full,
    /// A code of the second factor is asked for.
    Code,
    /// A second factor must be enrolled first.
    Enrol,
}

/// Looks at the register of now: whoever is given a governing role during a session enrols before going on.
pub(crate) fn standing(shown: bool, means: Means, needed: bool) -> Standing {
    match (shown, means.second_factor) {
        (true, true) => Standing::Full,
        (_, true) => Standing::Code,
        (_, false) if needed => Standing::Enrol,
        (_, false) => Standing::Full,
    }
}

/// Whether a session still lives.
pub(crate) fn is_alive(row: &SessionRow, standing: Standing, settings: &SignIn, now: Timestamp) -> bool {
    let since = |then: Timestamp| now.duration_since(then);
    now < row.expires_at
        && since(row.seen_at) < settings.idle
        && (standing == Standing::Full || since(row.created_at) < HALFWAY)
}

/// Whether it is time to note that a session was used.
pub(crate) fn is_worth_noting(row: &SessionRow, now: Timestamp) -> bool {
    now.duration_since(row.seen_at) >= SEEN
}

/// A new session.
pub(crate) fn begin(
    secret: &Secret,
    person: PersonId,
    second_factor: bool,
    agent: String,
    settings: &SignIn,
    now: Timestamp,
) -> SessionRow {
    SessionRow {
        hash: secret.hash(),
        person,
        created_at: now,
        seen_at: now,
        expires_at: now.checked_add(settings.absolute).unwrap_or(now),
        second_factor,
        agent,
    }
}

/// The kind of browser and system, no more than its owner needs to recognise it.
pub(crate) fn agent(user_agent: &str) -> String {
    let first = |known: &[(&str, &str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("不明", |(_, name)| *name).to_owned()
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    format!("{browser}（{system}）")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    #[test]
    fn who_governs_shows_a_second_factor_and_who_has_one_shows_it() {
        let (none, some) = (Means { second_factor: false }, Means { second_factor: true });
        for (shown, means, needed, expected) in [
            (false, none, false, Standing::Full),
            (false, none, true, Standing::Enrol),
            (true, none, true, Standing::Enrol),
            (false, some, false, Standing::Code),
            (false, some, true, Standing::Code),
            (true, some, true, Standing::Full),
        ] {
            assert_eq!(standing(shown, means, needed), expected, "{shown} {means:?} {needed}");
        }
    }

    #[test]
    fn a_session_ends_when_idle_when_old_and_when_the_second_factor_does_not_come() {
        let settings = Config::for_data(Path::new("/x")).unwrap().signin;
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        let secret = Secret::read(&"ab".repeat(32)).unwrap();
        let mut row = begin(&secret, PersonId::new("p-1").unwrap(), false, agent(""), &settings, at(0));
        let alive = |row: &SessionRow, standing, minute| is_alive(row, standing, &settings, at(minute));
        assert!(alive(&row, Standing::Full, 29) && !alive(&row, Standing::Full, 30));
        assert!(alive(&row, Standing::Code, 9) && !alive(&row, Standing::Code, 10));
        assert!(alive(&row, Standing::Enrol, 9) && !alive(&row, Standing::Enrol, 10));
        row.seen_at = at(12 * 60 - 1);
        assert!(alive(&row, Standing::Full, 12 * 60 - 1) && !alive(&row, Standing::Full, 12 * 60));
    }

    #[test]
    fn only_what_this_program_made_is_read_from_a_cookie() {
        for bad in ["", "ab", &"AB".repeat(32), &"ab".repeat(33), &"zz".repeat(32)] {
            assert!(Secret::read(bad).is_none(), "{bad}");
        }
        let (one, other) = (Secret::read(&"ab".repeat(32)).unwrap(), Secret::read(&"cd".repeat(32)).unwrap());
        assert_ne!(one.form_token(), other.form_token());
        assert_ne!(one.form_token(), one.hash());
    }
}
