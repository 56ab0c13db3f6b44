//! Every planted false quotation is struck, no true one is.

use super::planter::{Planted, Random, answer};
use super::property::passage;
use crate::citation::{Passage, Shelf, Style, Verdict, check};
use std::collections::BTreeMap;

#[derive(Default)]
struct Tally {
    /// By way of making: how many, and how many judged wrongly.
    ways: BTreeMap<(bool, &'static str), (usize, usize)>,
    wrong: Vec<String>,
}

impl Tally {
    fn judge(&mut self, planted: &[Planted], passages: &[Passage]) {
        let text: Vec<&str> = planted.iter().map(|p| p.text.as_str()).collect();
        let checked = check(&text.join("\n\n"), &Shelf::new(passages), &Style::default());
        assert_eq!(checked.statements.len(), planted.len(), "{text:#?}\n{:#?}", checked.statements);
        for (planted, judged) in planted.iter().zip(&checked.statements) {
            let count = self.ways.entry((planted.honest, planted.way)).or_default();
            count.0 += 1;
            if matches!(judged.verdict, Verdict::Supported { .. }) != planted.honest {
                count.1 += 1;
                self.wrong.push(format!("{} {} {:?}", planted.way, planted.text, judged.verdict));
            }
        }
    }

    fn count(&self, honest: bool) -> (usize, usize) {
        let of = self.ways.iter().filter(|((h, _), _)| *h == honest);
        of.fold((0, 0), |sum, (_, (all, wrong))| (sum.0 + all, sum.1 + wrong))
    }
}

#[test]
fn in_a_thousand_answers_every_false_quotation_is_struck_and_no_true_one() {
    let passages: Vec<Passage> = (1..).zip(super::corpus::TEXTS).map(|(n, text)| passage(n, text)).collect();
    let mut tally = Tally::default();
    for seed in 0..1_000 {
        let mut random = Random::new(seed + 7);
        let first = random.below(passages.len() - 8);
        let handed: Vec<Passage> =
            (1..).zip(&passages[first..first + 8]).map(|(number, p)| Passage { number, ..p.clone() }).collect();
        tally.judge(&answer(&mut random, &handed, 10), &handed);
    }
    println!("{:?}", tally.ways);
    assert!(tally.wrong.is_empty(), "{} {:#?}", tally.wrong.len(), &tally.wrong[..tally.wrong.len().min(20)]);
    assert!(tally.count(true).0 > 3_000 && tally.count(false).0 > 3_000);
    assert_eq!(tally.ways.len(), 6 + 16, "each way is used");
}

/// The same over real texts, when `SEKISHO_DATA` names a folder that holds them.
#[test]
fn the_same_over_real_texts() {
    let Ok(data) = std::env::var("SEKISHO_DATA") else { return };
    for (file, field, most) in [("law/articles.jsonl.zst", "text", 3_000), ("diet/speeches.jsonl.zst", "speech", 3_000)]
    {
        let Ok(file) = std::fs::File::open(std::path::Path::new(&data).join(file)) else { continue };
        let reader = std::io::BufReader::new(zstd::Decoder::new(file).unwrap());
        let texts: Vec<String> = std::io::BufRead::lines(reader)
            .step_by(if field == "text" { 79 } else { 5 })
            .filter_map(|line| {
                let row: serde_json::Value = serde_json::from_str(&line.ok()?).ok()?;
                let text = row.get(field)?.as_str()?;
                (text.chars().count() > 30 && text.len() < 60_000).then(|| text.to_owned())
            })
            .take(most)
            .collect();
        let mut tally = Tally::default();
        for (seed, handed) in (0..).zip(texts.chunks(6)) {
            let handed: Vec<Passage> = (1..).zip(handed).map(|(n, text)| passage(n, text)).collect();
            tally.judge(&answer(&mut Random::new(seed), &handed, 24), &handed);
        }
        println!(
            "{field} {} texts, true {:?}, false {:?} {:?}",
            texts.len(),
            tally.count(true),
            tally.count(false),
            tally.ways
        );
        for wrong in &tally.wrong {
            println!("{wrong}");
        }
        let ((honest, struck), (planted, missed)) = (tally.count(true), tally.count(false));
        assert!(struck * 500 <= honest && missed * 1000 <= planted, "{struck} of {honest}, {missed} of {planted}");
    }
}
