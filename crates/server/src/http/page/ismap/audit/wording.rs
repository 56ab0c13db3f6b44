//! What the pages of an audit say after a form, and the day they are shown on.

use super::super::acts::OVERTAKEN;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::frame::Problem;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::sync::Arc;

/// What the address says beside the record.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Opened {
    /// What has just been done.
    #[serde(default)]
    pub(super) done: Option<String>,
}

/// What has just been done, in words.
pub(super) fn notice(done: Option<&str>) -> Option<&'static str> {
    match done? {
        "saved" => Some("保存しました。"),
        "plan" => Some("監査計画を記録しました。"),
        "evidence" => Some("証跡を受け入れました。"),
        "report" => Some("実施結果報告書を発行しました。"),
        "sign" => Some("いまの監査調書に署名しました。"),
        "raise" => Some("発見事項を事業者に渡しました。"),
        "respond" => Some("回答を監査機関に提出しました。"),
        "begun" => Some("作成しました。"),
        _ => Some("記録しました。"),
    }
}

/// Said when somebody else took a step while the form was open.
pub(super) fn overtaken() -> Problem {
    Problem::at("", OVERTAKEN)
}

/// The register and the day, as every page needs them.
pub(super) fn today(app: &App) -> Result<(Arc<Register>, Date), PageError> {
    Ok((app.journal.register()?, in_japan(app.world.now())))
}
