//! The printed head of a speech.

/// Longest head, in characters: posts with their ministries and a name in brackets stay far below.
const LONGEST: usize = 60;

/// Posts that follow a name without a mark, longest first where one begins another.
const POSTS: [&str; 49] = [
    "両院協議会協議委員議長",
    "裁判官弾劾裁判所事務局長",
    "裁判官訴追委員会事務局長",
    "憲法審査会事務局長",
    "情報監視審査会事務局長",
    "最高裁判所長官代理者",
    "会計検査院当局者",
    "国立国会図書館長",
    "内閣官房副長官",
    "内閣官房長官",
    "内閣総理大臣",
    "会計検査院長",
    "政府特別補佐人",
    "大臣政務官",
    "意見陳述者",
    "小委員長代理",
    "委員長代理",
    "政府参考人",
    "調査会会長",
    "委員外議員",
    "国務大臣",
    "政務次官",
    "政府委員",
    "事務総長",
    "事務次長",
    "法制局長",
    "会長代理",
    "主査代理",
    "副議長",
    "副大臣",
    "小委員長",
    "小委員",
    "委員長",
    "分科員",
    "参考人",
    "公述人",
    "説明員",
    "検査官",
    "専門員",
    "参事",
    "副会長",
    "議長",
    "会長",
    "証人",
    "主査",
    "座長",
    "幹事",
    "委員",
    "議員",
];

/// What a head may add after the name.
const ADDED: [&str; 4] = ["（続）", "（陳述補佐）", "（代読）", "（通訳）"];

/// The head of a speech, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// All of it, without the mark ○: `国務大臣（架空花子君）`, `山田（太）委員`.
    pub printed: &'a str,
    /// The post: `国務大臣`, `委員`. None where a member is printed as `…君`.
    pub post: Option<&'a str>,
    /// The name as printed: `架空花子`, `山田（太）`. None where only the post stands.
    pub name: Option<&'a str>,
}

/// Parts a text into head and body. `speaker` is the full name, where it is known.
///
/// A text without the mark ○ has no head and is all body.
pub fn split<'a>(text: &'a str, speaker: &str) -> (Option<Head<'a>>, &'a str) {
    let trimmed = text.trim_start();
    let Some(rest) = trimmed.strip_prefix(['○', '◯', '〇']) else {
        return (None, trimmed.trim_end());
    };
    let rest = rest.trim_start_matches([' ', '　']);
    let nobody = ["発言者なし", "発言する者なし"].into_iter().find(|n| rest.starts_with(n)).map(str::len);
    let end = nobody
        .or_else(|| marked(rest, speaker))
        .or_else(|| bracketed(rest, speaker))
        .or_else(|| named(rest, speaker))
        .or_else(|| posted(rest));
    let end = end.map(|end| {
        let added = |rest: &str| ADDED.iter().find(|added| rest.starts_with(**added)).map_or(0, |added| added.len());
        end + rest.get(end..).map_or(0, added)
    });
    match end.and_then(|end| rest.split_at_checked(end)) {
        Some((printed, body)) => (Some(parts(printed.trim_end(), speaker)), body.trim()),
        None => (None, rest.trim_end()),
    }
}

/// The end of a head that a space marks, as the Houses print it.
fn marked(rest: &str, speaker: &str) -> Option<usize> {
    let (mut depth, mut count) = (0_usize, 0);
    for (at, c) in rest.char_indices() {
        count += 1;
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => depth = depth.saturating_sub(1),
            '　' | ' ' | '\n' if depth == 0 => {
                // Names are padded with spaces as well: only what ends as a head does is one.
                let head = rest.get(..at)?;
                if ends_as_head(head, speaker) {
                    return Some(at);
                }
            }
            '。' | '、' | '「' | '…' => return None,
            _ => {}
        }
        if count > LONGEST || c == '\n' {
            return None;
        }
    }
    // Nothing was said after the head.
    ends_as_head(rest, speaker).then_some(rest.len())
}

fn ends_as_head(head: &str, speaker: &str) -> bool {
    let head = without_addition(head);
    ["君", "君）", "君)", "さん", "さん）", "氏", "当局者", "代理者", "参事", "検査官"]
        .iter()
        .any(|end| head.ends_with(end))
        || POSTS.iter().any(|post| head.ends_with(post))
        || (!speaker.is_empty() && head == speaker)
}

fn without_addition(head: &str) -> &str {
    ADDED.iter().find_map(|added| head.strip_suffix(added)).unwrap_or(head)
}

/// The end of `国務大臣（架空花子君）`, whatever follows.
fn bracketed(rest: &str, speaker: &str) -> Option<usize> {
    let open = rest.find('（').filter(|at| *at > 0)?;
    let before = rest.get(..open)?;
    let inside = rest.get(open + '（'.len_utf8()..)?;
    let (close, _) = inside.char_indices().take(LONGEST).find(|(_, c)| *c == '）')?;
    let name = inside.get(..close)?;
    let is_name = name.ends_with('君') || (!speaker.is_empty() && squeezed(name) == squeezed(speaker));
    let is_post = before.chars().count() <= LONGEST && !before.contains(['。', '、', '「', '\n']);
    (is_name && is_post).then_some(open + '（'.len_utf8() + close + '）'.len_utf8())
}

/// The end of `架空委員長`, `山田（太）委員`, `架空花子君`, found by the name.
fn named(rest: &str, speaker: &str) -> Option<usize> {
    let mut at = 0;
    let mut best = None;
    // The longest beginning of the name that a post follows: 架空内閣総理大臣, but also 東（太）委員.
    let mut letters = speaker.chars().filter(|c| !c.is_whitespace());
    while let Some(c) = rest.get(at..)?.chars().next() {
        if matches!(c, ' ' | '　') {
            at += c.len_utf8();
            continue;
        }
        if letters.next() != Some(c) {
            break;
        }
        at += c.len_utf8();
        best = post_end(rest, at).or(best);
    }
    best
}

/// The end of the post that begins at a place, with the bracket that tells namesakes apart before it.
fn post_end(rest: &str, at: usize) -> Option<usize> {
    let after = rest.get(at..)?;
    let bare = after.strip_prefix('（').and_then(|inside| {
        let (close, _) = inside.char_indices().take(5).find(|(_, c)| *c == '）')?;
        inside.get(close + '）'.len_utf8()..)
    });
    let post = bare.unwrap_or(after);
    let skipped = rest.len() - post.len();
    if post.starts_with('君') {
        return Some(skipped + '君'.len_utf8());
    }
    let found = POSTS.iter().find(|name| post.starts_with(**name))?;
    let length = match post.get(found.len()..) {
        Some(next) if *found == "委員長" && is_long(next) => "委員".len(),
        _ => found.len(),
    };
    Some(skipped + length)
}

/// Whether 長 begins the next word and makes no chair: `長い説明`, `長年`; but `いま`, `いろいろ` are the chair's words.
fn is_long(next: &str) -> bool {
    let mut letters = next.chars();
    match (letters.next(), letters.next()) {
        (Some('い'), Some(second)) => ('\u{4e00}'..='\u{9fff}').contains(&second) || next.starts_with("いこと"),
        (Some('年'), Some(second)) => !('\u{4e00}'..='\u{9fff}').contains(&second),
        _ => next.starts_with("きにわたり"),
    }
}

/// The end of a head of which the name is not known: `架空委員長`, `参考人`.
fn posted(rest: &str) -> Option<usize> {
    rest.char_indices().map(|(at, _)| at).take(12).find_map(|at| {
        let before = rest.get(..at)?;
        if before.contains(['。', '、', '「', '\n']) { None } else { post_end(rest, at) }
    })
}

/// Post and name of a head.
fn parts<'a>(whole: &'a str, speaker: &str) -> Head<'a> {
    Head { printed: whole, ..plain_parts(without_addition(whole), speaker) }
}

fn plain_parts<'a>(printed: &'a str, speaker: &str) -> Head<'a> {
    if printed.starts_with("発言") && printed.ends_with("なし") {
        return Head { printed, post: None, name: None };
    }
    if let Some(member) = printed.strip_suffix('君') {
        return Head { printed, post: None, name: Some(member) };
    }
    if let Some((post, inside)) = printed.strip_suffix('）').and_then(|p| p.split_once('（'))
        && !post.is_empty()
    {
        let name = inside.strip_suffix('君').unwrap_or(inside);
        return Head { printed, post: Some(post), name: Some(name).filter(|n| !n.is_empty()) };
    }
    if !speaker.is_empty() && squeezed(printed) == squeezed(speaker) {
        return Head { printed, post: None, name: Some(printed) };
    }
    let post = POSTS.iter().find(|post| printed.ends_with(**post)).copied();
    match post.and_then(|post| printed.split_at_checked(printed.len() - post.len())) {
        Some((name, post)) => Head { printed, post: Some(post), name: Some(name.trim()).filter(|n| !n.is_empty()) },
        None => Head { printed, post: None, name: Some(printed) },
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
