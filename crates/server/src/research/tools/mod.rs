//! The tools of the library: what `/mcp`, the JSON API and programs beside a body call by name.
//!
//! Each takes a JSON object and gives one. They are called by the gate alone, after the use was decided and recorded.

mod arguments;
mod read;
mod search;
mod verify;

use arguments::Arguments;
use jiff::civil::Date;
use sekisho_gate::upstream::in_house::NotCalled;
use sekisho_search::library::Library;
use sekisho_search::shelf::ShelfError;
use sekisho_search::unit::Corpus;
use serde_json::{Map, Value, json};

/// A tool, as it is offered.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it does, for a model that chooses.
    pub description: &'static str,
    schema: fn() -> Value,
}

impl Tool {
    /// The JSON schema of its arguments.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// What MCP offers.
pub const TOOLS: [Tool; 5] = [
    Tool {
        name: "search_law",
        title: "法令を検索する",
        description: "日本の法令の条文を、文章または語で検索する。条文の識別子、法令名、条番号、見出し、本文の抜粋、公式の掲載先を返す。条文を引用する前に get_article で全文を読むこと。",
        schema: search::law_schema,
    },
    Tool {
        name: "get_article",
        title: "条文を読む",
        description: "条文の全文を、識別子（search_law が返すもの。例: 129AC0000000089/709）で読む。as_of を付けると、その日に施行されていた条文を返す。words は条文の用語とその定義、left_to は政令・省令等に委ねていることとそれを定める条文。",
        schema: read::article_schema,
    },
    Tool {
        name: "search_diet",
        title: "国会会議録を検索する",
        description: "国会の発言（質問と答弁）を、文章または語で検索する。発言の識別子、会議名、日付、発言者、抜粋、公式の掲載先を返す。引用する前に get_speech で全文を読むこと。",
        schema: search::diet_schema,
    },
    Tool {
        name: "get_speech",
        title: "発言を読む",
        description: "国会の発言の全文を、識別子（search_diet が返すもの）で読む。",
        schema: read::speech_schema,
    },
    Tool {
        name: "verify_citation",
        title: "引用を照合する",
        description: "引用した文が、指定した条文または発言に一字ずつそのまま書かれているかを確かめる。数・否定・ただし書の前での切断も調べる。合わないときは理由と近い箇所を返す。",
        schema: verify::schema,
    },
];

/// Search over the body's own documents: by the JSON API alone.
pub const SEARCH_DOCUMENT: &str = "search_document";
/// Reading any unit: by the JSON API alone.
pub const GET_UNIT: &str = "get_unit";

/// Calls a tool.
///
/// # Errors
/// [`NotCalled`].
pub(super) fn call(
    library: &Library,
    tool: &str,
    arguments: &Map<String, Value>,
    today: Date,
) -> Result<Value, NotCalled> {
    let arguments = Arguments::new(arguments, today);
    match tool {
        "search_law" => search::run(library, Corpus::Law, &arguments),
        "search_diet" => search::run(library, Corpus::Diet, &arguments),
        SEARCH_DOCUMENT => search::run(library, Corpus::Document, &arguments),
        "get_article" => read::run(library, Corpus::Law, &arguments),
        "get_speech" => read::run(library, Corpus::Diet, &arguments),
        GET_UNIT => read::run(library, arguments.corpus()?, &arguments),
        "verify_citation" => verify::run(library, &arguments),
        unknown => {
            let unknown: String = unknown.chars().take(80).collect();
            let known: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
            let known = known.join(", ");
            Err(NotCalled::Arguments(format!(
                "道具 `{unknown}` はありません。使えるのは {known} です (there is no tool `{unknown}`; known: {known})"
            )))
        }
    }
}

/// The library failed.
fn failed(error: &ShelfError) -> NotCalled {
    use std::error::Error as _;
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    NotCalled::Inside(format!("{error}{cause}"))
}

fn text_schema(description: &str, most: usize) -> Value {
    json!({ "type": "string", "description": description, "minLength": 1, "maxLength": most })
}

fn day_schema(description: &str) -> Value {
    json!({ "type": "string", "description": description, "pattern": r"^\d{4}-\d{2}-\d{2}$" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_describes_its_arguments_and_refuses_what_it_does_not_know() {
        let dir = tempfile::tempdir().unwrap();
        let library = Library::new(dir.path());
        for tool in TOOLS {
            let schema = tool.schema();
            assert_eq!(schema["additionalProperties"], false, "{}", tool.name);
            for name in schema["required"].as_array().unwrap() {
                assert!(schema["properties"].get(name.as_str().unwrap()).is_some(), "{}: {name}", tool.name);
            }
            let unknown = json!({ "nonsense": 1 });
            let today = jiff::civil::date(2026, 4, 1);
            let error = call(&library, tool.name, unknown.as_object().unwrap(), today).unwrap_err();
            assert!(matches!(error, NotCalled::Arguments(text) if text.contains("nonsense")), "{}", tool.name);
        }
    }
}
