//! How fresh the copy of the published list is that decisions rest on.

use jiff::civil::Date;
use sekisho_domain::register::Register;

/// Days after which a copy is warned of, where nobody has said otherwise.
const STALE_DAYS: u16 = 31;

/// What to say of the copy in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// In words.
    pub(crate) text: String,
    /// Too old, or none at all.
    pub(crate) stale: bool,
}

/// The freshness on a day. Where every row was decided here, no copy is needed, and nothing is said.
pub(crate) fn freshness(register: &Register, day: Date, today: Date) -> Option<Freshness> {
    let Some(list) = (if day < today { register.list_as_of(day) } else { register.list_in_force() }) else {
        let by_hand = register.registrations().any(|row| row.decided_by.is_none());
        return by_hand.then(|| Freshness {
            text: "公表されたリストをまだ取り込んでいません。登録の状態は、手で記録された内容です。".to_owned(),
            stale: true,
        });
    };
    let most = register.scheme().settings().list_stale_days.unwrap_or(STALE_DAYS);
    let fetched = list.source.fetched_on;
    let days = (day - fetched).get_days();
    let stale = days > i32::from(most);
    let text = if stale {
        format!(
            "{fetched} に取得したリストです。{days} 日たっています（{most} 日を過ぎました）。新しいリストを取り込んでください。"
        )
    } else {
        format!("{fetched} に取得したリストです。")
    };
    Some(Freshness { text, stale })
}
