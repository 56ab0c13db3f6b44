//! 公文書: retention, holds, disposal and disclosure.

use crate::town::{CLOUD, Town, day, grant, id, sha};
use jiff::civil::Date;
use sekisho_domain::command::*;
use sekisho_domain::day::begin_in_japan;
use sekisho_domain::ds920::risk_case::{CaseKind, CaseStep};
use sekisho_domain::event::Event;
use sekisho_domain::id::{DisclosureId, DisposalId, HoldId, PermitId};
use sekisho_domain::organization::Department;
use sekisho_domain::person::Role;
use sekisho_domain::records::disclosure::HandedOut;
use sekisho_domain::records::disposal::{Certificate, DisposalState, Listed, Listing};
use sekisho_domain::records::hold::{HoldGround, Scope};
use sekisho_domain::records::made::Made;
use sekisho_domain::records::retention::{Line, ShortGround, Status, Term, Years};

/// The 文書管理者 of these tests, and a colleague with the same role.
const KEEPER: &str = "outsider";
const OTHER: &str = "colleague";

/// A town with two records managers on a day in April 2028, on which what was made before April 2027 may go.
fn town() -> Town {
    let mut town = Town::ready();
    town.does("admin", grant(KEEPER, Role::RecordsManager));
    town.does("admin", grant(OTHER, Role::RecordsManager));
    town.on("2028-04-02");
    town
}

fn made(opened: u64, who: &str, on: &str) -> Made {
    let department = match who {
        "staff" => "jinji",
        "colleague" => "soumu",
        _ => "keizai",
    };
    Made {
        opened,
        of: id(&format!("u-{opened}")),
        at: begin_in_japan(day(on)).unwrap(),
        person: id(who),
        department: Some(id(department)),
        permit: None,
        service: Some(id(CLOUD)),
    }
}

fn uses() -> Vec<Made> {
    vec![
        made(2, "staff", "2026-05-01"),
        made(3, "staff", "2027-03-31"),
        made(4, "colleague", "2026-12-01"),
        made(5, "staff", "2027-04-01"),
    ]
}

fn years(years: u8) -> Term {
    Term::Years(Years::try_from(years).unwrap())
}

fn document(years_kept: u8) -> Status {
    Status::OfficialDocument { title: "架空の検討資料".into(), term: years(years_kept) }
}

fn memo() -> Status {
    Status::PersonalMemo { shared: false, traces_decision: false }
}

fn classify(made: &Made, status: Status) -> Command {
    Command::ClassifyRecord(ClassifyRecord { of: made.of.clone(), status, made: Some(made.clone()) })
}

fn hold(scope: Scope) -> Command {
    Command::PlaceHold(PlaceHold { title: "架空の訴訟".into(), ground: HoldGround::Dispute, scope })
}

fn place(town: &mut Town, scope: Scope) -> HoldId {
    match &town.does(KEEPER, hold(scope))[..] {
        [Event::HoldPlaced(e)] => e.hold.clone(),
        other => panic!("{other:?}"),
    }
}

fn lift(hold: &HoldId) -> Command {
    Command::LiftHold(LiftHold { hold: hold.clone() })
}

fn list(town: &Town, as_of: Date) -> Listed {
    let mut listing = Listing::new(as_of);
    for made in uses() {
        listing.add(town.register.records(), &made);
    }
    listing.finish()
}

fn draft(town: &Town) -> Command {
    let as_of = town.today();
    Command::DraftDisposal(DraftDisposal { as_of, list: list(town, as_of), counted_at: town.register.position() })
}

fn drafted(town: &mut Town) -> DisposalId {
    let command = draft(town);
    match &town.does(KEEPER, command)[..] {
        [Event::DisposalDrafted(e)] => e.disposal.clone(),
        other => panic!("{other:?}"),
    }
}

fn approve(disposal: &DisposalId) -> Command {
    Command::ApproveDisposal(ApproveDisposal { disposal: disposal.clone(), consent: String::new() })
}

fn begin(town: &Town, disposal: &DisposalId) -> Command {
    let as_of = town.register.records().disposal(disposal).unwrap().as_of;
    let (list, counted_at) = (list(town, as_of), town.register.position());
    Command::BeginDisposal(BeginDisposal { disposal: disposal.clone(), list, counted_at })
}

fn complete(disposal: &DisposalId, through: u64) -> Command {
    let certificate = Certificate { contents: 4, papers: 0, through };
    Command::CompleteDisposal(CompleteDisposal { disposal: disposal.clone(), certificate })
}

fn running(town: &mut Town) -> (DisposalId, u64) {
    let disposal = drafted(town);
    town.does(OTHER, approve(&disposal));
    let command = begin(town, &disposal);
    town.does(KEEPER, command);
    match &town.register.records().disposal(&disposal).unwrap().state {
        DisposalState::Running { entries, .. } => (disposal, *entries),
        other => panic!("{other:?}"),
    }
}

fn open(scope: Scope) -> Command {
    Command::OpenDisclosure(OpenDisclosure {
        received: day("2028-04-01"),
        asked: "架空の事業に関する利用".into(),
        scope,
        words: vec!["架空".into()],
    })
}

#[test]
fn a_year_of_retention_begins_with_the_first_of_april_after_the_day() {
    let last = |term: Term, on: &str| term.last_day(day(on));
    assert_eq!(last(years(1), "2026-11-30"), day("2028-03-31"));
    assert_eq!(last(years(1), "2027-03-31"), day("2028-03-31"));
    assert_eq!(last(years(1), "2027-04-01"), day("2029-03-31"));
    assert_eq!(last(years(30), "2026-04-01"), day("2057-03-31"));
    let month = Term::Days { days: 30, ground: ShortGround::Routine };
    assert_eq!(last(month, "2026-11-30"), day("2026-12-30"));
    // At the end of time nothing overflows; it is simply kept.
    assert_eq!(years(30).last_day(Date::MAX), Date::MAX);
}

#[test]
fn given_no_word_of_anybody_then_a_use_is_kept_a_year_as_undetermined() {
    let town = town();
    let records = town.register.records();
    let one = made(2, "staff", "2027-03-31");
    assert_eq!(records.ground().term(&one), years(1));
    assert!(!records.is_disposable(&one, day("2028-03-31")), "the last day of retention belongs to it");
    assert!(records.is_disposable(&one, day("2028-04-01")));
}

#[test]
fn given_a_schedule_then_the_line_of_the_permit_counts_and_less_than_a_year_wants_a_reason() {
    let (mut town, permit): (Town, PermitId) = Town::permitted();
    town.does("admin", grant(KEEPER, Role::RecordsManager));
    let set = |line, term| Command::SetRetention(SetRetention { line, term: Some(term) });
    town.refused("ciso", set(Line::Memo, years(1)), "NOT_ALLOWED");
    town.refused(KEEPER, set(Line::Permit(id("keine")), years(3)), "UNKNOWN");
    let short = Term::Days { days: 90, ground: ShortGround::Routine };
    let reason = std::mem::take(&mut town.reason);
    town.refused(KEEPER, set(Line::Permit(permit.clone()), short), "INVALID");
    town.reason = reason;
    let never = Term::Days { days: 365, ground: ShortGround::Routine };
    town.refused(KEEPER, set(Line::Memo, never), "INVALID");
    town.does(KEEPER, set(Line::Permit(permit.clone()), short));
    town.does(KEEPER, set(Line::Undetermined, years(3)));
    let under = Made { permit: Some(permit), ..made(2, "staff", "2026-11-22") };
    let ground = town.register.records().ground();
    assert_eq!(ground.kept_until(&under), day("2027-02-20"));
    assert_eq!(ground.kept_until(&made(3, "staff", "2026-11-22")), day("2030-03-31"));
    town.does(KEEPER, Command::SetRetention(SetRetention { line: Line::Undetermined, term: None }));
    assert_eq!(town.register.records().ground().kept_until(&made(3, "staff", "2026-11-22")), day("2028-03-31"));
}

#[test]
fn one_says_what_ones_own_uses_are_and_the_records_manager_says_it_of_all() {
    let mut town = town();
    let of_staff = made(2, "staff", "2027-05-01");
    town.refused("caio", classify(&of_staff, document(5)), "NOT_ALLOWED");
    town.does("staff", classify(&of_staff, memo()));
    town.does("staff", classify(&of_staff, document(5)));
    assert_eq!(town.register.records().ground().kept_until(&of_staff), day("2033-03-31"));
    // What is a document once does not become a memo again by the word of who wrote it.
    town.refused("staff", classify(&of_staff, memo()), "WRONG_STATE");
    town.does(KEEPER, classify(&of_staff, memo()));
    let short =
        Status::OfficialDocument { title: "写し".into(), term: Term::Days { days: 10, ground: ShortGround::Copy } };
    town.refused("staff", classify(&of_staff, short.clone()), "NOT_ALLOWED");
    // Nor is what the schedule keeps for ten years cut to one by whoever wrote it.
    let ten = Command::SetRetention(SetRetention { line: Line::Undetermined, term: Some(years(10)) });
    town.does(KEEPER, ten);
    let other = made(7, "staff", "2027-05-01");
    town.refused("staff", classify(&other, document(1)), "NOT_ALLOWED");
    town.does("staff", classify(&other, document(30)));
    town.does(KEEPER, classify(&of_staff, short));
    // The program says what a use is; without it nothing is decided.
    let blind = Command::ClassifyRecord(ClassifyRecord { of: id("u-2"), status: memo(), made: None });
    town.refused("staff", blind, "UNKNOWN");
}

#[test]
fn what_others_use_or_what_traces_a_decision_is_no_memo() {
    let mut town = town();
    let of_staff = made(2, "staff", "2027-05-01");
    for (shared, traces_decision) in [(true, false), (false, true)] {
        let refusal =
            town.refused("staff", classify(&of_staff, Status::PersonalMemo { shared, traces_decision }), "INVALID");
        assert!(refusal.ja.contains("行政文書として登録"), "{}", refusal.ja);
    }
}

#[test]
fn given_a_hold_then_nothing_of_its_scope_goes_until_it_is_lifted_with_a_reason() {
    let mut town = town();
    let of_staff = made(2, "staff", "2026-05-01");
    let as_of = town.today();
    assert!(town.register.records().is_disposable(&of_staff, as_of));
    // A department holds those below it: jinji lies below soumu.
    let scope = Scope { departments: [id("soumu")].into(), until: Some(day("2026-12-31")), ..Scope::default() };
    let hold = place(&mut town, scope);
    let records = town.register.records();
    assert!(!records.is_disposable(&of_staff, as_of));
    assert!(records.is_disposable(&made(3, "outsider", "2026-05-01"), as_of), "keizai is another department");
    assert!(records.is_disposable(&made(3, "staff", "2027-01-01"), as_of), "a day behind the hold");
    let erase = |made: Option<Made>| Command::EraseContent(EraseContent { of: id("u-2"), made });
    town.refused("ciso", erase(Some(of_staff.clone())), "ON_HOLD");
    town.refused("ciso", erase(None), "ON_HOLD");
    town.does("ciso", erase(Some(made(9, "outsider", "2026-05-01"))));
    let reason = std::mem::take(&mut town.reason);
    town.refused(KEEPER, lift(&hold), "INVALID");
    town.reason = reason;
    town.refused("staff", lift(&hold), "NOT_ALLOWED");
    town.does("auditor", lift(&hold));
    town.refused(KEEPER, lift(&hold), "WRONG_STATE");
    assert!(town.register.records().is_disposable(&made(3, "staff", "2026-05-01"), as_of));
}

/// Given a hold on a department, when another moves out from below it, then what was made there before stays held.
#[test]
fn a_department_that_moves_takes_nothing_of_what_is_held_with_it() {
    let mut town = town();
    let of_staff = made(2, "staff", "2026-05-01");
    place(&mut town, Scope { departments: [id("soumu")].into(), ..Scope::default() });
    let away = Department { department: id("jinji"), parent: Some(id("keizai")) };
    town.does("admin", Command::PlaceDepartment(away));
    assert!(!town.register.records().is_disposable(&of_staff, town.today()));
    // And what comes below it is held from then on.
    let of_keizai = made(3, "outsider", "2026-05-01");
    assert!(town.register.records().is_disposable(&of_keizai, town.today()));
    let below = Department { department: id("keizai"), parent: Some(id("soumu")) };
    town.does("admin", Command::PlaceDepartment(below));
    assert!(!town.register.records().is_disposable(&of_keizai, town.today()));
}

#[test]
fn a_scope_is_checked_before_it_holds() {
    let mut town = town();
    let upside_down = Scope { from: Some(day("2027-01-02")), until: Some(day("2027-01-01")), ..Scope::default() };
    town.refused(KEEPER, hold(upside_down), "INVALID");
    town.refused(KEEPER, hold(Scope { departments: [id("keine")].into(), ..Scope::default() }), "UNKNOWN");
    town.refused(KEEPER, hold(Scope { people: [id("niemand")].into(), ..Scope::default() }), "UNKNOWN");
    let many = Scope { uses: (0..501).map(|n| id(&format!("u-{n}"))).collect(), ..Scope::default() };
    town.refused(KEEPER, hold(many), "INVALID");
    town.refused("staff", hold(Scope::default()), "NOT_ALLOWED");
}

#[test]
fn a_list_is_approved_by_another_person_and_begins_only_as_it_was_approved() {
    let mut town = town();
    let disposal = drafted(&mut town);
    assert_eq!(town.register.records().disposal(&disposal).unwrap().list.uses, 3);
    town.refused(KEEPER, draft(&town), "WRONG_STATE");
    town.refused(KEEPER, approve(&disposal), "SEPARATION_OF_DUTIES");
    town.refused("staff", approve(&disposal), "NOT_ALLOWED");
    town.refused(KEEPER, begin(&town, &disposal), "WRONG_STATE");
    town.does("ciso", approve(&disposal));
    // Between approval and beginning somebody finds that one of them is a document of ten years.
    town.does("staff", classify(&made(2, "staff", "2026-05-01"), document(10)));
    let refusal = town.refused(KEEPER, begin(&town, &disposal), "LIST_CHANGED");
    assert!(refusal.ja.contains("3 件") && refusal.ja.contains("2 件"), "{}", refusal.ja);
    town.does(KEEPER, Command::RefuseDisposal(RefuseDisposal { disposal }));
    let (second, entries) = running(&mut town);
    town.refused(KEEPER, complete(&second, entries - 1), "INVALID");
    town.does(KEEPER, complete(&second, entries));
    let records = town.register.records();
    assert!(records.is_erased(&made(3, "staff", "2027-03-31")));
    assert!(!records.is_erased(&made(2, "staff", "2026-05-01")), "the document stays");
    assert!(!records.is_erased(&made(5, "staff", "2027-04-01")), "its year is not over");
    // What is gone is on no later list.
    town.refused(KEEPER, draft(&town), "WRONG_STATE");
}

#[test]
fn a_list_counted_before_something_changed_is_counted_again() {
    let mut town = town();
    let early = draft(&town);
    place(&mut town, Scope { people: [id("staff")].into(), ..Scope::default() });
    town.refused(KEEPER, early, "STALE");
    let disposal = drafted(&mut town);
    assert_eq!(town.register.records().disposal(&disposal).unwrap().list.uses, 1);
    let tomorrow = town.today().tomorrow().unwrap();
    let (list, counted_at) = (list(&town, tomorrow), town.register.position());
    town.does(KEEPER, Command::RefuseDisposal(RefuseDisposal { disposal }));
    town.refused(KEEPER, Command::DraftDisposal(DraftDisposal { as_of: tomorrow, list, counted_at }), "INVALID");
}

#[test]
fn while_content_is_destroyed_a_hold_stops_it_and_the_certificate_says_how_far_it_came() {
    for by_disclosure in [false, true] {
        let mut town = town();
        let (disposal, entries) = running(&mut town);
        // What is on the list can no longer be found to be something else.
        town.refused("staff", classify(&made(3, "staff", "2027-03-31"), document(10)), "WRONG_STATE");
        town.does("staff", classify(&made(5, "staff", "2027-04-01"), document(10)));
        if by_disclosure {
            town.does(KEEPER, open(Scope::default()));
        } else {
            place(&mut town, Scope::default());
        }
        assert!(town.register.records().running().is_none());
        town.refused(KEEPER, complete(&disposal, entries + 1), "INVALID");
        town.does(KEEPER, complete(&disposal, 3));
        let records = town.register.records();
        assert!(records.is_erased(&made(2, "staff", "2026-05-01")));
        assert!(!records.is_erased(&made(3, "staff", "2027-03-31")));
    }
}

#[test]
fn what_an_open_case_keeps_is_on_no_list_and_a_new_one_stops_the_destruction() {
    let mut town = town();
    let report = |of: &str| {
        Command::StepRiskCase(StepRiskCase {
            case: None,
            step: CaseStep::Report {
                kind: CaseKind::Other,
                known_at: "2028-04-01T00:00:00Z".parse().unwrap(),
                summary: "架空の誤り".into(),
                impact: String::new(),
                service: None,
                uses: [id(of)].into(),
            },
        })
    };
    town.does("staff", report("u-2"));
    let disposal = drafted(&mut town);
    assert_eq!(town.register.records().disposal(&disposal).unwrap().list.uses, 2);
    town.does(OTHER, approve(&disposal));
    let command = begin(&town, &disposal);
    town.does(KEEPER, command);
    town.does("staff", report("u-3"));
    assert!(town.register.records().running().is_none());
    town.does(KEEPER, complete(&disposal, 0));
    let records = town.register.records();
    assert!(uses().iter().all(|made| !records.is_erased(made)));
}

#[test]
fn an_open_request_for_disclosure_keeps_its_scope_and_is_read_by_agreement_of_another() {
    let mut town = town();
    let scope = Scope { people: [id("staff")].into(), ..Scope::default() };
    town.refused("staff", open(scope.clone()), "NOT_ALLOWED");
    let disclosure: DisclosureId = match &town.does(KEEPER, open(scope))[..] {
        [Event::DisclosureOpened(e)] => e.disclosure.clone(),
        other => panic!("{other:?}"),
    };
    let as_of = town.today();
    assert!(!town.register.records().is_disposable(&made(2, "staff", "2026-05-01"), as_of));
    let grant_it = || Command::GrantDisclosure(GrantDisclosure { disclosure: disclosure.clone() });
    let what =
        HandedOut { digest: sha('a'), entries: 9, uses: 2, without_content: 1, found: 1, masked: 3, sha256: sha('b') };
    let hand_out = || {
        let what = what.clone();
        Command::HandOutDisclosure(HandOutDisclosure { disclosure: disclosure.clone(), what, counted_at: u64::MAX })
    };
    town.refused(KEEPER, hand_out(), "NOT_ALLOWED");
    town.does("admin", grant(KEEPER, Role::Ciso));
    town.refused(KEEPER, grant_it(), "SEPARATION_OF_DUTIES");
    town.refused(OTHER, grant_it(), "NOT_ALLOWED");
    town.does("auditor", grant_it());
    town.refused("ciso", grant_it(), "WRONG_STATE");
    let found = town.register.records().disclosure(&disclosure).unwrap();
    assert!(found.may_read(&id(KEEPER)) && !found.may_read(&id(OTHER)) && !found.may_read(&id("auditor")));
    assert_eq!(found.due(), day("2028-05-01"));
    town.refused(OTHER, hand_out(), "NOT_ALLOWED");
    town.does(KEEPER, hand_out());
    town.does(KEEPER, Command::CloseDisclosure(CloseDisclosure { disclosure: disclosure.clone() }));
    assert!(!town.register.records().disclosure(&disclosure).unwrap().may_read(&id(KEEPER)));
    town.refused(KEEPER, hand_out(), "WRONG_STATE");
    assert!(town.register.records().is_disposable(&made(2, "staff", "2026-05-01"), as_of));
}
