//! How long checking takes: an answer of 5,000 characters over 20 passages of 2,000, true and false quotations mixed, and a
//! megabyte of nuisance. `cargo run --release -p sekisho-search --example citation_speed`

use sekisho_search::citation::{Passage, Shelf, Style, check};
use sekisho_search::unit::UnitId;
use std::time::Instant;

fn main() {
    let passages: Vec<Passage> = (1..=20)
        .map(|number| {
            let sentence = |n: usize| {
                format!("第{n}種架空事業者は、事由{number}の{n}が生じた日から三十日以内に、架空大臣に届け出なければならない。")
            };
            let text: String = (0..).map(sentence).take(42).collect();
            Passage { number, unit: UnitId::new(format!("F/{number}")), cite: format!("架空法第{number}条"), text }
        })
        .collect();
    let mut answer = String::new();
    for n in 0..64 {
        let days = if n % 4 == 0 { "四" } else { "三" };
        let number = n % 20 + 1;
        answer.push_str(&format!(
            "届出の期限について、「第{}種架空事業者は、事由{number}の{}が生じた日から{days}十日以内に、架空大臣に届け出なければならない。」とされている[{number}]。\n",
            n % 40,
            n % 40
        ));
    }
    let (stored, written) = (passages.iter().map(|p| p.text.chars().count()).sum::<usize>(), answer.chars().count());
    let rounds = 200;
    let begun = Instant::now();
    let mut struck = 0;
    for _ in 0..rounds {
        struck = check(&answer, &Shelf::new(&passages), &Style::default()).coverage.struck;
    }
    let each = begun.elapsed() / rounds;
    println!("{written} characters over {stored}: {each:?}, {struck} struck");
    let shelf = Shelf::new(&passages);
    for unit in [
        "「",
        "「」",
        "[1-20]",
        "「甲乙丙丁です」[1-20]\n",
        "「第1種架…届け出なけ…大臣に」[1-20]。",
        "> ",
        "（",
        "第一条の",
    ] {
        let answer = unit.repeat(1_000_000 / unit.len());
        let begun = Instant::now();
        let checked = check(&answer, &shelf, &Style::default());
        println!("a megabyte of {unit:?}: {:?}, {} statements", begun.elapsed(), checked.coverage.statements);
    }
}
