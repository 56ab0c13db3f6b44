//! Any past day: `?as_of=2026-03-31` on lists and records. A day that cannot be read, or has not come, is refused: what
//! was asked about another day must not be answered with today.

use crate::http::App;
use crate::http::page::error::PageError;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use serde::Deserialize;

/// What stands in the address.
#[derive(Debug, Default)]
pub(super) struct AsOf {
    given: String,
    day: Option<Date>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    as_of: String,
}

impl FromRequestParts<App> for AsOf {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri).map_err(|_| PageError::Unreadable)?;
        let day = past_day(&asked.as_of, in_japan(app.world.now())).map_err(PageError::NoDay)?;
        Ok(Self { given: asked.as_of, day })
    }
}

impl AsOf {
    /// The past day that is asked about; `None` means now.
    pub(super) fn day(&self) -> Option<Date> {
        self.day
    }

    /// The day as it stands in the address, for the form that asks.
    pub(super) fn given(&self) -> &str {
        &self.given
    }
}

/// The past day that a text names, `None` for today; or what is wrong with it.
pub(super) fn past_day(text: &str, today: Date) -> Result<Option<Date>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<Date>() {
            Ok(day) if day <= today => Ok(Some(day).filter(|day| *day < today)),
            Ok(day) => Err(format!("{day} はまだ来ていません。今日（{today}）までの日にしてください。")),
            Err(_) => Err("いつの時点かは、2026-11-30 の形の日付にしてください。空欄なら今日の内容です。".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_to_come_and_no_day_at_all_are_refused() {
        let today = "2026-11-30".parse().unwrap();
        let day = |text: &str| past_day(text, today).map(|day| day.map(|d| d.to_string()));
        assert_eq!(day(" 2026-11-29 "), Ok(Some("2026-11-29".into())));
        assert_eq!((day(""), day("2026-11-30")), (Ok(None), Ok(None)));
        assert!(day("2027-01-01").unwrap_err().starts_with("2027-01-01 はまだ来ていません"));
        for text in ["きのう", "2026-13-01"] {
            assert!(day(text).unwrap_err().contains("2026-11-30 の形"), "{text}");
        }
    }
}
