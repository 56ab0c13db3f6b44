//! The report: what may be shown of an answer, what it cites and where that is read, and how much of it is supported.

use super::cite::{address, official};
use super::{Gathered, Research};
use sekisho_search::citation::{Reason, Shelf, Standing, Style, Verdict, check};
use sekisho_search::unit::Corpus;
use std::fmt::Write as _;

/// Writes the report of an answer, in Markdown. `base` stands before addresses of this program.
pub(super) fn write(gathered: &Gathered, answer: &str, base: &str, by_extraction: bool) -> String {
    let passages = gathered.passages();
    let checked = check(answer, &Shelf::new(&passages), &Style::default());
    let mut out = String::with_capacity(checked.markdown.len() + 2_000);
    let corpus = match gathered.research {
        Research::Law => Corpus::Law,
        Research::Diet => Corpus::Diet,
    };
    // Writing to a string cannot fail.
    let _ = match gathered.research {
        Research::Law => writeln!(out, "# 法制度調査（{}）\n", gathered.asked.shape.name()),
        Research::Diet => writeln!(out, "# 国会答弁検索\n"),
    };
    if by_extraction {
        out.push_str("*文章を作るモデルを使わず、資料の文をそのまま抜き出しています。*\n\n");
    }
    if checked.markdown.trim().is_empty() {
        out.push_str("モデルの回答に、示せる記述がありませんでした。下の資料を直接確かめてください。\n");
    } else {
        out.push_str(checked.markdown.trim_end());
        out.push('\n');
    }
    if !gathered.differences.is_empty() {
        out.push_str("\n## 答弁どうしの違い（機械による比較）\n\n");
        for difference in &gathered.differences {
            let _ = writeln!(out, "{}", difference.markdown());
        }
    }
    out.push_str("\n## 出典\n\n");
    let cited: Vec<usize> = checked.references.iter().map(|reference| reference.number).collect();
    let compared = |number: usize| gathered.differences.iter().any(|difference| difference.cites(number));
    let (used, unused): (Vec<_>, Vec<_>) = gathered
        .found
        .iter()
        .partition(|found| cited.contains(&found.passage.number) || compared(found.passage.number));
    if used.is_empty() {
        out.push_str("裏づけられた記述がないため、出典はありません。\n");
    }
    let as_of = gathered.asked.as_of();
    let line = |found: &super::Found| {
        let official = official(&found.unit).map(|url| format!("（[公式の掲載先]({url})）")).unwrap_or_default();
        let cite = plain(&found.passage.cite);
        format!("- \\[{}\\] [{cite}]({base}{}){official}\n", found.passage.number, address(corpus, &found.unit, as_of))
    };
    used.into_iter().for_each(|found| out.push_str(&line(found)));
    if !unused.is_empty() {
        out.push_str("\n### 調べて、使わなかった資料\n\n");
        unused.into_iter().for_each(|found| out.push_str(&line(found)));
    }
    out.push_str("\n## 検証\n\n");
    let coverage = checked.coverage;
    let _ = write!(out, "- {coverage}。");
    if coverage.unsupported > 0 {
        let _ = write!(out, "出典のない記述が {} あります。", coverage.unsupported);
    }
    if coverage.struck > 0 {
        let _ = write!(
            out,
            "原文と合わないため {} の記述を取り消しました（取消線と理由を示しています）。",
            coverage.struck
        );
    }
    out.push('\n');
    let found = |standing: &Standing| matches!(standing, Standing::Found { .. });
    let reworded = checked
        .statements
        .iter()
        .filter(|judged| matches!(&judged.verdict, Verdict::Supported { quotations } if !quotations.iter().any(found)));
    let reworded = reworded.count();
    if reworded > 0 {
        let _ = writeln!(
            out,
            "- 引用を含まない言い換えの記述が {reworded} あります。番号と数は照合しましたが、意味が原文どおりかは確かめていません。"
        );
    }
    for found in gathered.found.iter().filter(|found| commands(&found.unit.text)) {
        let _ = writeln!(
            out,
            "- 資料\\[{}\\]には、AIへの指示のように読める文があります。指示としては扱っていません。",
            found.passage.number
        );
    }
    let invented = checked.statements.iter().filter(|judged| {
        matches!(&judged.verdict, Verdict::Struck(reasons) if reasons.iter().any(|r| matches!(r, Reason::NoSuchPassage { .. })))
    });
    let invented = invented.count();
    if invented > 0 {
        let _ = writeln!(out, "- 渡していない資料の番号を挙げた記述が {invented} あります。");
    }
    gathered.notes.iter().for_each(|note| out.push_str(&format!("- {}\n", plain(note))));
    out.push_str(
        "- 引用は保存した原文と一字ずつ照合しました。言い換えた文の意味が正しいかは、出典を開いて確かめてください。\n",
    );
    out
}

/// Words with which texts try to instruct a model. Only told to the reader: nothing depends on it.
fn commands(text: &str) -> bool {
    ["これまでの指示", "以前の指示", "上記の指示", "指示を無視", "ignore previous", "ignore all previous"]
        .iter()
        .any(|words| text.contains(words))
}

/// A text of a source as text of Markdown: nothing in it is markup.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '~' | '[' | ']' | '$' | '*' | '_' | '|' | '!' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}
