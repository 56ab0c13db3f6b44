//! What the search page says before anything is asked, and its tabs.

use super::labels;
use super::reader::on_shelf;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::frame::Link;
use sekisho_search::unit::Corpus;
use std::borrow::Cow;

pub(super) const HELP: &str = "知りたいことを文で書くか、法令名・条・語句を並べてください。第5条と第五条、旧字体と新字体は同じものとして探します。";

/// A tab.
pub(super) type Tab = Link;

/// The page before a question.
#[derive(Debug)]
pub(super) struct Welcome {
    pub(super) examples: Vec<(String, &'static str)>,
    /// What lies on the shelf, in words; `None` when it is empty.
    pub(super) shelf: Option<String>,
    /// How an empty shelf is filled.
    pub(super) import: &'static str,
    pub(super) corpus: &'static str,
}

/// The tabs; the body's own documents have one where there are any.
pub(super) async fn tabs(app: &App, here: Corpus, question: &str) -> Result<Vec<Tab>, PageError> {
    let mut tabs = Vec::new();
    for corpus in Corpus::ALL {
        if corpus == Corpus::Document
            && here != corpus
            && on_shelf(app, corpus, |reading| Ok(reading.passages())).await? == 0
        {
            continue;
        }
        let path = format!("/research/{}", corpus.name());
        let href = match question {
            "" => path,
            q => format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish()),
        };
        tabs.push(Link { href: Cow::Owned(href), label: Cow::Borrowed(labels::corpus(corpus)), here: corpus == here });
    }
    Ok(tabs)
}

/// How new it is, where nodes share it.
fn shared(app: &App, corpus: Corpus) -> String {
    let all = app.sharing.iter().flat_map(|sharing| sharing.standing());
    let one = all.into_iter().find(|standing| standing.corpus == corpus);
    let words = one.and_then(|standing| standing.words(app.world.now()));
    words.map_or_else(String::new, |words| format!("、{words}"))
}

pub(super) async fn welcome(app: &App, corpus: Corpus) -> Result<Welcome, PageError> {
    let (passages, works) = on_shelf(app, corpus, |reading| Ok((reading.passages(), reading.works()?))).await?;
    let of = match corpus {
        Corpus::Law => "法令",
        Corpus::Diet => "会議録・質問主意書",
        Corpus::Document => "文書",
    };
    let (import, examples): (_, &[&'static str]) = match corpus {
        Corpus::Law => (
            "sekisho import laws PATH…",
            &["民法709条", "個人情報の第三者提供に同意が要らない場合", "行政文書の保存期間"],
        ),
        Corpus::Diet => (
            "sekisho import diet PATH…",
            &["生成AIを行政で使うときの個人情報の扱い", "公文書の保存期間の見直し", "地方自治体の情報システム標準化"],
        ),
        Corpus::Document => ("sekisho import documents PATH…", &["文書の保存期間", "外部サービスの利用"]),
    };
    let address = |q: &&'static str| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
        (format!("/research/{}?{query}", corpus.name()), *q)
    };
    Ok(Welcome {
        examples: examples.iter().map(address).collect(),
        // How many documents there are is not everybody's to know.
        shelf: (passages > 0).then(|| match corpus {
            Corpus::Document => "閲覧を許された文書".to_owned(),
            Corpus::Law | Corpus::Diet => format!("{of} {works} 件（検索する単位にして {passages} 箇所）"),
        } + &shared(app, corpus)),
        import,
        corpus: labels::corpus(corpus),
    })
}
