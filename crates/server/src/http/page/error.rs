//! What a person is told when a page cannot be shown.

use super::frame::{Frame, page};
use crate::account::{NotOpened, NotSignedIn};
use crate::ismap::documents::DocumentError;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::person::Role;
use sekisho_store::{JournalError, ReadError};
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    frame: Frame,
    text: Cow<'static, str>,
    to: &'static str,
    label: &'static str,
}

/// Why there is no page.
#[derive(Debug)]
pub(in crate::http) enum PageError {
    /// No record can be written or the register is too old.
    Unavailable,
    /// Too many at once.
    Busy,
    /// Our fault.
    Inside,
    /// The form did not come from a page of this session.
    Stale,
    /// The form came from another site.
    Foreign,
    /// The form cannot be read.
    Unreadable,
    /// The form, with what it carries, is larger than is taken.
    TooLarge,
    /// There is no such page.
    Missing,
    /// The day that is asked about is none, or has not come; and what to give instead.
    NoDay(String),
    /// The link to open an account does not work.
    Link,
    /// Another role is needed.
    Forbidden(&'static [Role]),
}

impl From<JournalError> for PageError {
    fn from(error: JournalError) -> Self {
        tracing::error!(%error, "a page needs the ledger");
        Self::Unavailable
    }
}

impl From<ReadError> for PageError {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a page could not be read");
        Self::Inside
    }
}

impl From<DocumentError> for PageError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Journal(error) => error.into(),
            DocumentError::Read(error) => error.into(),
            DocumentError::Missing(_) | DocumentError::Damaged(_) => {
                tracing::error!(%error, "a document is not at hand");
                Self::Inside
            }
        }
    }
}

impl From<NotSignedIn> for PageError {
    fn from(error: NotSignedIn) -> Self {
        match error {
            NotSignedIn::Busy(_) => Self::Busy,
            NotSignedIn::Journal(error) => error.into(),
            NotSignedIn::Read(error) => error.into(),
            NotSignedIn::Wrong | NotSignedIn::Locked(_) => Self::Stale,
        }
    }
}

impl From<NotOpened> for PageError {
    fn from(error: NotOpened) -> Self {
        match error {
            NotOpened::Link => Self::Link,
            NotOpened::Busy(_) => Self::Busy,
            NotOpened::Journal(error) => error.into(),
            NotOpened::Read(error) => error.into(),
            NotOpened::Password(_) | NotOpened::Refused(_) => Self::Stale,
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "ただいま受け付けられません",
                "記録ができないため、手続を止めています。しばらくしてからもう一度お試しください。続く場合は管理者に連絡してください。",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "混み合っています",
                "同時に多くのサインインがありました。少し待ってからもう一度お試しください。",
            ),
            Self::Inside => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "内部エラー",
                "処理できませんでした。時刻とともに管理者に連絡してください。",
            ),
            Self::Stale => (
                StatusCode::FORBIDDEN,
                "この画面からは送信できません",
                "開いてから時間がたったか、別の画面でサインインし直した画面です。何も変更していません。ページを開き直して、もう一度お試しください。",
            ),
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                "この画面からは送信できません",
                "別のサイトから送られた要求のため、受け付けませんでした。何も変更していません。このサイトのページを開いてお試しください。",
            ),
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "送信内容を読めません",
                "送られた内容を読めませんでした。何も変更していません。ページを開き直して、もう一度お試しください。",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "送信内容が大きすぎます",
                "ファイルが大きすぎるため、受け取れませんでした。何も変更していません。ブラウザーの「戻る」で入力した文に戻り、小さく分けたファイルを選んでください。",
            ),
            Self::Missing => {
                (StatusCode::NOT_FOUND, "ページが見つかりません", "アドレスを確かめるか、ホームからたどってください。")
            }
            Self::NoDay(_) => (StatusCode::BAD_REQUEST, "その日の内容は表示できません", ""),
            Self::Forbidden(_) => (
                StatusCode::FORBIDDEN,
                "この画面は開けません",
                "この画面を開く権限がありません。ホームからたどってください。",
            ),
            Self::Link => (
                StatusCode::NOT_FOUND,
                "このリンクは使えません",
                "使用済みか、期限切れか、新しいリンクに置き換えられています。管理者に新しいリンクを依頼してください。登録が済んでいる場合はサインインしてください。",
            ),
        };
        let (to, label) =
            if matches!(self, Self::Link) { ("/signin", "サインインへ") } else { ("/", "ホームへ") };
        let text = match self {
            Self::NoDay(text) => Cow::Owned(text),
            Self::Forbidden(roles) if !roles.is_empty() => {
                let names = roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("・");
                Cow::Owned(format!(
                    "この画面を開くには {names} の役割が必要です。役割を持つ人に依頼するか、ホームからたどってください。"
                ))
            }
            _ => Cow::Borrowed(text),
        };
        let mut response = page(status, &Refused { frame: Frame::bare(title), text, to, label });
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}
