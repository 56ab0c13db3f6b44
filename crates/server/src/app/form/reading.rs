//! One entry of a form in JSON, read into a field, or said what is wrong with it and where.

use super::*;

pub(super) fn bad(place: impl Into<String>, ja: impl Into<String>) -> BadForm {
    BadForm { place: place.into(), ja: ja.into() }
}

fn is_key(key: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !key.is_empty() && key.len() <= KEY_CHARS && key.bytes().all(plain)
}

pub(super) fn field(key: &str, entry: &Json) -> Result<Field, BadForm> {
    let shown: String = key.chars().take(80).collect();
    if !is_key(key) {
        let ja = format!("入力欄の名前は英数字と `_`・`-` で {KEY_CHARS} 文字までにしてください。");
        return Err(bad(shown, ja));
    }
    let Some(members) = entry.members() else {
        return Err(bad(shown, format!("オブジェクトで書いてください（いまは{}です）。", entry.what())));
    };
    let at = |name: &str| format!("{shown}.{name}");
    let kind = match entry.get("type") {
        None => {
            return Err(bad(at("type"), format!("入力欄の種類（type）がありません。使えるのは {} です。", kinds())));
        }
        Some(kind) => {
            let named = kind.text().and_then(|text| Kind::ALL.iter().find(|(name, _)| *name == text));
            let Some((_, kind)) = named else {
                let given: String = kind.text().unwrap_or(kind.what()).chars().take(40).collect();
                return Err(bad(
                    at("type"),
                    format!("`{given}` という種類はありません。使えるのは {} です。", kinds()),
                ));
            };
            *kind
        }
    };
    if key == FILES && kind != Kind::File {
        return Err(bad(
            shown,
            "`files` はファイルの受け渡しに使う名前です。ほかの種類の欄には別の名前を付けてください。",
        ));
    }
    let text = |name: &str, most: usize| -> Result<String, BadForm> {
        match entry.get(name) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::Text(text)) if text.chars().count() <= most => Ok(text.clone()),
            Some(Json::Text(_)) => Err(bad(at(name), format!("{most} 文字までにしてください。"))),
            Some(other) => Err(bad(at(name), format!("文字列で書いてください（いまは{}です）。", other.what()))),
        }
    };
    let title = text("title", TITLE_CHARS)?;
    if title.trim().is_empty() {
        return Err(bad(at("title"), "見出し（title）を書いてください。"));
    }
    let required = match entry.get("required") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(required)) => *required,
        Some(other) => {
            return Err(bad(at("required"), format!("true か false で書いてください（いまは{}です）。", other.what())));
        }
    };
    let most = match entry.get("max_length") {
        None | Some(Json::Null) => TEXT_CHARS,
        Some(Json::Number(most)) => match most.as_u64().and_then(|most| usize::try_from(most).ok()) {
            Some(most) if most > 0 => most.min(TEXT_CHARS),
            _ => return Err(bad(at("max_length"), "1 以上の整数で書いてください。")),
        },
        Some(other) => {
            return Err(bad(at("max_length"), format!("整数で書いてください（いまは{}です）。", other.what())));
        }
    };
    let listed = members.iter().find(|(name, _)| matches!(name.as_str(), "items" | "options" | "choices"));
    let choices = match listed {
        Some((name, list)) if kind.chooses() => choices(&at(name), list)?,
        _ => Vec::new(),
    };
    if matches!(kind, Kind::Select | Kind::Radio) && choices.is_empty() {
        let ja =
            r#"選択肢がありません。"items": [{"title": "…", "value": "…"}] か "options": ["…"] で並べてください。"#;
        return Err(bad(at("items"), ja));
    }
    let default = match entry.get("default_value").or_else(|| entry.get("default")) {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Text(text)) => vec![text.clone()],
        Some(Json::Number(number)) => vec![number.to_string()],
        Some(Json::Bool(yes)) => vec![yes.to_string()],
        Some(Json::List(items)) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| item.text().map(str::to_owned)).collect();
            texts.ok_or_else(|| bad(at("default_value"), "文字列の配列で書いてください。"))?
        }
        Some(Json::Object(_)) => return Err(bad(at("default_value"), "値か、その配列で書いてください。")),
    };
    if let Some(unknown) =
        default.iter().find(|value| !choices.is_empty() && !choices.iter().any(|choice| choice.value == **value))
    {
        return Err(bad(at("default_value"), format!("`{unknown}` は選択肢にありません。")));
    }
    let desc = text("desc", DESC_CHARS)?;
    let accept = text("accept", TITLE_CHARS)?;
    Ok(Field { key: key.to_owned(), kind, title, desc, required, choices, default, most, accept })
}

fn kinds() -> String {
    Kind::ALL.map(|(name, _)| name).join(", ")
}

/// `["…"]`, or `[{"title": "…", "value": "…"}]`.
fn choices(place: &str, list: &Json) -> Result<Vec<Choice>, BadForm> {
    let Json::List(items) = list else {
        return Err(bad(place, format!("配列で書いてください（いまは{}です）。", list.what())));
    };
    if items.is_empty() || items.len() > MOST_CHOICES {
        return Err(bad(place, format!("選択肢を 1 個以上 {MOST_CHOICES} 個以下にしてください。")));
    }
    let mut choices: Vec<Choice> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let place = format!("{place}[{at}]");
        let plain = |json: &Json| match json {
            Json::Text(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let (value, title) = match item {
            Json::Object(_) => {
                let value = item.get("value").and_then(plain);
                let title = item.get("title").or_else(|| item.get("label")).and_then(plain);
                (value.clone().or_else(|| title.clone()), title.or(value))
            }
            other => (plain(other), plain(other)),
        };
        let (Some(value), Some(title)) = (value, title) else {
            return Err(bad(place, "文字列か {\"title\", \"value\"} で書いてください。"));
        };
        let long = |text: &str| text.trim().is_empty() || text.chars().count() > TITLE_CHARS;
        if long(&value) || long(&title) {
            return Err(bad(place, format!("1 文字以上 {TITLE_CHARS} 文字以下にしてください。")));
        }
        if choices.iter().any(|choice| choice.value == value) {
            return Err(bad(place, format!("選択肢 `{value}` が二度あります。")));
        }
        choices.push(Choice { value, title });
    }
    Ok(choices)
}
