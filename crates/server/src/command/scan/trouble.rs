//! What could not be looked into, and what to do about it.

use sekisho_detect::document::{Reason, Unreadable};
use std::io::ErrorKind;

/// Why a file, or something in it, could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The file with the files it lies in; empty for the file itself.
    pub(crate) path: String,
    /// Stable code for programs.
    pub(crate) code: &'static str,
    pub(crate) ja: String,
    pub(crate) en: String,
}

impl Trouble {
    fn new(code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { path: String::new(), code, ja: ja.into(), en: en.into() }
    }

    /// Of the system.
    pub(crate) fn io(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => {
                Self::new("NOT_FOUND", "ありません。パスを確かめてください。", "does not exist; check the path")
            }
            ErrorKind::PermissionDenied => Self::new(
                "PERMISSION_DENIED",
                "読む権限がありません。読める人が実行するか、権限を付けてください。",
                "no permission to read it; run as somebody who may, or grant it",
            ),
            _ => Self::new(
                "IO",
                format!("読めません（{error}）。ディスクや接続を確かめ、もう一度実行してください。"),
                format!("cannot be read ({error}); check the disk or the connection and try again"),
            ),
        }
    }

    /// A pipe, a socket, a device.
    pub(crate) fn special() -> Self {
        Self::new(
            "SPECIAL",
            "ふつうのファイルでもフォルダーでもありません。中身は標準入力で `sekisho scan -` に渡してください。",
            "neither a file nor a folder of files; give its content to `sekisho scan -` on standard input",
        )
    }

    /// Larger than `--max-file-bytes`, and no UTF-8 text.
    pub(super) fn too_large(most: u64) -> Self {
        Self::new(
            "TOO_LARGE",
            format!(
                "大きすぎます（{most} バイトまで。UTF-8 のテキストなら制限なし）。分けるか、--max-file-bytes を増やしてください。"
            ),
            format!("larger than {most} bytes and no UTF-8 text; split it, or raise --max-file-bytes"),
        )
    }

    /// A long text that stops being UTF-8.
    pub(super) fn encoding(at: usize) -> Self {
        Self::new(
            "ENCODING",
            format!(
                "{at} バイト目から UTF-8 ではありません。そこまでしか調べていません。UTF-8 で保存し直してください。"
            ),
            format!("not UTF-8 from byte {at} on and looked into only up to there; save it as UTF-8"),
        )
    }

    /// The user stopped it.
    pub(super) fn interrupted() -> Self {
        Self::new("INTERRUPTED", "中断したので、途中までしか調べていません。", "interrupted, looked into only in part")
    }

    /// A fault of this program. The message of a panic may quote the text, so only its place is told.
    pub(super) fn internal(place: &str) -> Self {
        Self::new(
            "INTERNAL",
            format!("関所の誤りで調べられませんでした（{place}）。このファイルは人が確かめ、誤りを知らせてください。"),
            format!("a fault of sekisho at {place}; look at this file yourself and report the fault"),
        )
    }
}

/// Of the reader of documents, which knows the file by `name`.
pub(crate) fn unreadable(name: &str, Unreadable { path, reason }: Unreadable) -> Trouble {
    let path = if path == name { String::new() } else { path };
    Trouble { path, code: reason.code(), ja: reason.japanese(), en: reason.to_string() }
}

/// A file that is a picture and nothing else is no failure: it is reported as not seen.
pub(crate) fn is_harmless(unreadable: &Unreadable) -> bool {
    matches!(unreadable.reason, Reason::Media { .. })
}
