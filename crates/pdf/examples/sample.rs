//! A document with everything the crate can print: `cargo run -p sekisho-pdf --example sample > sample.pdf`.

use sekisho_pdf::{Block, Cell, Chart, ChartKind, Document, Mark, NotPrinted, Table, print};
use std::io::Write as _;

fn mark(name: &str, value: Option<u64>) -> Mark {
    let figure = value.map_or_else(|| "非表示".to_owned(), |value| value.to_string());
    Mark { name: name.to_owned(), value, figure }
}

fn chart(kind: ChartKind, marks: Vec<Mark>) -> Block {
    Block::Chart(Chart { caption: "利用の推移".to_owned(), alternative: String::new(), kind, marks })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let days: Vec<Mark> = (1_u64..=60)
        .map(|day| mark(&format!("第{day}日"), (!day.is_multiple_of(17)).then_some(day * day % 97)))
        .collect();
    let row = |at: u64| {
        let name = if at.is_multiple_of(9) {
            "情報政策部デジタル推進課業務改革担当（兼務）のように長い名の部局"
        } else {
            "総務課"
        };
        let figure = |n: u64| Cell { text: n.to_string(), is_figure: true };
        vec![Cell { text: format!("{at}　{name}"), is_figure: false }, figure(at * 37), figure(at), figure(at * 911)]
    };
    let document = Document {
        title: "利用報告（見本）　2026年4月1日から2026年9月30日まで".to_owned(),
        author: "霞ヶ関市".to_owned(),
        made: None,
        footer: "霞ヶ関市　利用報告（見本）".to_owned(),
        blocks: vec![
            Block::Paragraph(
                "生成AI（Generative AI）の利用を数えました。「利用」は許可された利用、「拒否」は規則などにより止まった利用です。\
                 髙橋さんと﨑山さん、①②③、㊙、〒、ﾊﾝｶｸ、“—…”も書けます。書けないもの（🍣）は下駄で示します。"
                    .to_owned(),
            ),
            Block::Heading(1, "部局別の利用".to_owned()),
            chart(ChartKind::Bars, vec![mark("総務部総務課", Some(1200)), mark("財政課", None), mark("税務課", Some(420))]),
            Block::Table(Table {
                summary: "部局別の利用、拒否、トークン".to_owned(),
                head: ["部局", "利用", "拒否", "トークン"].map(str::to_owned).to_vec(),
                rows_are_named: true,
                rows: (1..=40).map(row).collect(),
            }),
            Block::Heading(1, "推移".to_owned()),
            Block::Heading(2, "日別".to_owned()),
            chart(ChartKind::Columns, days.clone()),
            chart(ChartKind::Line, days),
            Block::Heading(1, "数え方".to_owned()),
            Block::List(vec![
                "利用は始まった日に数えます。".to_owned(),
                "5 人未満の区分の数は、個人の利用が分かるため表示しません。差引きで分かる区分も同じです。この行は折り返すほど長く書いてあります。"
                    .to_owned(),
            ]),
        ],
    };
    std::io::stdout().write_all(&print(&document).map_err(|why: NotPrinted| Box::new(why))?)?;
    Ok(())
}
