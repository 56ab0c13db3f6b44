//! Enrolling a second factor: a secret is offered, a code proves that the phone has it, recovery codes are shown once.

use super::session::{self, Secret};
use super::sign_in::SignedIn;
use super::{recovery, totp};
use crate::installation::Installation;
use bytes::Bytes;
use sekisho_domain::command::{Actor, Command, EnrolSecondFactor, Occasion};
use sekisho_domain::id::PersonId;
use sekisho_domain::refusal::Refusal;
use sekisho_gate::identify::hex;
use sekisho_gate::world::World;
use sekisho_store::{AccountChange, Body, JournalError, RANDOM_BYTES, SealError};
use zeroize::Zeroizing;

/// A secret that is offered and not yet confirmed.
pub(crate) struct Offer {
    /// To type.
    pub(crate) text: String,
    /// To open on the same machine.
    pub(crate) uri: String,
    /// To scan: side and path of an SVG.
    pub(crate) qr: Option<(i32, String)>,
    /// To send back with the code: sealed, so that only secrets of ours are enrolled, by the session they were shown to.
    pub(crate) sealed: String,
}

/// Why nothing was enrolled.
#[derive(Debug, thiserror::Error)]
pub enum NotEnrolled {
    /// The offer does not belong to this session.
    #[error("the offer is of another session")]
    Offer,
    /// The code is wrong.
    #[error("the code is wrong")]
    Code,
    /// The register says no.
    #[error("{}", .0.en)]
    Refused(Refusal),
    /// Nothing could be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Nothing could be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What was enrolled.
#[derive(Debug)]
pub struct Enrolled {
    /// Recovery codes, shown this once.
    pub codes: Vec<String>,
}

fn sealed_body(world: &dyn World, secret: &[u8]) -> Body {
    let mut random = [0; RANDOM_BYTES];
    world.random(&mut random);
    Body::new(Bytes::copy_from_slice(secret), &random)
}

/// Offers a fresh secret to a session.
pub(crate) fn offer(app: &Installation, signed: &SignedIn, organization: &str) -> Result<Offer, SealError> {
    let mut secret = Zeroizing::new([0; totp::SECRET]);
    app.world.random(&mut *secret);
    shown(app, signed, organization, &*secret)
}

/// Offers the same secret again, after a code that was wrong.
pub(crate) fn offered(
    app: &Installation,
    signed: &SignedIn,
    organization: &str,
    sealed: &str,
) -> Result<Offer, SealError> {
    let secret = unsealed(app, signed, sealed)?;
    shown(app, signed, organization, &secret)
}

fn shown(app: &Installation, signed: &SignedIn, organization: &str, secret: &[u8]) -> Result<Offer, SealError> {
    let letters: Vec<char> = totp::base32(secret).chars().collect();
    let uri = totp::uri(organization, &signed.login, secret);
    let sealed = app.store.seal_for_page(&purpose(signed), &sealed_body(&*app.world, secret))?;
    Ok(Offer {
        text: letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" "),
        qr: totp::qr(&uri),
        uri,
        sealed: hex(&sealed),
    })
}

fn purpose(signed: &SignedIn) -> String {
    format!("second factor {}", signed.row.hash)
}

fn unsealed(app: &Installation, signed: &SignedIn, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let digits: Option<Vec<u8>> =
        sealed.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    app.store.open_from_page(&purpose(signed), &digits.ok_or(SealError::Opening)?)
}

/// Enrols the offered secret if the code is its code. The session gives way to a new one that has shown both factors.
pub(crate) async fn enrol(
    app: &Installation,
    signed: &SignedIn,
    sealed: &str,
    typed: &str,
) -> Result<(Enrolled, Secret), NotEnrolled> {
    let secret = unsealed(app, signed, sealed).map_err(|_| NotEnrolled::Offer)?;
    let step = totp::check(&secret, typed, app.world.now()).ok_or(NotEnrolled::Code)?;
    let enrolled = keep(app, &signed.row.person, &secret, step).await?;
    let cookie = Secret::fresh(&*app.world);
    let (person, agent) = (signed.row.person.clone(), signed.row.agent.clone());
    let row = session::begin(&cookie, person, true, agent, &app.config.signin, app.world.now());
    let change = AccountChange::Begin { session: row, instead_of: Some(signed.row.hash.clone()) };
    app.journal.keep_account(change).await?;
    Ok((enrolled, cookie))
}

/// Enrols a secret without a session: for the people of the demo, whose secrets lie open.
pub async fn enrol_for_demo(app: &Installation, person: &PersonId) -> Result<String, NotEnrolled> {
    let mut secret = Zeroizing::new([0; totp::SECRET]);
    app.world.random(&mut *secret);
    keep(app, person, &*secret, 0).await?;
    Ok(totp::base32(&*secret))
}

async fn keep(app: &Installation, person: &PersonId, secret: &[u8], step: u64) -> Result<Enrolled, NotEnrolled> {
    let codes = recovery::fresh(&*app.world);
    let totp = app.store.seal_totp(person, &sealed_body(&*app.world, secret))?;
    let hashes = codes.iter().filter_map(|code| recovery::hash(person, code)).collect();
    let occasion = Occasion {
        actor: Actor::Person(person.clone()),
        at: app.world.now(),
        reason: String::new(),
        documents: Vec::new(),
        fresh: app.world.fresh(),
    };
    let command = Command::EnrolSecondFactor(EnrolSecondFactor { person: person.clone() });
    let row = AccountChange::SecondFactor { person: person.clone(), totp, step, codes: hashes };
    app.journal.govern_with(occasion, command, Vec::new(), vec![row]).await?.map_err(NotEnrolled::Refused)?;
    Ok(Enrolled { codes })
}
