//! What an import of sources says at its end.

use crate::cli::{self, Ended, Voice};
use sekisho_search::shelf::Shelf;
use sekisho_search::source::{Reject, Report};

/// Rejects and notes that are printed one by one; the rest are counted.
const PRINTED: usize = 20;

/// Tells, and answers "no" if something was not taken.
pub(super) fn tell(voice: Voice, shelf: &Shelf, report: &Report, seconds: f64) -> Ended {
    let ended = if report.rejects.is_empty() { Ended::Ok } else { Ended::No };
    if voice.json {
        let mut value = serde_json::to_value(report).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.insert("corpus".into(), shelf.corpus().name().into());
            object.insert("index_bytes".into(), shelf.bytes().into());
            object.insert("seconds".into(), seconds.into());
        }
        voice.print(&value);
        return ended;
    }
    let Report { new, changed, unchanged, touched, repeated, passed_over, written, .. } = report;
    voice.say(
        &format!(
            "{}: 新規 {new}、変更 {changed}、変わらず {unchanged}、付随して更新 {touched}（{} 件を書込み、{seconds:.1} 秒）",
            shelf.corpus(),
            written.units
        ),
        &format!(
            "{}: {new} new, {changed} changed, {unchanged} unchanged, {touched} touched ({} units written, {seconds:.1} s)",
            shelf.corpus(),
            written.units
        ),
    );
    if repeated + passed_over > 0 {
        voice.say(
            &format!("重なっていたもの {repeated}、対象外のファイル {passed_over}"),
            &format!("{repeated} repeated, {passed_over} files of other kinds passed over"),
        );
    }
    list(voice, "△", &report.notes);
    list(voice, "✗", &report.rejects);
    ended
}

fn list(voice: Voice, mark: &str, all: &[Reject]) {
    for one in all.iter().take(PRINTED) {
        cli::line(&format!("{mark} {}: {}", one.place, voice.lang.pick(&one.ja, &one.en)));
    }
    if let Some(more) = all.len().checked_sub(PRINTED).filter(|more| *more > 0) {
        voice.say(&format!("{mark} ほかに {more} 件"), &format!("{mark} and {more} more"));
    }
}
