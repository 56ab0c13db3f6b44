//! 議事次第 and a draft of the 議事録, as Markdown: from the records, to be read aloud or to be finished by hand.

use super::meetings::{committee, items};
use super::{matter, meeting, wording};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::download;
use crate::http::page::words::{Names, day};
use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_domain::id::{MeetingId, PersonId};
use sekisho_domain::ismap::committee::{AgendaItem, Meeting};
use sekisho_domain::register::Register;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// What somebody typed, as one line that Markdown takes for plain text.
fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            '\\' | '`' | '*' | '_' | '#' | '|' | '[' | ']' | '<' | '>' => {
                line.push('\\');
                line.push(c);
            }
            c => line.push(c),
        }
    }
    line
}

struct Paper<'r> {
    register: &'r Register,
    id: MeetingId,
    meeting: &'r Meeting,
    names: Names,
}

impl<'r> Paper<'r> {
    async fn of(app: &App, register: &'r Register, person: &PersonId, id: &str) -> Result<Self, PageError> {
        let (id, chronicle) = meeting::seen(register, person, id)?;
        let meeting = chronicle.now();
        let members = committee(register.scheme());
        let people: Vec<&PersonId> =
            meeting.present.iter().chain(meeting.recused.values().flatten()).chain(members.iter()).collect();
        let names = Names::of(app, people).await?;
        Ok(Self { register, id, meeting, names })
    }

    fn list(&self, people: &BTreeSet<PersonId>) -> String {
        match people.len() {
            0 => "なし".to_owned(),
            _ => people.iter().map(|person| plain(&self.names.get(person))).collect::<Vec<_>>().join("、"),
        }
    }

    /// Title and facts; then each item with its own part.
    fn write(&self, title: &str, facts: &[(&str, String)], each: impl Fn(&mut String, &AgendaItem)) -> String {
        let mut text = format!("# {title}\n\n");
        for (name, fact) in facts {
            let _ = writeln!(text, "- {name}: {fact}");
        }
        let all = items(self.register.scheme(), &self.id, self.meeting, None);
        if all.is_empty() {
            text.push_str("\n議題はありません。\n");
        }
        for (number, item) in (1..).zip(&all) {
            let _ = writeln!(text, "\n## {number}. {}\n", plain(&wording::item(self.register, item).0));
            each(&mut text, item);
        }
        text
    }
}

pub(super) async fn agenda(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let paper = Paper::of(&app, &register, signed.person(), &id).await?;
    let facts = [
        ("開催日", day(paper.meeting.day)),
        ("定足数", format!("{} 人", paper.meeting.quorum)),
        ("委員", paper.list(&committee(register.scheme()))),
    ];
    let text = paper.write("運営委員会 議事次第", &facts, |text, item| {
        for (name, fact) in matter::facts(&register, item) {
            let _ = writeln!(text, "- {name}: {}", plain(&fact));
        }
        if let Some(recused) = paper.meeting.recused.get(item) {
            let _ = writeln!(text, "- 忌避: {}", paper.list(recused));
        }
    });
    Ok(download(MARKDOWN, &format!("agenda-{}.md", paper.id), text))
}

pub(super) async fn draft(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let paper = Paper::of(&app, &register, signed.person(), &id).await?;
    let meeting = paper.meeting;
    let number = meeting.minutes.as_ref().map_or("（未定）", |(number, _)| number.as_str());
    let facts = [
        ("番号", plain(number)),
        ("開催日", day(meeting.day)),
        ("状態", meeting.state.label().to_owned()),
        ("出席", paper.list(&meeting.present)),
        ("定足数", format!("{} 人", meeting.quorum)),
    ];
    let text = paper.write("運営委員会 議事録（案）", &facts, |text, item| {
        if let Some(recused) = meeting.recused.get(item) {
            let _ = writeln!(text, "- 忌避: {}", paper.list(recused));
        }
        match meeting.decisions.get(item) {
            Some(r) => {
                let _ = writeln!(text, "- 決定: {}（{}）", r.outcome.label(), day(r.on));
                let _ = writeln!(
                    text,
                    "- 議決に加わった委員: {} 人（賛成 {}、反対 {}、棄権 {}）",
                    r.taking_part, r.votes.approve, r.votes.against, r.votes.abstain
                );
            }
            None => text.push_str("- 決定: なし\n"),
        }
    });
    Ok(download(MARKDOWN, &format!("minutes-{}.md", paper.id), text))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_was_typed_stays_one_plain_line() {
        assert_eq!(plain("# 題\n* <b>"), "\\# 題 \\* \\<b\\>");
    }
}
