//! In which part somebody speaks.

use super::Head;
use crate::diet::record::Speech;
use serde::{Deserialize, Serialize};

/// The part a speaker has in a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// A member who asks, debates or makes a statement.
    Questioner,
    /// The prime minister, ministers, their deputies, 政府参考人, 政府委員.
    Government,
    /// Whoever presides: 議長, 委員長, 会長, 主査.
    Chair,
    /// 参考人, 公述人, 証人, 意見陳述者.
    Witness,
    /// Officials of the Diet, the courts, the Board of Audit; members of one House who speak for their bill in the other.
    Other,
}

/// Posts that preside. In the 参議院 a 理事 is printed as such when he sits for the chair.
const CHAIR: [&str; 12] = [
    "委員長",
    "委員長代理",
    "小委員長",
    "小委員長代理",
    "議長",
    "副議長",
    "会長",
    "会長代理",
    "主査",
    "主査代理",
    "座長",
    "理事",
];

const GOVERNMENT: [&str; 9] = [
    "大臣",
    "大臣政務官",
    "政府参考人",
    "政府特別補佐人",
    "政府委員",
    "説明員",
    "政務次官",
    "内閣官房長官",
    "内閣官房副長官",
];

const WITNESS: [&str; 5] = ["参考人", "公述人", "証人", "意見陳述者", "陳述人"];

/// Ends of posts at the ministries.
const OFFICE: [&str; 11] =
    ["大臣", "政務官", "長官", "局長", "審議官", "参事官", "統括官", "総括官", "部長", "次長", "補佐官"];

/// The part of the speaker: by the printed head, which says in what capacity the speech is made, else by what the API
/// says of role, post and group.
pub fn role(head: Option<&Head<'_>>, speech: &Speech) -> Role {
    if let Some(post) = head.and_then(|head| head.post) {
        return by_printed(post);
    }
    // `…君` is how the 参議院 prints a member, and both Houses in plenary.
    let is_member = head.is_some_and(|head| head.printed.contains('君'));
    if speech.role.as_deref().is_some_and(|role| WITNESS.contains(&role)) {
        return Role::Witness;
    }
    if is_member {
        return Role::Questioner;
    }
    match speech.position.as_deref() {
        Some(position) if ends_with_any(position, &CHAIR) => Role::Chair,
        Some(position) if ends_with_any(position, &OFFICE) || position.contains("大臣") => Role::Government,
        Some(_) => Role::Other,
        None if speech.group.is_some() => Role::Questioner,
        None => Role::Other,
    }
}

fn by_printed(post: &str) -> Role {
    // 政府参考人 ends as 参考人 does, 大臣政務官 contains 大臣: the government first.
    if ends_with_any(post, &GOVERNMENT) {
        return Role::Government;
    }
    if ends_with_any(post, &WITNESS) {
        return Role::Witness;
    }
    // 調査会会長, 予算委員長, 第一分科会主査; but no 事務局長 or 図書館長.
    if ends_with_any(post, &CHAIR) {
        return Role::Chair;
    }
    match post {
        "委員" | "分科員" | "小委員" | "幹事" | "委員外議員" => Role::Questioner,
        _ => Role::Other,
    }
}

fn ends_with_any(text: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| text.ends_with(end))
}
