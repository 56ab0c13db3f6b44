//! Laboratory: build an index of units and try rankings on it.
#![allow(warnings)]
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;
use sekisho_search::index::{self, Fields};
use sekisho_search::analysis::{fold, words, grams};
use tantivy::{Index, Term, SegmentReader, DocId};
use tantivy::schema::{Field, IndexRecordOption};

fn lines(p: &str) -> impl Iterator<Item = serde_json::Value> {
    let f = std::fs::File::open(p).unwrap();
    BufReader::new(zstd::Decoder::new(f).unwrap()).lines().map(|l| serde_json::from_str(&l.unwrap()).unwrap())
}
fn chunks(text: &str, size: usize) -> Vec<String> {
    let mut out: Vec<String> = vec![];
    let mut cur = String::new(); let mut n = 0;
    for line in text.split('\n') {
        let len = line.chars().count();
        if n > 0 && n + len > size { out.push(std::mem::take(&mut cur)); n = 0; }
        if len > size * 2 {
            for ch in line.chars() { cur.push(ch); n += 1; if n >= size && ch == '。' { out.push(std::mem::take(&mut cur)); n = 0; } }
        } else { cur.push_str(line); n += len; }
        cur.push('\n');
    }
    if n > 0 || out.is_empty() { out.push(cur); }
    out
}
struct U { id: String, group: u64, gov: bool, order: i64 }
fn units(corpus: &str, data: &str, mut each: impl FnMut(U, [String; 4])) {
    let mut groups: HashMap<String, u64> = HashMap::new();
    if corpus == "law" {
        for r in lines(&format!("{data}/law/articles.jsonl.zst")) {
            let s = |k: &str| r[k].as_str().unwrap_or("").to_string();
            let n = groups.len() as u64;
            let g = *groups.entry(s("law_id")).or_insert(n);
            let path = r["path"].as_array().map(|a| a.iter().filter_map(|x| x.as_str()).collect::<Vec<_>>().join("\n")).unwrap_or_default();
            each(U { id: s("id"), group: g, gov: false, order: 0 }, [s("title"), format!("{} {}", s("caption"), s("article")), path, s("text")]);
        }
    } else {
        for r in lines(&format!("{data}/diet/speeches.jsonl.zst")) {
            let s = |k: &str| r[k].as_str().unwrap_or("").to_string();
            let n = groups.len() as u64;
            let g = *groups.entry(s("issueID")).or_insert(n);
            let speech = s("speech");
            let head: String = speech.split('　').next().unwrap_or("").to_string();
            let gov = ["大臣", "政府参考人", "長官", "局長", "副大臣", "政務官","参考人","政府特別補佐人"].iter().any(|k| head.contains(k));
            each(U { id: s("speechID"), group: g, gov, order: r["speechOrder"].as_i64().unwrap_or(0) }, [s("nameOfMeeting"), String::new(), String::new(), speech]);
        }
    }
}
fn p(name: &str, default: f32) -> f32 { std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default) }

fn main() {
    let a: Vec<String> = std::env::args().collect();
    let corpus = &a[2]; let data = &a[3];
    let dir = format!("/work/lab-{corpus}");
    let fields = Fields::default();
    if a[1] == "build" {
        let _ = std::fs::remove_dir_all(&dir); std::fs::create_dir_all(&dir).unwrap();
        let t = Instant::now();
        let index = index::open(Path::new(&dir), &fields).unwrap();
        let mut w: tantivy::IndexWriter = index.writer_with_num_threads(2, 1_000_000_000).unwrap();
        let mut meta = vec![]; let mut n = 0u64; let mut bytes = 0usize;
        let size = p("CHUNK", 1000.0) as usize;
        units(corpus, data, |u, parts| {
            bytes += parts.iter().map(|x| x.len()).sum::<usize>();
            for c in chunks(&parts[3], size) {
                index::add(&w, &fields, n, u.group, [&parts[0], &parts[1], &parts[2], &c]).unwrap();
            }
            meta.push(serde_json::json!([u.id, u.group, u.gov, u.order]));
            n += 1;
        });
        w.commit().unwrap();
        println!("{n} units {bytes} bytes committed {:?}", t.elapsed());
        let ids = index.searchable_segment_ids().unwrap();
        println!("{} segments", ids.len());
        if ids.len() > 1 { w.merge(&ids).wait().unwrap(); }
        w.wait_merging_threads().unwrap();
        println!("merged {:?}", t.elapsed());
        std::fs::write(format!("{dir}/units.meta"), serde_json::to_string(&meta).unwrap()).unwrap();
        return;
    }
    // eval: lab eval corpus data set field
    let set = &a[4]; let field = &a[5];
    let meta: Vec<(String, u64, bool, i64)> = serde_json::from_str(&std::fs::read_to_string(format!("{dir}/units.meta")).unwrap()).unwrap();
    let byid: HashMap<&str, u64> = meta.iter().enumerate().map(|(i, m)| (m.0.as_str(), i as u64)).collect();
    let index = index::open(Path::new(&dir), &fields).unwrap();
    let reader = index.reader().unwrap();
    let searcher = reader.searcher();
    let mut r = Ranker::new(&searcher, &fields, &meta);
    let mut ms = vec![]; let (mut ndcg, mut r10, mut r100, mut mrr, mut n) = (0.0, 0.0, 0.0, 0.0, 0);
    let take = p("N", 1e9) as usize;
    let rows: Vec<_> = lines(&format!("{data}/eval/{set}.jsonl.zst")).collect();
    let step = (rows.len() / take.min(rows.len())).max(1);
    let mut per = vec![];
    for row in rows.iter().step_by(step) {
        let gold: Vec<u64> = row["gold"].as_array().map(|g| g.iter().filter_map(|x| byid.get(x.as_str()?).copied()).collect()).unwrap_or_else(|| row["gold"].as_str().and_then(|x| byid.get(x).copied()).into_iter().collect());
        if gold.is_empty() { continue; }
        let own = row["self_id"].as_str().and_then(|x| byid.get(x).copied());
        let t = Instant::now();
        let hits = r.rank(row[field.as_str()].as_str().unwrap_or(""), own, 100);
        ms.push(t.elapsed().as_secs_f64() * 1e3);
        let mut dcg = 0.0;
        let mut first = 0.0;
        for (i, h) in hits.iter().enumerate() {
            if gold.contains(h) { if i < 10 { dcg += 1.0 / ((i + 2) as f64).log2(); } if first == 0.0 { first = 1.0 / (i + 1) as f64; } }
        }
        let ideal: f64 = (0..gold.len().min(10)).map(|i| 1.0 / ((i + 2) as f64).log2()).sum();
        ndcg += dcg / ideal; per.push(dcg/ideal);
        r10 += hits.iter().take(10).filter(|h| gold.contains(h)).count() as f64 / gold.len() as f64;
        r100 += hits.iter().filter(|h| gold.contains(h)).count() as f64 / gold.len() as f64;
        mrr += if first >= 0.1 { first } else { 0.0 };
        n += 1;
    }
    ms.sort_by(|a, b| a.total_cmp(b));
    let n = n as f64;
    println!("{set}/{field} n={n} ndcg {:.4} r10 {:.4} r100 {:.4} mrr {:.4} p50 {:.2} p99 {:.2}", ndcg / n, r10 / n, r100 / n, mrr / n, ms[ms.len() / 2], ms[ms.len() * 99 / 100]);
}

struct Ranker<'a> {
    searcher: &'a tantivy::Searcher, fields: &'a Fields, meta: &'a [(String, u64, bool, i64)],
    seg: &'a SegmentReader, unit: Vec<u32>, norms: Vec<[Vec<f32>; 2]>, acc: [Vec<f32>; 2], tf: Vec<f32>, touched: Vec<u32>,
    ndocs: f32, by_order: HashMap<(u64, i64), u32>,
}
impl<'a> Ranker<'a> {
    fn new(searcher: &'a tantivy::Searcher, fields: &'a Fields, meta: &'a [(String, u64, bool, i64)]) -> Self {
        assert_eq!(searcher.segment_readers().len(), 1);
        let seg = searcher.segment_reader(0);
        let max = seg.max_doc() as usize;
        let col = seg.fast_fields().u64("unit").unwrap();
        let unit = (0..max as u32).map(|d| col.first(d).unwrap() as u32).collect();
        let bs = [p("B0", 0.0), p("B1", 0.3), p("B2", 0.3), p("B3", 0.75)];
        let k1 = p("K1", 1.2);
        let norms = fields.parts.iter().zip(bs).map(|(c, b)| [c.words, c.grams].map(|f| {
            let nr = seg.get_fieldnorms_reader(f).unwrap();
            let avg = seg.inverted_index(f).unwrap().total_num_tokens() as f32 / max as f32;
            (0..=255u8).map(|id| (1.0 - b + b * tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm(id) as f32 / avg)).collect::<Vec<f32>>()
        })).collect();
        let by_order = meta.iter().enumerate().map(|(i, m)| ((m.1, m.3), i as u32)).collect();
        Ranker { searcher, fields, meta, seg, unit, norms, acc: [vec![0.0; max], vec![0.0; max]], tf: vec![0.0; max], touched: vec![], ndocs: max as f32, by_order }
    }
    fn rank(&mut self, q: &str, own: Option<u64>, k: usize) -> Vec<u64> {
        let folded = fold(q);
        let k1 = p("K1", 1.2);
        let ws = [p("W0", 4.0), p("W1", 5.0), p("W2", 1.0), p("W3", 1.0)];
        let maxt = p("TERMS", 64.0) as usize;
        for (ai, cutter) in [0usize, 1].into_iter().enumerate() {
            self.acc[ai].fill(0.0);
            let mut qtf: HashMap<&str, f32> = HashMap::new();
            if ai == 0 { words::words(&folded, |w| *qtf.entry(w).or_default() += 1.0) } else { grams::grams(&folded, |w| *qtf.entry(w).or_default() += 1.0) }
            let field = |i: usize| if ai == 0 { self.fields.parts[i].words } else { self.fields.parts[i].grams };
            let text = self.seg.inverted_index(field(3)).unwrap();
            let mut terms: Vec<(f32, &str, f32)> = qtf.iter().map(|(t, n)| {
                let df = text.get_term_info(&Term::from_field_text(field(3), t)).unwrap().map_or(0, |i| i.doc_freq) as f32;
                (((self.ndocs - df + 0.5) / (df + 0.5) + 1.0).ln(), *t, *n)
            }).collect();
            let kq = p("KQ", 2.0);
            terms.sort_by(|a, b| (b.0).total_cmp(&(a.0)));
            terms.truncate(maxt);
            let norm: f32 = 1.0;
            let any: Vec<_> = (0..4).map(|i| self.seg.inverted_index(field(i)).unwrap()).collect();
            let nrs: Vec<_> = (0..4).map(|i| self.seg.get_fieldnorms_reader(field(i)).unwrap()).collect();
            for (idf, t, n) in &terms {
                let w = idf * (n * (kq + 1.0) / (kq + n));
                self.touched.clear();
                for i in 0..4 {
                    if ws[i] == 0.0 { continue; }
                    let Some(info) = any[i].get_term_info(&Term::from_field_text(field(i), t)).unwrap() else { continue };
                    let mut bp = any[i].read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs).unwrap();
                    let tab = &self.norms[i][ai];
                    loop {
                        if bp.block_len() == 0 { break; }
                        for (d, tf) in bp.docs().iter().zip(bp.freqs()) {
                            let slot = &mut self.tf[*d as usize];
                            if *slot == 0.0 { self.touched.push(*d); }
                            *slot += ws[i] * *tf as f32 / tab[nrs[i].fieldnorm_id(*d) as usize];
                        }
                        bp.advance();
                    }
                }
                for d in &self.touched {
                    let tf = std::mem::take(&mut self.tf[*d as usize]);
                    self.acc[ai][*d as usize] += w * tf * (k1 + 1.0) / (tf + k1);
                }
            }
        }
        let (lw, lg) = (p("LW", 1.0), p("LG", 0.5));
        // candidates
        let mut cand: Vec<(f32, u32)> = vec![];
        for d in 0..self.unit.len() {
            let s = lw * self.acc[0][d] + lg * self.acc[1][d];
            if s > 0.0 { cand.push((s, d as u32)); }
        }
        let m = (p("CAND", 1000.0) as usize).min(cand.len());
        if m == 0 { return vec![]; }
        if m < cand.len() { cand.select_nth_unstable_by(m - 1, |a, b| b.0.total_cmp(&a.0)); }
        cand.truncate(m);
        let mut units: HashMap<u32, f32> = HashMap::new();
        for (s, d) in &cand { let u = self.unit[*d as usize]; if Some(u as u64) == own { continue; } let e = units.entry(u).or_insert(0.0); if *s > *e { *e = *s; } }
        let mut list: Vec<(f32, u32)> = units.iter().map(|(u, s)| (*s, *u)).collect();
        list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let top = list.first().map_or(1.0, |x| x.0);
        // group evidence
        let mut group: HashMap<u64, (f32, u32)> = HashMap::new();
        let gn = p("GN", 5.0) as u32; let gd = p("GD", 0.7);
        for (s, u) in &list { let e = group.entry(self.meta[*u as usize].1).or_insert((0.0, 0)); if e.1 < gn { e.0 += (s / top) * gd.powi(e.1 as i32); e.1 += 1; } }
        let mu = p("MU", 0.0); let gov = p("GOV", 0.0); let nb = p("NB", 0.0); let nd = p("ND", 0.6); let nw = p("NW", 4.0) as i64;
        let rescored: Vec<(f32, u32)> = list.iter().map(|(s, u)| {
            let m = &self.meta[*u as usize];
            let mut f = s / top + mu * group[&m.1].0;
            if nb > 0.0 {
                for dlt in 1..=nw { for o in [m.3 - dlt, m.3 + dlt] {
                    if let Some(v) = self.by_order.get(&(m.1, o)).and_then(|v| units.get(v)) { f += nb * nd.powi(dlt as i32 - 1) * v / top; }
                } }
            }
            if gov > 0.0 && m.2 { f *= 1.0 + gov; }
            (f, *u)
        }).collect();
        let mut list = rescored;
        list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        list.iter().take(k).map(|x| x.1 as u64).collect()
    }
}
