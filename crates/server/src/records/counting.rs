//! The list of a disposal: which uses may be destroyed as of a day.

use super::{PIECE, WalkError};
use crate::installation::Installation;
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::day::begin_in_japan;
use sekisho_domain::records::disposal::{Listed, Listing};
use sekisho_domain::register::Register;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A list with the register it was counted on.
pub(crate) struct Counted {
    /// The list.
    pub(crate) list: Listed,
    /// Position of that register.
    pub(crate) counted_at: u64,
    /// By how long they were kept, for whoever approves.
    pub(crate) by_term: BTreeMap<String, u64>,
}

/// Tries before a list is given back as it is: the command then says that it is stale.
const TRIES: usize = 3;

/// Counts the list as of a day. Classifications of single uses that came meanwhile are looked at one by one, so that a
/// busy day does not make every list stale.
pub(crate) async fn list(installation: &Installation, as_of: Date) -> Result<Counted, WalkError> {
    let mut register = installation.journal.register()?;
    let mut counted = counted(installation, &register, as_of).await?;
    for _ in 0..TRIES {
        let now = installation.journal.register()?;
        if now.records().changed() <= counted.counted_at {
            break;
        }
        let same = now.records().changed_for_all() <= counted.counted_at
            && none_listed(installation, &register, &now, as_of).await?;
        if same {
            counted.counted_at = now.position();
        } else {
            counted = self::counted(installation, &now, as_of).await?;
        }
        register = now;
    }
    Ok(counted)
}

/// None of the uses that were classified between two registers is on the list of either.
async fn none_listed(
    installation: &Installation,
    then: &Arc<Register>,
    now: &Arc<Register>,
    as_of: Date,
) -> Result<bool, WalkError> {
    for of in now.records().ground().classified_since(then.records().ground()) {
        let made = installation.store.made(of).await?;
        if then.records().is_disposable(&made, as_of) || now.records().is_disposable(&made, as_of) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn counted(installation: &Installation, register: &Register, as_of: Date) -> Result<Counted, WalkError> {
    let records = register.records();
    let (mut listing, mut by_term) = (Listing::new(as_of), BTreeMap::new());
    // What was made on the day itself cannot be over before it.
    let before = begin_in_japan(as_of).unwrap_or(Timestamp::MIN);
    let mut from = 0;
    loop {
        let rows = installation.store.made_from(from, before, PIECE).await?;
        let Some(last) = rows.last() else { break };
        from = last.made.opened + 1;
        for row in &rows {
            if listing.add(records, &row.made) {
                *by_term.entry(records.ground().term(&row.made).label()).or_insert(0) += 1;
            }
        }
        if installation.tasks.is_closed() {
            return Err(WalkError::Stopping);
        }
    }
    Ok(Counted { list: listing.finish(), counted_at: register.position(), by_term })
}
