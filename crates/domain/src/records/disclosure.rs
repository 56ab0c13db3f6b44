//! 開示請求: which uses it asks for, who may read them, what was handed out. While one is open nothing of its scope is
//! destroyed (PR-FOI).

use super::Ground;
use super::disposal::Listed;
use super::hold::Scope;
use super::listing::UsesDigest;
use super::made::Made;
use crate::id::{DepartmentId, DisclosureId, PersonId};
use crate::register::Register;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// 不開示情報: why a passage is masked. The numbers are those of 情報公開法5条 as they are generally known (要確認); a body
/// under an ordinance of its own names its clause in the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// 個人に関する情報.
    Person,
    /// 法人等に関する情報.
    Company,
    /// 国の安全等.
    Security,
    /// 公共の安全等.
    PublicOrder,
    /// 審議・検討等.
    Deliberation,
    /// 事務・事業.
    Affairs,
}

impl Withheld {
    /// Every ground.
    pub const ALL: [Self; 6] =
        [Self::Person, Self::Company, Self::Security, Self::PublicOrder, Self::Deliberation, Self::Affairs];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
            Self::Security => "security",
            Self::PublicOrder => "public_order",
            Self::Deliberation => "deliberation",
            Self::Affairs => "affairs",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Person => "個人に関する情報",
            Self::Company => "法人等に関する情報",
            Self::Security => "国の安全等に関する情報",
            Self::PublicOrder => "公共の安全等に関する情報",
            Self::Deliberation => "審議・検討等に関する情報",
            Self::Affairs => "事務・事業に関する情報",
        }
    }
}

/// What was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandedOut {
    /// SHA-256 over the uses of the scope in the order of the ledger, each followed by a line feed; lower-case hex.
    pub digest: String,
    /// Entries of the ledger before this index were counted.
    pub entries: u64,
    /// Uses in the scope.
    pub uses: u64,
    /// Of these, uses whose content is destroyed or was never kept.
    pub without_content: u64,
    /// Of these, uses in which the words were found; all with content when no word was asked for.
    pub found: u64,
    /// Passages that were masked.
    pub masked: u64,
    /// SHA-256 of the file that was made, lower-case hex.
    pub sha256: String,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisclosureState {
    /// Nobody has agreed yet that the contents may be read.
    Opened,
    /// The one who opened it may read.
    Granted,
    /// Answered.
    Closed,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureStep {
    /// What was done.
    pub what: &'static str,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why, or what was added.
    pub reason: String,
}

/// One request for disclosure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Identifier.
    pub disclosure: DisclosureId,
    /// Day on which the request arrived.
    pub received: Date,
    /// What was asked for, without the name of who asked.
    pub asked: String,
    /// The uses it asks for.
    pub scope: Scope,
    /// Its departments with all that lay below them when it was taken up.
    pub departments: BTreeSet<DepartmentId>,
    /// Words of which one must stand in the content; without any, every use of the scope.
    pub words: Vec<String>,
    /// Who reads.
    pub reader: PersonId,
    /// Where it stands.
    pub state: DisclosureState,
    /// What was handed out, the newest last.
    pub handed_out: Vec<HandedOut>,
    /// What happened, oldest first.
    pub history: Vec<DisclosureStep>,
}

impl Disclosure {
    /// Not answered yet.
    pub fn is_open(&self) -> bool {
        self.state != DisclosureState::Closed
    }

    /// The day by which a decision is generally due, thirty days after the request (要確認; extensions are not counted).
    pub fn due(&self) -> Date {
        self.received.checked_add(30.days()).unwrap_or(Date::MAX)
    }

    /// The person may read the contents of the scope.
    pub fn may_read(&self, person: &PersonId) -> bool {
        self.state == DisclosureState::Granted && &self.reader == person
    }
}

/// Counts the uses of a scope: feed it every use in the order of the ledger.
#[derive(Debug, Clone)]
pub struct ScopeListing {
    ground: Ground,
    scope: Scope,
    departments: BTreeSet<DepartmentId>,
    digest: UsesDigest,
}

impl ScopeListing {
    /// Of a request, with the departments as they are on this ground.
    pub fn new(ground: &Ground, of: &Disclosure) -> Self {
        let (scope, departments) = (of.scope.clone(), of.departments.clone());
        Self { ground: ground.clone(), scope, departments, digest: UsesDigest::default() }
    }

    /// Takes up the use if the scope holds it, and says so.
    pub fn add(&mut self, made: &Made) -> bool {
        let holds = self.ground.covers(&self.scope, &self.departments, made);
        if holds {
            self.digest.add(&made.of);
        }
        holds
    }

    /// The list.
    pub fn finish(self) -> Listed {
        self.digest.finish()
    }
}

/// What was handed out and does not follow from the uses of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfollowedDisclosure {
    /// Of which request.
    pub disclosure: DisclosureId,
    /// What the entry says.
    pub said: Listed,
    /// What the entries of the uses amount to.
    pub counted: Listed,
}

/// Counts the scope of what was handed out from the entries themselves.
#[derive(Debug, Clone)]
pub struct DisclosureRecount {
    disclosure: DisclosureId,
    entries: u64,
    said: Listed,
    listing: ScopeListing,
}

impl DisclosureRecount {
    /// Of what an entry says was handed out; `None` when the register knows no such request.
    pub fn new(at: &Register, disclosure: &DisclosureId, what: &HandedOut) -> Option<Self> {
        let records = at.records();
        let listing = ScopeListing::new(records.ground(), records.disclosure(disclosure)?);
        let said = Listed { digest: what.digest.clone(), uses: what.uses };
        Some(Self { disclosure: disclosure.clone(), entries: what.entries, said, listing })
    }

    /// Adds a use, in the order of the ledger.
    pub fn add(&mut self, made: &Made) {
        if made.opened < self.entries {
            self.listing.add(made);
        }
    }

    /// What would not follow.
    ///
    /// # Errors
    /// The count is another one.
    pub fn finish(self) -> Result<DisclosureId, UnfollowedDisclosure> {
        let counted = self.listing.finish();
        if counted == self.said {
            Ok(self.disclosure)
        } else {
            Err(UnfollowedDisclosure { disclosure: self.disclosure, said: self.said, counted })
        }
    }
}
