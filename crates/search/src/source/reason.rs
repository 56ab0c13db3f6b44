//! Why something was not taken, in both languages, with what to do.

use super::{Place, Reject};
use crate::law::{ArchiveError, LARGEST, ReadError};

pub(super) fn unreadable(place: Place, error: &std::io::Error) -> Reject {
    Reject::new(
        place,
        format!("読めません（{error}）。途中で切れていないか、読む権限があるかを確かめてください。"),
        format!("cannot be read ({error}); it may have been cut short, or you may not read it"),
    )
}

pub(super) fn empty(place: Place) -> Reject {
    Reject::new(place, "空のファイルです。取り直してください。", "the file is empty; fetch it again")
}

pub(super) fn other_kind(place: Place) -> Reject {
    Reject::new(
        place,
        "XML でも JSON でも HTML でもありません。公表された形のまま渡してください。",
        "neither XML nor JSON nor HTML; give it as it was published",
    )
}

pub(super) fn too_large(place: Place) -> Reject {
    let most = LARGEST >> 20;
    Reject::new(
        place,
        format!("{most} MiB を超えています。分けてください。"),
        format!("larger than {most} MiB; split it"),
    )
}

pub(super) fn archive(mut place: Place, error: &ArchiveError) -> Reject {
    let ja = match error {
        ArchiveError::Broken { .. } => "壊れた ZIP です。取り直してください。".to_owned(),
        ArchiveError::TooMany { members } => {
            format!("収められたファイルが多すぎます（{members} 個）。分けてください。")
        }
        ArchiveError::BrokenMember { .. } => "ZIP の中のこのファイルを取り出せません。取り直してください。".to_owned(),
        ArchiveError::Bomb { .. } => {
            "法令としてありえない大きさ・圧縮率なので、取り出しませんでした。出所を確かめてください。".to_owned()
        }
        ArchiveError::TooLarge { .. } => {
            "ZIP 全体が大きすぎるので、ここから先は読みませんでした。分けてください。".to_owned()
        }
    };
    if let ArchiveError::BrokenMember { name, .. } | ArchiveError::Bomb { name } | ArchiveError::TooLarge { name } =
        error
    {
        place.member = Some(name.clone());
    }
    Reject::new(place, ja, error.to_string())
}

/// Of the reader of laws, which knows the line and column.
pub(super) fn law(mut place: Place, error: &ReadError) -> Reject {
    let at = match error {
        ReadError::NotUtf8 { at }
        | ReadError::BrokenXml { at, .. }
        | ReadError::BrokenJson { at, .. }
        | ReadError::UnknownEntity { at, .. }
        | ReadError::TooDeep { at } => Some(*at),
        _ => None,
    };
    if let Some(at) = at {
        // In a line of JSON Lines the reader sees one line only.
        place.line = place.line.or(Some(at.line));
        place.column = Some(at.column);
    }
    let ja = match error {
        ReadError::TooLarge { .. } => {
            "一つの法令としては大きすぎます。一つのファイルに一つの法令を入れてください。".into()
        }
        ReadError::NotUtf8 { .. } => "UTF-8 ではないか、文字の途中で切れています。取り直してください。".into(),
        ReadError::BrokenXml { what, .. } => {
            format!("XML として壊れているか、途中で切れています（{what}）。取り直してください。")
        }
        ReadError::BrokenJson { what, .. } => {
            format!("JSON として壊れているか、途中で切れています（{what}）。取り直してください。")
        }
        ReadError::UnknownEntity { name, .. } => {
            format!("知らない実体参照 `&{name};` があります。文字そのものを書いてください。")
        }
        ReadError::TooDeep { .. } => "入れ子や要素の数が、どの法令よりも多いので読みません。".into(),
        ReadError::NoLaw { .. } => {
            "法令がありません。法令標準 XML か、本文を含む法令 API の回答を渡してください。".into()
        }
        ReadError::Refused { code, message } => {
            format!("法令 API の回答が誤りを告げています（{code}: {message}）。取り直してください。")
        }
    };
    Reject::new(place, ja, error.to_string())
}
