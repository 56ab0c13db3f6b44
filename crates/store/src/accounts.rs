//! Accounts and sessions: private rows beside the ledger.
//!
//! That an account was opened and secured is an entry; the rows that go with such a command are written in the same
//! transaction ([`Journal::govern_with`]). Everything else here (a session, a used code) is a row alone.

use crate::batch::Keep;
use crate::bundle::{Bundle, Table};
use crate::engine::{EngineResult, Row, Tx, Value};
use crate::reading::ReadError;
use crate::sealed::{Body, SealError};
use crate::{Journal, JournalError, Store};
use jiff::Timestamp;
use sekisho_domain::id::PersonId;
use zeroize::Zeroizing;

const RECOVERY_CODES: Table = Table::new("recovery_code (person,hash)", 2);

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose.
    pub person: PersonId,
    /// The name to sign in with.
    pub login: String,
    /// argon2id in PHC form; empty until the person has chosen a password.
    pub password: String,
    /// The secret of the second factor.
    pub totp: Option<Zeroizing<Vec<u8>>>,
    /// When the password was last changed.
    pub changed_at: Timestamp,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow").field("person", &self.person).finish_non_exhaustive()
    }
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of its secret, lower-case hex.
    pub hash: String,
    /// Whose.
    pub person: PersonId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// The second factor was shown.
    pub second_factor: bool,
    /// The kind of browser, coarsely.
    pub agent: String,
}

/// A change of accounts or sessions.
#[derive(Debug, Clone)]
pub enum AccountChange {
    /// Sets the login name, making the account if there is none. Goes with `account.invite`.
    Invite {
        /// Whose.
        person: PersonId,
        /// Name to sign in with.
        login: String,
        /// When.
        at: Timestamp,
    },
    /// Sets the password; second factor, recovery codes and sessions end. Goes with `account.open`.
    Open {
        /// Whose.
        person: PersonId,
        /// argon2id in PHC form.
        password: String,
        /// When.
        at: Timestamp,
    },
    /// Sets the second factor and its recovery codes. Goes with `second_factor.enrol`.
    SecondFactor {
        /// Whose.
        person: PersonId,
        /// The sealed secret, from [`Store::seal_totp`].
        totp: Vec<u8>,
        /// The time step of the code that proved it.
        step: u64,
        /// Hashes of the recovery codes.
        codes: Vec<String>,
    },
    /// Sets a new password and ends every session of the person.
    Password {
        /// Whose.
        person: PersonId,
        /// argon2id in PHC form.
        password: String,
        /// When.
        at: Timestamp,
    },
    /// Uses the code of a time step up. Changes no row when that step, or a later one, is used already.
    UseStep {
        /// Whose.
        person: PersonId,
        /// Time step.
        step: u64,
    },
    /// Uses a recovery code up. Changes no row when there is none.
    UseRecoveryCode {
        /// Whose.
        person: PersonId,
        /// Its hash.
        hash: String,
    },
    /// Begins a session, in the place of another if one is named.
    Begin {
        /// The session.
        session: SessionRow,
        /// Hash of the one that ends with it.
        instead_of: Option<String>,
    },
    /// The session was used.
    Seen {
        /// Its hash.
        hash: String,
        /// When.
        at: Timestamp,
    },
    /// Ends a session of a person.
    End {
        /// Whose.
        person: PersonId,
        /// Its hash.
        hash: String,
    },
    /// Ends every session of a person but one.
    EndOthers {
        /// Whose.
        person: PersonId,
        /// Hash of the one that stays.
        but: String,
    },
}

fn moment(at: Timestamp) -> Value {
    Value::Int(at.as_microsecond())
}

fn owned(text: String) -> Value {
    Value::Text(text.into())
}

async fn of_person(tx: &mut Tx, tables: &[&str], person: &PersonId) -> EngineResult<()> {
    for table in tables {
        tx.execute(&format!("DELETE FROM {table} WHERE person = $1"), vec![Value::from(person.as_str())]).await?;
    }
    Ok(())
}

/// Nothing of an account stays once its owner has left.
pub(crate) async fn forget_account(tx: &mut Tx, person: &PersonId) -> EngineResult<()> {
    of_person(tx, &["session", "recovery_code", "account"], person).await
}

impl AccountChange {
    /// Writes it; returns how many rows its last statement changed.
    pub(crate) async fn write(self, tx: &mut Tx) -> EngineResult<u64> {
        match self {
            Self::Invite { person, login, at } => {
                // A login name that someone else has since taken changes nothing: the link then has no account to open.
                let taken = "SELECT 1 FROM account WHERE login = $1 AND person <> $2";
                let taken = tx.fetch(taken, vec![Value::from(login.as_str()), Value::from(person.as_str())]).await?;
                if !taken.is_empty() {
                    return Ok(0);
                }
                tx.execute(
                    "INSERT INTO account (person,login,password,totp,totp_step,created_at,changed_at) VALUES \
                     ($1,$2,'',$3,0,$4,$5) ON CONFLICT (person) DO UPDATE SET login = excluded.login",
                    vec![Value::from(person.as_str()), owned(login), Value::Bytes(Vec::new()), moment(at), moment(at)],
                )
                .await
            }
            Self::Open { person, password, at } => {
                of_person(tx, &["session", "recovery_code"], &person).await?;
                tx.execute(
                    "UPDATE account SET password = $1, totp = $2, totp_step = 0, changed_at = $3 WHERE person = $4",
                    vec![owned(password), Value::Bytes(Vec::new()), moment(at), Value::from(person.as_str())],
                )
                .await
            }
            Self::SecondFactor { person, totp, step, codes } => {
                of_person(tx, &["recovery_code"], &person).await?;
                let mut bundle = Bundle::default();
                bundle.add(tx, RECOVERY_CODES, codes.into_iter(), |hash, v| {
                    v.extend([Value::from(person.as_str()), owned(hash)]);
                })?;
                bundle.write(tx).await?;
                tx.execute(
                    "UPDATE account SET totp = $1, totp_step = $2 WHERE person = $3",
                    vec![Value::Bytes(totp), Value::from(step), Value::from(person.as_str())],
                )
                .await
            }
            Self::Password { person, password, at } => {
                of_person(tx, &["session"], &person).await?;
                tx.execute(
                    "UPDATE account SET password = $1, changed_at = $2 WHERE person = $3",
                    vec![owned(password), moment(at), Value::from(person.as_str())],
                )
                .await
            }
            Self::UseStep { person, step } => {
                tx.execute(
                    "UPDATE account SET totp_step = $1 WHERE person = $2 AND totp_step < $3",
                    vec![Value::from(step), Value::from(person.as_str()), Value::from(step)],
                )
                .await
            }
            Self::UseRecoveryCode { person, hash } => {
                tx.execute(
                    "DELETE FROM recovery_code WHERE person = $1 AND hash = $2",
                    vec![Value::from(person.as_str()), owned(hash)],
                )
                .await
            }
            Self::Begin { session, instead_of } => {
                // What has ended goes when the next one comes; until then nothing reads it.
                tx.execute("DELETE FROM session WHERE expires_at <= $1", vec![moment(session.created_at)]).await?;
                if let Some(hash) = instead_of {
                    tx.execute("DELETE FROM session WHERE hash = $1", vec![owned(hash)]).await?;
                }
                tx.execute(
                    "INSERT INTO session (hash,person,created_at,seen_at,expires_at,second_factor,agent) VALUES \
                     ($1,$2,$3,$4,$5,$6,$7)",
                    vec![
                        owned(session.hash),
                        Value::from(session.person.as_str()),
                        moment(session.created_at),
                        moment(session.seen_at),
                        moment(session.expires_at),
                        Value::Int(i64::from(session.second_factor)),
                        owned(session.agent),
                    ],
                )
                .await
            }
            Self::Seen { hash, at } => {
                tx.execute("UPDATE session SET seen_at = $1 WHERE hash = $2", vec![moment(at), owned(hash)]).await
            }
            Self::End { person, hash } => {
                let which = vec![Value::from(person.as_str()), owned(hash)];
                tx.execute("DELETE FROM session WHERE person = $1 AND hash = $2", which).await
            }
            Self::EndOthers { person, but } => {
                let which = vec![Value::from(person.as_str()), owned(but)];
                tx.execute("DELETE FROM session WHERE person = $1 AND hash <> $2", which).await
            }
        }
    }
}

impl Journal {
    /// Writes a change of accounts or sessions; returns how many rows it changed once that is durable.
    pub async fn keep_account(&self, change: AccountChange) -> Result<u64, JournalError> {
        self.keep(Keep::Account(change)).await
    }
}

const ACCOUNT: &str = "SELECT person, login, password, totp, changed_at FROM account";
const SESSION: &str = "SELECT hash, person, created_at, seen_at, expires_at, second_factor, agent FROM session";

pub(crate) fn totp_binding(person: &PersonId) -> String {
    format!("{person} totp")
}

impl Store {
    /// The account with a login name.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<AccountRow>, ReadError> {
        self.account_where("login", login).await
    }

    /// A person's account.
    pub async fn account_of(&self, person: &PersonId) -> Result<Option<AccountRow>, ReadError> {
        self.account_where("person", person.as_str()).await
    }

    async fn account_where(&self, column: &str, value: &str) -> Result<Option<AccountRow>, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch(&format!("{ACCOUNT} WHERE {column} = $1"), vec![Value::from(value)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let person = owner(&row.text(0)?)?;
        let sealed = row.bytes(3)?;
        let totp = if sealed.is_empty() {
            None
        } else {
            Some(Zeroizing::new(self.key.open(&totp_binding(&person), &sealed)?.bytes))
        };
        let changed_at = at(row.int(4)?)?;
        Ok(Some(AccountRow { person, login: row.text(1)?, password: row.text(2)?, totp, changed_at }))
    }

    /// How many recovery codes a person has left.
    pub async fn recovery_codes_left(&self, person: &PersonId) -> Result<u64, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = "SELECT COUNT(*) FROM recovery_code WHERE person = $1";
        let rows = tx.fetch(sql, vec![Value::from(person.as_str())]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.uint(0))?)
    }

    /// A session by the hash of its secret, whatever its time.
    pub async fn session(&self, hash: &str) -> Result<Option<SessionRow>, ReadError> {
        let mut tx = self.engine.read().await?;
        let rows = tx.fetch(&format!("{SESSION} WHERE hash = $1"), vec![Value::from(hash)]).await?;
        rows.first().map(session).transpose()
    }

    /// A person's sessions whose absolute end has not come, newest first.
    pub async fn sessions_of(&self, person: &PersonId, now: Timestamp) -> Result<Vec<SessionRow>, ReadError> {
        let mut tx = self.engine.read().await?;
        let sql = format!("{SESSION} WHERE person = $1 AND expires_at > $2 ORDER BY created_at DESC, hash LIMIT 100");
        let rows = tx.fetch(&sql, vec![Value::from(person.as_str()), moment(now)]).await?;
        rows.iter().map(session).collect()
    }

    /// Seals the secret of a second factor for its row.
    pub fn seal_totp(&self, person: &PersonId, secret: &Body) -> Result<Vec<u8>, SealError> {
        self.key.seal(&totp_binding(person), secret)
    }

    /// Seals something that goes to a page and comes back unread, such as a secret not yet confirmed.
    pub fn seal_for_page(&self, purpose: &str, content: &Body) -> Result<Vec<u8>, SealError> {
        self.key.seal(&format!("page {purpose}"), content)
    }

    /// Opens what came back from a page.
    pub fn open_from_page(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        Ok(Zeroizing::new(self.key.open(&format!("page {purpose}"), sealed)?.bytes))
    }
}

fn owner(text: &str) -> Result<PersonId, ReadError> {
    PersonId::new(text).map_err(|_| ReadError::Corrupt("an account or session has a bad owner".into()))
}

fn at(microseconds: i64) -> Result<Timestamp, ReadError> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|_| ReadError::Corrupt("an account or session has a bad time".into()))
}

fn session(row: &Row) -> Result<SessionRow, ReadError> {
    Ok(SessionRow {
        hash: row.text(0)?,
        person: owner(&row.text(1)?)?,
        created_at: at(row.int(2)?)?,
        seen_at: at(row.int(3)?)?,
        expires_at: at(row.int(4)?)?,
        second_factor: row.int(5)? != 0,
        agent: row.text(6)?,
    })
}
