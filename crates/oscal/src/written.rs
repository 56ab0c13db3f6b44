//! Parts that several models share, as they are written.

use crate::error::ExportError;
use crate::error::ImportError;
use crate::names::{self, NS, OSCAL_VERSION};
use crate::read::{Node, Props};
use crate::text;
use jiff::Timestamp;
use sekisho_domain::id::PartyId;
use serde::Serialize;

/// The class of a prop whose exact text stands in its remarks.
pub(crate) const EXACT: &str = "exact-text-in-remarks";

/// A prop.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Property {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ns: Option<&'static str>,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

impl Property {
    /// A prop of ours. Whatever the text, none of it is lost.
    pub(crate) fn ours(name: &'static str, text: impl ToString) -> Self {
        let text = text.to_string();
        if text::is_string(&text) {
            return Self { name, ns: Some(NS), value: text, class: None, remarks: None };
        }
        let value = text::line(&text, "—");
        Self { name, ns: Some(NS), value, class: Some(EXACT), remarks: Some(text) }
    }

    /// A prop of ours, unless the text is empty.
    pub(crate) fn unless_empty(name: &'static str, text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::ours(name, text))
    }

    /// The exact text of something that OSCAL wants as one line; nothing when it is one.
    pub(crate) fn exact(name: &'static str, text: &str) -> Option<Self> {
        (!text::is_string(text)).then(|| Self::ours(name, text))
    }

    /// A prop that OSCAL itself names.
    pub(crate) fn oscal(name: &'static str, value: String) -> Self {
        Self { name, ns: None, value, class: None, remarks: None }
    }
}

/// The head of a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Metadata {
    title: String,
    last_modified: String,
    version: String,
    oscal_version: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parties: Vec<Organization>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    responsible_parties: Vec<ResponsibleParty>,
}

#[derive(Debug, Serialize)]
struct Role {
    id: &'static str,
    title: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Organization {
    uuid: String,
    r#type: &'static str,
    name: String,
    external_ids: Vec<ExternalId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
}

#[derive(Debug, Serialize)]
struct ExternalId {
    scheme: &'static str,
    id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct ResponsibleParty {
    role_id: &'static str,
    party_uuids: Vec<String>,
}

/// A company or body, as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Identifier.
    pub id: PartyId,
    /// Name.
    pub name: String,
}

impl Party {
    /// Its UUID.
    pub(crate) fn uuid(&self) -> String {
        names::uuid("party", &[self.id.as_str()])
    }
}

impl Metadata {
    /// A head.
    pub(crate) fn new(
        title: &str,
        version: &str,
        last_modified: Timestamp,
        props: impl IntoIterator<Item = Property>,
    ) -> Result<Self, ExportError> {
        let exact = [Property::exact("title", title), Property::exact("version", version)];
        Ok(Self {
            title: text::line(title, "—"),
            last_modified: names::instant(last_modified)?,
            version: text::line(version, "—"),
            oscal_version: OSCAL_VERSION,
            props: exact.into_iter().flatten().chain(props).collect(),
            roles: Vec::new(),
            parties: Vec::new(),
            responsible_parties: Vec::new(),
        })
    }

    /// Names the party in a role.
    pub(crate) fn with(mut self, role: &'static str, title: &'static str, party: Option<&Party>) -> Self {
        if let Some(party) = party {
            self.roles.push(Role { id: role, title });
            self.responsible_parties.push(ResponsibleParty { role_id: role, party_uuids: vec![party.uuid()] });
            self.parties.push(Organization {
                uuid: party.uuid(),
                r#type: "organization",
                name: text::line(&party.name, "—"),
                external_ids: vec![ExternalId { scheme: NS, id: party.id.to_string() }],
                props: Property::exact("name", &party.name).into_iter().collect(),
            });
        }
        self
    }
}

/// What is read of a head. Title and version count as read only when they are asked for.
pub(crate) struct Head<'a> {
    metadata: Node<'a>,
    pub(crate) props: Props<'a>,
    pub(crate) last_modified: Timestamp,
    pub(crate) party: Option<Party>,
}

impl Head<'_> {
    /// The exact title.
    pub(crate) fn title(&mut self) -> Result<String, ImportError> {
        let line = self.metadata.need_text("title")?;
        Ok(self.props.ours("title")?.unwrap_or_else(|| line.to_owned()))
    }

    /// The exact version.
    pub(crate) fn version(&mut self) -> Result<String, ImportError> {
        let line = self.metadata.need_text("version")?;
        Ok(self.props.ours("version")?.unwrap_or_else(|| line.to_owned()))
    }
}

/// Reads a head.
pub(crate) fn head<'a>(document: &Node<'a>) -> Result<Head<'a>, ImportError> {
    let metadata = document.need("metadata")?;
    // The document itself notes another version than ours.
    metadata.get("oscal-version")?;
    let modified = metadata.need("last-modified")?;
    let last_modified =
        modified.text()?.parse().map_err(|_| modified.form("時差の付いた日時", "a date-time with a zone"))?;
    let mut party = None;
    for organization in metadata.unread_list("parties")? {
        let Some(id) = organization.party_id().filter(|_| party.is_none()) else { continue };
        organization.take();
        let exact = organization.props()?.ours("name")?;
        let name = organization.text_of("name")?.unwrap_or_default().to_owned();
        for external in organization.list("external-ids")? {
            external.get("id")?;
            external.get("scheme")?;
        }
        party = Some(Party { id, name: exact.unwrap_or(name) });
    }
    Ok(Head { props: metadata.props()?, metadata, last_modified, party })
}

impl Node<'_> {
    /// Our identifier of a party, if it has one.
    fn party_id(&self) -> Option<PartyId> {
        let ids = self.peek_value("external-ids")?.as_array()?;
        ids.iter()
            .find(|i| i.get("scheme").and_then(|s| s.as_str()) == Some(NS))
            .and_then(|i| PartyId::new(i.get("id")?.as_str()?).ok())
    }
}

/// A text of a control.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) prose: String,
}

/// A reference to another document.
#[derive(Debug, Serialize)]
pub(crate) struct Import {
    pub(crate) href: String,
}

impl Import {
    /// To a document of ours, in the same folder.
    pub(crate) fn of(kind: &str, id: &str) -> Self {
        Self { href: names::file_name(kind, id) }
    }
}

/// Controls that are chosen by their ids.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct WithIds {
    pub(crate) with_ids: Vec<String>,
}

/// An object without members.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Empty {}

/// The lifecycle of a component, a system or an implementation.
#[derive(Debug, Serialize)]
pub(crate) struct State {
    pub(crate) state: &'static str,
}

/// The identifier of a system.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SystemId {
    pub(crate) identifier_type: &'static str,
    pub(crate) id: String,
}

/// Documents that others refer to.
#[derive(Debug, Serialize)]
pub(crate) struct BackMatter {
    pub(crate) resources: Vec<Resource>,
}

/// A document that others refer to.
#[derive(Debug, Serialize)]
pub(crate) struct Resource {
    pub(crate) uuid: String,
    pub(crate) title: String,
    pub(crate) props: Vec<Property>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rlinks: Vec<ResourceLink>,
}

/// Where such a document lies.
#[derive(Debug, Serialize)]
pub(crate) struct ResourceLink {
    pub(crate) href: String,
    pub(crate) hashes: Vec<Hash>,
}

/// A hash.
#[derive(Debug, Serialize)]
pub(crate) struct Hash {
    pub(crate) algorithm: &'static str,
    pub(crate) value: String,
}
