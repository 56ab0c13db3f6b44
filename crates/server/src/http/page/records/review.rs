//! One use of a request for disclosure: what may have to be masked, and what a person masks.

use super::disclosures::{found, readable};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::keep;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::oversight::exact;
use crate::records::masking::{Candidate, Mask, candidates, joined, masked, places_of};
use crate::records::scope::{Found, InScope, Left, Part, parts};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_detect::Detector;
use sekisho_domain::id::UseId;
use sekisho_domain::records::disclosure::{Disclosure, Withheld};
use sekisho_gate::identify::hex;
use sekisho_gate::record::REQUEST;
use sekisho_store::PaperRow;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What was masked of a use is kept as.
const REVIEW: &str = "disclosure-review";
/// Candidates with a box of their own; those behind are always masked.
const BOXES: usize = 400;
/// Most characters of the phrases of one use.
const PHRASES: usize = 10_000;

/// What a person decided about one use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Review {
    /// Not handed out at all, and why.
    pub(super) left_out: Option<(Withheld, String)>,
    /// What is masked, by part.
    pub(super) masks: BTreeMap<String, Vec<Mask>>,
    /// The phrases, as they were typed.
    pub(super) phrases: String,
    /// Why the phrases are masked.
    pub(super) ground: Option<Withheld>,
    /// SHA-256 of the text of each part as it was looked at: masks are places in that text and in no other.
    pub(super) seen: BTreeMap<String, String>,
}

impl Review {
    /// What is masked of a part; `None` when nobody has looked at this text of it.
    pub(super) fn masks_of(&self, part: &Part) -> Option<&[Mask]> {
        let looked_at = self.seen.get(part.name).is_some_and(|seen| *seen == sha256(&part.text));
        self.masks.get(part.name).filter(|_| looked_at).map(Vec::as_slice)
    }

    /// Everything there is of the use was looked at.
    pub(super) fn covers(&self, parts: &[Part]) -> bool {
        parts.iter().all(|part| self.masks_of(part).is_some())
    }
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn name_of(disclosure: &Disclosure, of: &UseId) -> String {
    format!("{}.{of}", disclosure.disclosure)
}

/// What was decided about a use, with the version of its paper.
pub(super) async fn decided(
    app: &App,
    disclosure: &Disclosure,
    of: &UseId,
) -> Result<Option<(Review, u64)>, PageError> {
    let Some(paper) = app.store.paper(REVIEW, &name_of(disclosure, of)).await? else { return Ok(None) };
    match serde_json::from_slice(&paper.content) {
        Ok(review) => Ok(Some((review, paper.row.version))),
        Err(error) => {
            tracing::error!(%error, "a review cannot be read");
            Err(PageError::Inside)
        }
    }
}

/// Uses that were found and are decided about.
pub(super) async fn reviewed(app: &App, disclosure: &Disclosure, found: &Found) -> Result<BTreeSet<UseId>, PageError> {
    let mut reviewed = BTreeSet::new();
    for one in found.uses.iter().filter(|one| one.left == Left::Found) {
        // With what was there when it was looked at: an answer that came since is not.
        let Some((review, _)) = decided(app, disclosure, &one.of).await? else { continue };
        if review.seen.len() as u64 == one.parts {
            reviewed.insert(one.of.clone());
        }
    }
    Ok(reviewed)
}

#[derive(Template)]
#[template(path = "records/review.html")]
struct ReviewPage {
    frame: Frame,
    id: String,
    of: String,
    at: String,
    parts: Vec<PartShown>,
    /// Fields of the phrases and of leaving the use out.
    phrases: Field,
    ground: Field,
    left_out: Field,
    left_out_ground: Field,
    decided: bool,
    more: usize,
}

struct PartShown {
    name: &'static str,
    label: &'static str,
    seen: String,
    pieces: Vec<Piece>,
    boxes: Vec<BoxShown>,
    out: Option<String>,
}

/// A run of text, with the number of its candidate.
struct Piece {
    text: String,
    mark: Option<usize>,
}

struct BoxShown {
    number: usize,
    field: String,
    text: String,
    rule: &'static str,
    ground: &'static str,
    ticked: bool,
}

fn label(part: &str) -> &'static str {
    if part == REQUEST { "送った内容" } else { "返ってきた内容" }
}

fn pieces(text: &str, found: &[Candidate]) -> Vec<Piece> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    for (number, one) in found.iter().enumerate() {
        let run = |text: Option<&str>| text.unwrap_or_default().to_owned();
        pieces.push(Piece { text: run(text.get(at..one.span.start)), mark: None });
        pieces.push(Piece { text: run(text.get(one.span.clone())), mark: Some(number + 1) });
        at = one.span.end;
    }
    pieces.push(Piece { text: text.get(at..).unwrap_or_default().to_owned(), mark: None });
    pieces
}

fn grounds() -> Vec<Choice> {
    Withheld::ALL.map(|ground| Choice::new(ground.as_str(), format!("{}（要確認）", ground.label()))).to_vec()
}

fn ground_of(text: &str) -> Option<Withheld> {
    Withheld::ALL.into_iter().find(|ground| ground.as_str() == text)
}

/// The use of the address, if it was found for this request.
fn wanted<'f>(found: &'f Found, of: &str) -> Result<&'f InScope, PageError> {
    let one = found.uses.iter().find(|one| one.of.as_str() == of && one.left == Left::Found);
    one.ok_or(PageError::Missing)
}

async fn form(
    app: &App,
    signed: &SignedIn,
    (id, of): (&str, &str),
    given: Option<&Fields>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let disclosure = readable(&register, signed, id)?;
    let (found, _) = found(app, disclosure).await?.ok_or(PageError::Missing)?;
    let one = wanted(&found, of)?;
    let parts = parts(app, &one.of, one.opened, one.closed).await?;
    let decided = decided(app, disclosure, &one.of).await?.map(|(review, _)| review);
    let detector = Detector::new();
    let (mut shown, mut more) = (Vec::new(), 0);
    for part in &parts {
        let found = candidates(&detector, &part.text);
        more += found.len().saturating_sub(BOXES);
        let masks = decided.as_ref().and_then(|review| review.masks_of(part));
        let covered = |one: &Candidate| {
            masks.is_some_and(|masks| masks.iter().any(|m| m.start <= one.span.start && one.span.end <= m.end))
        };
        let boxes = found.iter().enumerate().take(BOXES).map(|(n, one)| {
            let field = format!("{}.{n}", part.name);
            let ticked = match (given, masks) {
                (Some(given), _) => !given.get(&field).is_empty(),
                (None, Some(_)) => covered(one),
                (None, None) => true,
            };
            BoxShown {
                number: n + 1,
                field,
                text: part.text.get(one.span.clone()).unwrap_or_default().chars().take(60).collect(),
                rule: one.rule,
                ground: one.ground.label(),
                ticked,
            }
        });
        shown.push(PartShown {
            name: part.name,
            label: label(part.name),
            seen: sha256(&part.text),
            boxes: boxes.collect(),
            pieces: pieces(&part.text, &found),
            out: masks.map(|masks| masked(&part.text, masks)),
        });
    }
    let status = Problem::status(&problems);
    let back = format!("/records/disclosures/{id}");
    let frame = Frame::new(app, Some(signed), "/records", "不開示の箇所").await?;
    let trail = [("/", "ホーム"), ("/records", "文書管理"), ("/records/disclosures", "開示請求"), (&back, "対応")];
    let frame = frame.below(&trail).wide().wrong(problems);
    let told = &frame.problems;
    let of_paper = |get: fn(&Review) -> String| decided.as_ref().map(get).unwrap_or_default();
    let value = |name: &str, kept: String| given.map_or(kept, |fields| fields.get(name).to_owned());
    let ground = value("ground", of_paper(|r| r.ground.map_or("", Withheld::as_str).to_owned()));
    let out_ground = of_paper(|r| r.left_out.as_ref().map_or("", |(ground, _)| ground.as_str()).to_owned());
    let out_reason = of_paper(|r| r.left_out.as_ref().map_or(String::new(), |(_, reason)| reason.clone()));
    let review_page = ReviewPage {
        id: id.to_owned(),
        of: one.of.to_string(),
        at: exact(one.at),
        parts: shown,
        phrases: Field::area("phrases", "ほかに伏せる語句", 4)
            .optional()
            .help("1 行に 1 つ。この利用の中のすべての箇所を伏せます。氏名や住所のように、検出されないものを書いてください。")
            .value(&value("phrases", of_paper(|r| r.phrases.clone())))
            .told(told),
        ground: Field::select("ground", "語句を伏せる理由", grounds()).value(&ground).told(told),
        left_out: Field::text("left_out", "この利用の全部を不開示とする理由", "off")
            .optional()
            .help("書くと、この利用の内容はファイルに入りません。一覧には、全部不開示として、ここに書いた理由とともに載ります。")
            .value(&value("left_out", out_reason))
            .told(told),
        left_out_ground: Field::select("left_out_ground", "全部不開示の区分", grounds())
            .value(&value("left_out_ground", out_ground))
            .told(told),
        decided: decided.as_ref().is_some_and(|review| review.covers(&parts)),
        more,
        frame,
    };
    Ok(page(status, &review_page))
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, of)): Path<(String, String)>,
) -> Result<Response, PageError> {
    form(&app, &signed, (&id, &of), None, Vec::new()).await
}

/// What the form says of the parts as they are now; what is wrong is added.
fn described(fields: &Fields, parts: &[Part], wrong: &mut Vec<Problem>) -> Review {
    let phrases = fields.text("phrases");
    if phrases.chars().count() > PHRASES {
        wrong.push(Problem::at("phrases", format!("{PHRASES} 文字までにしてください。")));
    }
    let ground = ground_of(fields.get("ground")).unwrap_or(Withheld::Person);
    let detector = Detector::new();
    let (mut masks, mut unseen) = (BTreeMap::new(), Vec::new());
    for phrase in phrases.lines().map(str::trim).filter(|phrase| !phrase.is_empty()) {
        if parts.iter().all(|part| places_of(&part.text, phrase, ground).is_empty()) {
            unseen.push(phrase.chars().take(30).collect::<String>());
        }
    }
    if !unseen.is_empty() {
        // A phrase that masks nothing is a slip of the keys, and what it should have masked would be handed out.
        wrong.push(Problem::at("phrases", format!("内容に見当たらない語句があります: {}", unseen.join("、"))));
    }
    for part in parts {
        let mut of_part = Vec::new();
        for (n, one) in candidates(&detector, &part.text).into_iter().enumerate() {
            if n >= BOXES || !fields.get(&format!("{}.{n}", part.name)).is_empty() {
                of_part.push(Mask { start: one.span.start, end: one.span.end, ground: one.ground });
            }
        }
        for phrase in phrases.lines().map(str::trim) {
            of_part.extend(places_of(&part.text, phrase, ground));
        }
        masks.insert(part.name.to_owned(), joined(of_part));
    }
    let reason = fields.line("left_out");
    let left_out = (!reason.is_empty()).then(|| {
        let ground = ground_of(fields.get("left_out_ground")).unwrap_or(Withheld::Affairs);
        (ground, reason.chars().take(500).collect())
    });
    let seen = parts.iter().map(|part| (part.name.to_owned(), sha256(&part.text))).collect();
    Review { left_out, masks, phrases, ground: Some(ground), seen }
}

pub(super) async fn submit(
    State(app): State<App>,
    Path((id, of)): Path<(String, String)>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let disclosure = readable(&register, &signed, &id)?;
    let (found, _) = found(&app, disclosure).await?.ok_or(PageError::Missing)?;
    let one = wanted(&found, &of)?;
    let parts = parts(&app, &one.of, one.opened, one.closed).await?;
    let mut wrong = Vec::new();
    let review = described(&fields, &parts, &mut wrong);
    if parts.iter().any(|part| fields.get(&format!("{}.seen", part.name)) != sha256(&part.text)) {
        wrong.push(Problem::at("", "画面を開いた後に、内容が変わりました。もう一度読んで、保存してください。"));
    }
    if !wrong.is_empty() {
        return form(&app, &signed, (&id, &of), Some(&fields), wrong).await;
    }
    let earlier = decided(&app, disclosure, &one.of).await?;
    let now = app.world.now();
    let row = PaperRow {
        kind: REVIEW.to_owned(),
        id: name_of(disclosure, &one.of),
        owner: disclosure.reader.clone(),
        personal: false,
        version: earlier.map_or(0, |(_, version)| version) + 1,
        created_at: now,
        changed_at: now,
    };
    if !keep(&app, row, &review).await? {
        let problem = Problem::at("", "別の画面で先に保存されています。内容を確かめて、もう一度保存してください。");
        return form(&app, &signed, (&id, &of), Some(&fields), vec![problem]).await;
    }
    // On to the next that waits.
    for next in found.uses.iter().filter(|next| next.left == Left::Found && next.opened > one.opened) {
        if !app.store.has_paper(REVIEW, &name_of(disclosure, &next.of)).await? {
            return Ok(go(&format!("/records/disclosures/{id}/uses/{}", next.of)));
        }
    }
    Ok(go(&format!("/records/disclosures/{id}?done=reviewed")))
}
