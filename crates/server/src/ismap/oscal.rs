//! OSCAL at the door: which record becomes which document, and who may take it along.

use super::documents::{self, DocumentError};
use super::working::{self, Draft};
use crate::installation::Installation;
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::id::{CatalogueId, EngagementId, PartyId, PersonId, StatementId};
use sekisho_domain::ismap::catalogue::Crosswalk;
use sekisho_domain::ismap::chronicle::{Chronicle, Record};
use sekisho_domain::ismap::engagement::AuditFile;
use sekisho_domain::ismap::statement::StatementContent;
use sekisho_domain::register::Register;
use sekisho_oscal::{
    CatalogueMeta, CrosswalkMeta, EngagementMeta, ExportError, Made, Model, Party, Selection, StatementMeta,
    export_assessment_plan, export_assessment_results, export_catalog, export_mapping, export_poam, export_profile,
    export_ssp, file_name,
};

/// A document to take along.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Name of the file.
    pub(crate) name: String,
    /// The document.
    pub(crate) bytes: Vec<u8>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// No such record, or one of others.
    #[error("no such record")]
    Missing,
    /// The content is not at hand.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The record cannot be written as OSCAL.
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// Words for the address: the key of the model.
pub(crate) fn model(word: &str) -> Option<Model> {
    Model::ALL.into_iter().find(|model| model.key() == word)
}

fn last<R: Record>(chronicle: &Chronicle<R>) -> Timestamp {
    chronicle.last().map_or(Timestamp::UNIX_EPOCH, |step| step.stamp.at)
}

fn party(register: &Register, id: &PartyId) -> Option<Party> {
    register.scheme().parties.now(id).map(|known| Party { id: id.clone(), name: known.name.clone() })
}

/// Makes the document of a record for somebody who may read the record. `id` of a mapping is `FROM..TO`.
pub(crate) async fn take(
    app: &Installation,
    register: &Register,
    person: &PersonId,
    today: Date,
    model: Model,
    id: &str,
) -> Result<Taken, NotTaken> {
    let bytes = match model {
        Model::Catalog | Model::Profile => {
            let id: CatalogueId = id.parse().map_err(|_| NotTaken::Missing)?;
            let meta = version(register, &id)?;
            let items = documents::catalogue(app, register, &id).await?;
            match model {
                Model::Catalog => export_catalog(&meta, &items)?,
                _ => export_profile(&meta, &items, Selection::Basic)?,
            }
        }
        Model::Mapping => {
            let (from, to) = id.split_once("..").ok_or(NotTaken::Missing)?;
            let parsed = |text: &str| text.parse::<CatalogueId>().map_err(|_| NotTaken::Missing);
            mapping(app, register, &parsed(from)?, &parsed(to)?).await?
        }
        Model::SystemSecurityPlan => {
            let id: StatementId = id.parse().map_err(|_| NotTaken::Missing)?;
            statement(app, register, person, today, &id).await?
        }
        Model::AssessmentPlan | Model::AssessmentResults | Model::PlanOfAction => {
            let id: EngagementId = id.parse().map_err(|_| NotTaken::Missing)?;
            engagement(app, register, person, model, &id).await?
        }
    };
    Ok(Taken { name: file_name(model.key(), &id.replace("..", "-")), bytes })
}

fn version(register: &Register, id: &CatalogueId) -> Result<CatalogueMeta, NotTaken> {
    let chronicle = register.scheme().catalogues.get(id).ok_or(NotTaken::Missing)?;
    Ok(CatalogueMeta::of(id.clone(), chronicle.now(), last(chronicle)))
}

async fn mapping(
    app: &Installation,
    register: &Register,
    from: &CatalogueId,
    to: &CatalogueId,
) -> Result<Vec<u8>, NotTaken> {
    let (earlier, later) = (version(register, from)?, version(register, to)?);
    let kept = register.scheme().catalogues.now(from).and_then(|row| row.crosswalks.get(to));
    let (crosswalk, made) = match kept {
        Some(sha256) => (documents::read(app, sha256).await?, Made::ByPeople),
        None => {
            let before = documents::catalogue(app, register, from).await?;
            let after = documents::catalogue(app, register, to).await?;
            (Crosswalk::by_number(&before, &after), Made::ByNumber)
        }
    };
    let at = earlier.last_modified.max(later.last_modified);
    Ok(export_mapping(&CrosswalkMeta::between(&earlier, &later, made, at), &crosswalk)?)
}

async fn statement(
    app: &Installation,
    register: &Register,
    person: &PersonId,
    today: Date,
    id: &StatementId,
) -> Result<Vec<u8>, NotTaken> {
    let scheme = register.scheme();
    let chronicle = scheme.statements.get(id).filter(|_| scheme.may_read_statement(person, id, today));
    let chronicle = chronicle.ok_or(NotTaken::Missing)?;
    let now = chronicle.now();
    let content: StatementContent = match now.content.as_ref().filter(|_| now.state.is_frozen()) {
        Some(content) => documents::read(app, content.sha256()).await?,
        // A draft is its provider's own.
        None if scheme.party_of(person) == Some(&now.party) => {
            working::load(app, Draft::Statement, id.as_str()).await?.ok_or(NotTaken::Missing)?
        }
        None => return Err(NotTaken::Missing),
    };
    let mut version = 1;
    let mut before = now.changes_signed.then_some(now.previous.as_ref()).flatten();
    // A chain of versions of one period is short; the bound only keeps a hostile ledger from looping.
    while let Some(earlier) = before.and_then(|id| scheme.statements.now(id)).filter(|_| version < 100) {
        version += 1;
        before = earlier.changes_signed.then_some(earlier.previous.as_ref()).flatten();
    }
    let meta = StatementMeta {
        id: id.clone(),
        version: version.to_string(),
        provider: party(register, &now.party),
        last_modified: last(chronicle),
    };
    Ok(export_ssp(&meta, &content)?)
}

async fn engagement(
    app: &Installation,
    register: &Register,
    person: &PersonId,
    model: Model,
    id: &EngagementId,
) -> Result<Vec<u8>, NotTaken> {
    let scheme = register.scheme();
    let chronicle = scheme.engagements.get(id).filter(|_| scheme.may_read_engagement(person, id));
    let chronicle = chronicle.ok_or(NotTaken::Missing)?;
    let now = chronicle.now();
    let file: AuditFile = match &now.report {
        Some(report) => documents::read(app, report.sha256()).await?,
        // Working papers are the firm's own until the report.
        None if scheme.party_of(person) == Some(&now.firm) => {
            working::load(app, Draft::AuditFile, id.as_str()).await?.ok_or(NotTaken::Missing)?
        }
        None => return Err(NotTaken::Missing),
    };
    let meta = meta_of(register, id).ok_or(NotTaken::Missing)?;
    Ok(match model {
        Model::AssessmentPlan => export_assessment_plan(&meta, &file)?,
        Model::AssessmentResults => export_assessment_results(&meta, &file)?,
        _ => export_poam(&meta, &file)?,
    })
}

/// What documents say about an audit.
pub(crate) fn meta_of(register: &Register, id: &EngagementId) -> Option<EngagementMeta> {
    let scheme = register.scheme();
    let chronicle = scheme.engagements.get(id)?;
    let now = chronicle.now();
    let statement = scheme.statements.now(&now.statement)?;
    Some(EngagementMeta {
        id: id.clone(),
        kind: now.kind,
        statement: now.statement.clone(),
        firm: party(register, &now.firm),
        from: statement.from,
        to: statement.to,
        last_modified: last(chronicle),
    })
}
