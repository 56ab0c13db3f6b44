//! References in the units of one revision, as links.

use crate::law::LawId;
use crate::law::name::Names;
use crate::law::reference::{Book, Spot};
use crate::unit::{Link, Unit};

/// Writes the links of a revision's units anew, and answers whether they changed. References that name no law on the
/// shelf make no link; neither do those to a law as a whole, which is no unit.
pub fn link(units: &mut [Unit], names: &dyn Names) -> bool {
    let Some((law, title)) = units.first().and_then(|unit| Some((LawId::new(unit.work())?, unit.title.clone()))) else {
        return false;
    };
    let spots: Vec<Option<Spot>> = units.iter().map(spot).collect();
    let known = spots.iter().zip(&*units).filter_map(|(spot, unit)| Some((spot.clone()?, unit.text.as_str())));
    let book = Book::new(law, &title, known, names);
    let mut changed = false;
    for (unit, spot) in units.iter_mut().zip(spots) {
        let Some(spot) = spot else { continue };
        let links: Vec<Link> =
            book.references_in(spot, &unit.text).into_iter().filter_map(|found| to_link(&found)).collect();
        if links != unit.links {
            unit.links = links;
            changed = true;
        }
    }
    changed
}

/// The provision that a unit is, by its name.
fn spot(unit: &Unit) -> Option<Spot> {
    Spot::of_key(unit.id.split_once('/')?.1)
}

fn to_link(found: &crate::law::reference::Reference) -> Option<Link> {
    let target = found.target.as_ref().ok()?;
    Some(Link {
        start: u32::try_from(found.span.start).ok()?,
        end: u32::try_from(found.span.end).ok()?,
        to: target.unit_id()?,
        within: target.address.to_string(),
    })
}
