//! What a request gives the model: a question, and sentences to quote from.

use serde_json::{Map, Value};

use super::rank::Sentence;
use super::tokens;
use crate::upstream::written::{field, text};
use crate::upstream::{Endpoint, UpstreamError};

/// The most sentences looked at, newest messages first: a prompt of megabytes may not hold up the others.
const MOST: usize = 4_000;
/// A longer run of text without an end is not a sentence to quote.
const LONGEST: usize = 400;

/// A request as this model sees it.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// What the system's first message says.
    pub(super) instruction: String,
    /// The last user message as it came.
    pub(super) asked: String,
    /// The last user message, or those of its sentences that ask.
    pub(super) question: String,
    /// What may be quoted: the rest of the last user message.
    pub(super) enclosed: Vec<Sentence>,
    /// What may be quoted: everything before it.
    pub(super) earlier: Vec<Sentence>,
    /// Tools were offered.
    pub(super) tools: bool,
    /// Something other than text was sent.
    pub(super) images: bool,
    /// The estimated tokens of the request.
    pub(super) tokens: u64,
}

impl Given {
    pub(super) fn read(endpoint: Endpoint, request: &Map<String, Value>) -> Result<Self, UpstreamError> {
        let tools = field(request, "tools").and_then(Value::as_array).is_some_and(|tools| !tools.is_empty());
        let mut given = Self { tools, ..Self::default() };
        let mut messages: Vec<(&str, String)> = Vec::new();
        let missing = |name: &str| UpstreamError::BadRequest(format!("`{name}` is missing"));
        if endpoint == Endpoint::Responses {
            if let Some(instructions) = field(request, "instructions") {
                messages.push(("system", given.content(instructions)));
            }
            match field(request, "input").ok_or_else(|| missing("input"))? {
                Value::Array(items) => messages.extend(items.iter().map(|item| given.message(item))),
                input => messages.push(("user", given.content(input))),
            }
        } else {
            let list = field(request, "messages").and_then(Value::as_array).ok_or_else(|| missing("messages"))?;
            messages.extend(list.iter().map(|message| given.message(message)));
        }
        given.tokens = messages.iter().map(|(_, content)| tokens(content)).sum();
        given.sort_out(&messages);
        Ok(given)
    }

    fn message<'a>(&mut self, message: &'a Value) -> (&'a str, String) {
        let role = text(message, "role").unwrap_or(match text(message, "type") {
            Some("function_call_output") => "tool",
            _ => "other",
        });
        let content = message.get("content").or_else(|| message.get("output")).unwrap_or(&Value::Null);
        (role, self.content(content))
    }

    fn content(&mut self, content: &Value) -> String {
        match content {
            Value::String(content) => content.clone(),
            Value::Array(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    match text(part, "text") {
                        Some(text) => all.push(text),
                        None => self.images = true,
                    }
                }
                all.join("\n")
            }
            _ => String::new(),
        }
    }

    fn sort_out(&mut self, messages: &[(&str, String)]) {
        let last = messages.iter().rposition(|(role, _)| *role == "user");
        self.asked = last.and_then(|at| messages.get(at)).map(|(_, content)| content.clone()).unwrap_or_default();
        let instruction = messages.iter().find(|(role, _)| matches!(*role, "system" | "developer"));
        self.instruction = instruction.map(|(_, content)| content.clone()).unwrap_or_default();
        let mut left = MOST;
        for (at, (role, content)) in messages.iter().enumerate().rev() {
            let origin = match *role {
                "user" if Some(at) == last => {
                    left = left.saturating_sub(self.last_message(content));
                    continue;
                }
                "user" => "これまでの発言",
                "system" | "developer" => "システムの指示",
                "tool" => "ツールの結果",
                _ => continue,
            };
            let found = sentences(content).take(left).map(|text| Sentence::new(text, origin.to_owned()));
            let before = self.earlier.len();
            self.earlier.extend(found);
            left = left.saturating_sub(self.earlier.len() - before);
        }
    }

    /// Parts the last message into what asks and what is given. Returns how many sentences were given.
    fn last_message(&mut self, content: &str) -> usize {
        let all: Vec<&str> = sentences(content).take(MOST).collect();
        let (mut asks, mut gives): (Vec<&str>, Vec<&str>) = all.into_iter().partition(|sentence| is_question(sentence));
        if asks.is_empty() {
            asks.extend(gives.pop());
        }
        self.question = if asks.is_empty() { content.chars().take(LONGEST).collect() } else { asks.join("") };
        self.enclosed = gives.into_iter().map(|text| Sentence::new(text, "あなたの発言".to_owned())).collect();
        self.enclosed.len()
    }
}

/// The sentences of a text, without the marks of lists.
fn sentences(content: &str) -> impl Iterator<Item = &str> {
    content
        .split_inclusive(['。', '！', '？', '\n', '!', '?'])
        .flat_map(|run| run.split_inclusive(". "))
        .map(|sentence| sentence.trim().trim_start_matches(['-', '*', '#', '・', '>', ' ', '　']).trim())
        .filter(|sentence| sentence.chars().count() > 1 && sentence.chars().take(LONGEST + 1).count() <= LONGEST)
}

fn is_question(sentence: &str) -> bool {
    let end = sentence.trim_end_matches(['。', '.', ' ', '！', '!']);
    let ends =
        ["？", "?", "か", "ください", "下さい", "教えて", "ほしい", "お願いします", "なさい", "せよ", "要約", "翻訳"];
    ends.iter().any(|ending| end.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_at_their_ends() {
        let text = "一つ目。二つ目！\n- 三つ目\n\nThe fourth. The fifth?";
        let found: Vec<&str> = sentences(text).collect();
        assert_eq!(found, ["一つ目。", "二つ目！", "三つ目", "The fourth.", "The fifth?"]);
    }

    #[test]
    fn asking_and_giving_are_told_apart() {
        let mut given = Given::default();
        given.last_message("次の文を要約してください。会議は十時に始まった。予算は承認された。");
        assert_eq!(given.question, "次の文を要約してください。");
        assert_eq!(given.enclosed.len(), 2);
        let mut given = Given::default();
        given.last_message("開庁時間");
        assert_eq!((given.question.as_str(), given.enclosed.len()), ("開庁時間", 0));
    }
}
