//! How long vectors take: making a file of them, opening it, and a question with and without. Units and vectors are made
//! up. `cargo run --release -p sekisho-search --example vector_speed [UNITS] [DIMENSIONS]`
#![expect(clippy::unwrap_used, reason = "an example")]

use sekisho_search::dense::{Maker, Making, Vectors, file_of};
use sekisho_search::rank::{Question, rank};
use sekisho_search::shelf::{Narrowing, Shelf};
use sekisho_search::unit::{Corpus, Unit};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Questions of which the median is told.
const ROUNDS: u64 = 21;

/// A vector that looks random.
fn vector(seed: u64, dimensions: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    (0..dimensions).map(|_| next() + next() + next()).collect()
}

fn median(mut of: impl FnMut(u64)) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|round| {
            let begun = Instant::now();
            of(round);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<usize>().unwrap());
    let (units, dimensions) = (numbers.next().unwrap_or(240_000), numbers.next().unwrap_or(384));
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), Corpus::Law).unwrap();
    let mut writing = shelf.write().unwrap();
    for number in 0..units {
        let (id, group) = (format!("L{}/{number}", number / 30), format!("L{}", number / 30));
        let text = format!("架空大臣は、第{number}種架空物を告示する。");
        writing.put(&Unit { id, group, text, title: "架空物法".into(), ..Unit::default() }).unwrap();
    }
    writing.commit().unwrap();

    let begun = Instant::now();
    let maker = Maker { model: "random".into(), prefix: String::new() };
    let mut making = Making::begin(&shelf, maker, false).unwrap();
    println!("{units} units looked through in {:?}", begun.elapsed());
    let left = making.left().to_vec();
    for (seed, one) in (1..).zip(&left) {
        making.put(one, &vector(seed, dimensions)).unwrap();
    }
    let begun = Instant::now();
    making.save().unwrap();
    let bytes = std::fs::metadata(file_of(folder.path(), Corpus::Law)).unwrap().len();
    println!("{} vectors of {dimensions}: {:.1} MB, saved in {:?}", left.len(), bytes as f64 / 1e6, begun.elapsed());
    let begun = Instant::now();
    let vectors = Arc::new(Vectors::open(folder.path(), Corpus::Law).unwrap().unwrap());
    println!("opened in {:?}", begun.elapsed());

    let reading = shelf.read();
    let ask = |near: bool, round: u64, narrowing: Narrowing| {
        let near = near.then(|| vectors.near(&vector(u64::MAX - round, dimensions)).unwrap());
        let text = format!("第{}種架空物の告示", round * 97);
        rank(&reading, &Question { text, near, narrowing, limit: 10, ..Question::default() }).unwrap();
    };
    let begun = Instant::now();
    ask(true, 0, Narrowing::default());
    println!("the first question: {:?}", begun.elapsed());
    println!("by words: {:?}", median(|round| ask(false, round, Narrowing::default())));
    println!("by words and meaning: {:?}", median(|round| ask(true, round, Narrowing::default())));
    let one_law = || Narrowing { group: Some("L7".into()), ..Narrowing::default() };
    println!("the same within one group: {:?}", median(|round| ask(true, round, one_law())));
}
