//! 外部サービス: what the service register knows of each.

use crate::id::{ModelId, ServiceId};
use serde::{Deserialize, Serialize};

/// 提供形態: how a service comes to the body. The first question of 統一基準R3 4.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProvisionForm {
    /// 約款型: usable by mere consent to uniform terms.
    StandardTerms,
    /// 個別契約.
    IndividualContract,
    /// 自組織運用: runs on the body's own machines.
    SelfOperated,
}

impl ProvisionForm {
    /// What people call the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::StandardTerms => "約款型",
            Self::IndividualContract => "個別契約",
            Self::SelfOperated => "自組織運用",
        }
    }
}

/// 申合せ: where the consultation about a service of 個別契約 stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Consultation {
    /// Nothing was reported.
    None,
    /// 報告 while considering.
    Reported,
    /// 了解 was obtained.
    Consented,
}

/// 約款・提供条件, pinned by the hash of the text that was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terms {
    /// Where the text was found.
    pub url: String,
    /// SHA-256 of the snapshot, lower-case hex.
    pub sha256: String,
}

/// One model of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    /// The name callers give.
    pub model: ModelId,
    /// The name the upstream server knows (Azure: the deployment).
    pub upstream_model: String,
    /// Generative AI (and not, say, embeddings only).
    pub generative: bool,
    /// The sub-service named in 言明の対象範囲, where the registration lists sub-services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_service: Option<String>,
}

/// The wire format an upstream server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// Any OpenAI-compatible server.
    OpenAi,
    /// Azure OpenAI.
    AzureOpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// The built-in extractive model: no network at all.
    Extractive,
    /// An app that speaks 源内's protocol: `base_url` is the whole address, to which its inputs are posted.
    Gennai,
    /// The built-in search over law, Diet records and documents: tools that are called, no network at all.
    Library,
}

/// Where and how a service is reached. This is the only source of upstream addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Upstream {
    /// Wire format.
    pub wire: Wire,
    /// Base address, such as `https://api.example.com/v1`; empty for what is built in.
    #[serde(default)]
    pub base_url: String,
    /// Name of the secret in the configuration (`[secrets]`), never the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Azure: `api-version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
}

/// 外部サービス as registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Service {
    /// Identifier.
    pub service: ServiceId,
    /// サービス名（機能名）.
    pub name: String,
    /// 提供者名.
    pub provider: String,
    /// 提供形態.
    pub form: ProvisionForm,
    /// 約款・提供条件; required unless self-operated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Models on offer; at least one.
    pub models: Vec<Model>,
    /// Where information is processed, such as `jp`.
    pub region: String,
    /// ISO 3166 code of the governing law.
    pub governing_law: String,
    /// How it is reached, such as `internet`, `lgwan-asp`, `on-premises`.
    pub hosting_route: String,
    /// Number of the ISMAP registration it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ismap: Option<String>,
    /// Where requests go.
    pub upstream: Upstream,
}

impl Wire {
    /// Answers inside this program; such a service has no address.
    pub fn is_built_in(self) -> bool {
        matches!(self, Self::Extractive | Self::Library)
    }

    /// A model that talks: neither an app with a form of its own nor a set of tools.
    pub fn talks(self) -> bool {
        !matches!(self, Self::Gennai | Self::Library)
    }
}

impl Service {
    /// The model of that name.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.model.as_str() == name)
    }

    /// Private, loopback and link-local addresses are reached only by what the body runs itself.
    pub fn may_reach_private_addresses(&self) -> bool {
        self.form == ProvisionForm::SelfOperated
    }
}
