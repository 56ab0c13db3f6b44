//! Measured on real records, which are not part of the project: set `SEKISHO_DATA` to a folder that holds them
//! (`diet/speeches.jsonl.zst`, `eval/diet_qa.jsonl.zst`, …). Without it these tests have nothing to say.

use super::exchange::exchanges;
use super::record::{Gathering, Sitting, lines};
use super::speaker::{Role, Spoken};
use super::written;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

fn data(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(std::env::var_os("SEKISHO_DATA")?).join(name);
    Some(zstd::decode_all(std::fs::File::open(path).ok()?).unwrap())
}

fn sittings() -> Option<Vec<Sitting>> {
    let mut gathering = Gathering::default();
    gathering.extend(lines(&data("diet/speeches.jsonl.zst")?).map(Result::unwrap));
    Some(gathering.finish())
}

#[test]
fn nearly_every_speech_of_real_records_has_a_head_that_is_read() {
    let Some(sittings) = sittings() else { return };
    let (mut all, mut headless, mut strange) = (0, 0, 0);
    let mut roles = BTreeMap::new();
    for speech in sittings.iter().flat_map(|s| &s.speeches) {
        let spoken = Spoken::read(speech);
        all += 1;
        *roles.entry(format!("{:?}", spoken.role)).or_insert(0) += 1;
        headless += usize::from(spoken.head.is_none());
        // A head whose name is no part of the speaker's, or a body that begins with what ends a head.
        let name = spoken.head.and_then(|h| h.name).unwrap_or_default();
        let family = name.split(['（', '　']).next().unwrap_or_default();
        let odd = !speech.speaker.starts_with(family) || spoken.body.starts_with(['君', '）']);
        if spoken.head.is_none() || odd {
            strange += usize::from(odd);
            println!("{} {} {:?}", speech.id, speech.speaker, speech.text.chars().take(30).collect::<String>());
        }
        // Who holds a post of the government and is printed as such is read as such.
        if speech.position.as_deref() == Some("内閣総理大臣") && spoken.role == Role::Questioner {
            println!("minister who asks: {} {:?}", speech.id, spoken.head);
        }
    }
    println!("{all} speeches, {headless} without head, {strange} strange; {roles:?}");
    assert!(headless * 1_000 < all && strange * 200 < all);
}

#[test]
fn the_answer_of_real_questions_is_in_the_exchange() {
    let (Some(sittings), Some(pairs)) = (sittings(), data("eval/diet_qa.jsonl.zst")) else { return };
    let all: Vec<_> = sittings.iter().flat_map(exchanges).collect();
    let asked: HashMap<&str, _> = all.iter().flat_map(|e| e.asking().map(move |id| (id.as_str(), e))).collect();
    let (mut count, mut first, mut any, mut as_question) = (0, 0, 0, 0);
    for line in pairs.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let row: serde_json::Value = serde_json::from_slice(line).unwrap();
        let question = row["self_id"].as_str().unwrap();
        let gold: Vec<&str> = row["gold"].as_array().unwrap().iter().filter_map(|g| g.as_str()).collect();
        let exchange = asked.get(question);
        let holds = |id: &str| exchange.is_some_and(|e| e.answers.iter().any(|a| a.as_str() == id));
        count += 1;
        first += usize::from(holds(gold[0]));
        any += usize::from(gold.iter().any(|id| holds(id)));
        as_question += usize::from(exchange.is_some_and(|e| e.question.as_str() == question));
        if !holds(gold[0]) {
            println!("missed: {question} → {gold:?}, has {:?}", exchange.map(|e| (&e.question, &e.answers)));
        }
    }
    println!(
        "{} exchanges, {:.2} answers each; of {count} questions {first} with the first answer, {any} with any, \
         {as_question} as the question itself",
        all.len(),
        all.iter().map(|e| e.answers.len()).sum::<usize>() as f64 / all.len() as f64
    );
    assert!(first * 100 > count * 95, "{first} of {count}");
}

#[test]
fn real_written_questions_are_read_whatever_their_lists_say() {
    let Some(rows) = data("diet/written_questions_shugiin217.jsonl.zst") else { return };
    let (good, bad): (Vec<_>, Vec<_>) = written::shugiin_rows(&rows).partition(Result::is_ok);
    let good: Vec<_> = good.into_iter().map(Result::unwrap).collect();
    let numbered = good.iter().filter(|q| q.question.iter().any(|p| p.number.is_some())).count();
    let titled = good.iter().filter(|q| q.title.ends_with("質問主意書")).count();
    let dated = good.iter().filter(|q| q.submitted.is_some()).count();
    for q in good.iter().filter(|q| q.submitter.as_deref().is_none_or(|name| name.chars().count() > 9)) {
        println!("{} {:?} {}", q.at, q.submitter, q.title);
    }
    // Items count up from 一 without a gap: what is skipped was not seen, what is too many was no item.
    let mut gaps = 0;
    for q in &good {
        let mut tops: Vec<u32> =
            q.question.iter().filter_map(|p| p.number.as_ref()?.0.first()).map(|l| l.number).collect();
        tops.dedup();
        if !tops.iter().copied().eq(1..=u32::try_from(tops.len()).unwrap()) {
            gaps += 1;
            println!("{} counts {tops:?}", q.at);
        }
    }
    println!(
        "{} read, {numbered} with items, {titled} titled, {dated} dated, {gaps} with gaps; rejected: {bad:?}",
        good.len()
    );
    assert!(bad.len() <= 1 && titled == good.len() && dated == good.len() && gaps * 20 < good.len());

    let Some(rows) = data("diet/written_questions_sangiin_meta.jsonl.zst") else { return };
    let (good, bad): (Vec<_>, Vec<_>) = written::sangiin_rows(&rows).partition(Result::is_ok);
    let mut strange = 0;
    for q in good.iter().map(|q| q.as_ref().unwrap()) {
        for (url, kind) in [
            (&q.urls.question, written::Kind::Question),
            (&q.urls.answer, written::Kind::Answer),
            (&q.urls.progress, written::Kind::Progress),
        ] {
            let Some(url) = url else { continue };
            let built = written::address(q.at, kind);
            if written::parse_address(url) != Some((q.at, kind)) || *url != built {
                strange += 1;
                if strange < 10 {
                    println!("{} {url} {built}", q.at);
                }
            }
        }
    }
    let answered = good.iter().filter(|q| q.as_ref().unwrap().answered.is_some()).count();
    println!("{} facts, {answered} answered, {strange} strange addresses, {} rejected", good.len(), bad.len());
    assert!(bad.is_empty());
}
