//! 予算: counted before anything leaves, told before it runs out.

use crate::browser::Browser;
use crate::client::{CHAT, Reply, chat};
use crate::house::House;
use crate::stand_in::{StandIn, json as answer};
use serde_json::{Value, json};

const MODEL: &str = "kakuu-upstream";
const DAY: i64 = 86_400;

/// A model that counts so many tokens in and out for every question.
fn counting(input: u64, output: u64) -> StandIn {
    let usage = json!({ "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output });
    let message = json!({ "role": "assistant", "content": "承りました。" });
    let body = json!({
        "id": "x", "object": "chat.completion", "created": 0, "model": "m",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }], "usage": usage,
    });
    StandIn::new(move |_, socket| answer(socket, 200, &body.to_string()))
}

fn set(house: &House, role: &str, name: &str, whom: Value, more: Value) {
    let mut content = json!({
        "budget": name, "for": whom, "unit": "uses", "period": "day", "limit": 3, "force": "hard",
    });
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    house.must(role, "budget.set", &content);
}

fn ask(house: &House, role: &str) -> Reply {
    house.by(role).chat(MODEL, "資料を要約してください")
}

/// What the entry of a use says was spent.
fn spent(house: &House, reply: &Reply) -> Value {
    house.recorded(&reply.used())["entries"][0]["entry"]["data"]["request"]["spent"].clone()
}

#[test]
fn given_three_uses_a_day_when_a_fourth_comes_then_nothing_leaves_and_tomorrow_it_begins_anew() {
    let upstream = counting(10, 5);
    let house = House::with(&upstream);
    let permit = json!({ "permit": house.permit(MODEL) });
    set(&house, "manager", "three", permit, json!({}));
    let told: Vec<Option<String>> =
        (0..3).map(|_| ask(&house, "staff")).map(|r| r.header("x-sekisho-budget").map(str::to_owned)).collect();
    assert_eq!(told, [None, None, Some("three=3/3".to_owned())], "told from eighty percent on");
    assert_eq!(upstream.seen().len(), 3);

    let fourth = ask(&house, "staff");
    let error = fourth.error(403, "BUDGET_EXCEEDED");
    assert_eq!(error["type"], "policy_denied");
    let reason = &error["reasons"][0];
    assert_eq!((&reason["rule"], &reason["document"]), (&json!("SK-BUDGET"), &json!("自組織の定め")));
    let tomorrow = house.today().tomorrow().unwrap().to_string();
    assert!(reason["remedy"].as_str().unwrap().contains(&tomorrow), "{reason}");
    assert_eq!(upstream.connections(), 3, "nothing left the building");
    let entry = house.refusal(&fourth.used(), "BUDGET_EXCEEDED");
    assert_eq!(entry["data"]["request"]["spent"], json!([{ "amount": 3, "budget": "three" }]));
    // A refusal is no use: it spends nothing.
    assert_eq!(spent(&house, &ask(&house, "staff")), json!([{ "amount": 3, "budget": "three" }]));

    house.pass(DAY);
    let next = ask(&house, "staff");
    assert_eq!((next.status, spent(&house, &next)), (200, json!([{ "amount": 0, "budget": "three" }])));
}

#[test]
fn given_no_budget_then_entries_are_as_they_always_were() {
    let upstream = counting(10, 5);
    let house = House::with(&upstream);
    let reply = ask(&house, "staff");
    assert_eq!((reply.status, spent(&house, &reply)), (200, Value::Null));
    assert_eq!(reply.header("x-sekisho-budget"), None);
}

#[test]
fn given_a_soft_budget_when_it_is_used_up_then_the_use_goes_through_and_the_caller_is_told() {
    let upstream = counting(10, 5);
    let house = House::with(&upstream);
    set(&house, "ciso", "gentle", json!("everyone"), json!({ "limit": 2, "force": "soft" }));
    let told = |reply: &Reply| reply.header("x-sekisho-budget").map(str::to_owned);
    let replies: Vec<Reply> = (0..4).map(|_| ask(&house, "staff")).collect();
    assert!(replies.iter().all(|reply| reply.status == 200));
    let expected = [None, Some("gentle=2/2"), Some("gentle=3/2"), Some("gentle=4/2")];
    assert_eq!(replies.iter().map(told).collect::<Vec<_>>(), expected.map(|text| text.map(str::to_owned)));
    // A stream tells in its headers as well.
    let mut body = chat(MODEL, "要約");
    body["stream"] = true.into();
    let live = house.by("staff").post(CHAT, &body);
    assert_eq!(told(&live), Some("gentle=5/2".to_owned()), "{}", live.text());
}

#[test]
fn tokens_count_when_a_use_ends() {
    let upstream = counting(700, 300);
    let house = House::with(&upstream);
    set(&house, "manager", "tokens", json!("everyone"), json!({ "unit": "tokens", "period": "month", "limit": 1_500 }));
    let amounts: Vec<Value> = (0..2).map(|_| spent(&house, &ask(&house, "staff"))[0]["amount"].clone()).collect();
    assert_eq!(amounts, [json!(0), json!(1_000)]);
    ask(&house, "staff").error(403, "BUDGET_EXCEEDED");
    assert_eq!(upstream.connections(), 2);
}

#[test]
fn a_department_counts_those_below_it_and_a_person_themselves_alone() {
    let upstream = counting(1, 1);
    let house = House::with(&upstream);
    let (staff, caio) = (house.person("staff"), house.person("caio"));
    let of = |person: &str| {
        let register = house.register();
        register.person(&person.parse().unwrap()).unwrap().department.clone()
    };
    assert_ne!(of(staff), "kanbo".parse().unwrap());
    let below = house.register().with_those_below(&"kanbo".parse().unwrap());
    assert!(below.contains(&of(staff)) && below.contains(&of(caio)), "{below:?}");
    set(&house, "manager", "kanbo", json!({ "department": "kanbo" }), json!({ "limit": 5 }));
    set(&house, "manager", "own", json!({ "person": staff }), json!({ "limit": 2 }));
    let answers = |role: &str, count: usize| -> Vec<u16> { (0..count).map(|_| ask(&house, role).status).collect() };
    assert_eq!(answers("staff", 3), [200, 200, 403]);
    assert_eq!(answers("caio", 4), [200, 200, 200, 403], "five of the department, two of which were another's");
    let last = ask(&house, "caio");
    assert!(last.error(403, "BUDGET_EXCEEDED")["reasons"][0]["explanation"].as_str().unwrap().contains("「kanbo」"));
}

#[test]
fn yen_follow_the_price_of_the_day() {
    let upstream = counting(1_000_000, 0);
    let house = House::with(&upstream);
    let price = |input: u64, from: Value| {
        let content = json!({ "service": MODEL, "model": MODEL, "input": input, "output": 0, "from": from });
        house.must("manager", "price.set", &content);
    };
    price(30, json!(house.today()));
    price(70, json!(house.today().tomorrow().unwrap()));
    set(
        &house,
        "ciso",
        "yen",
        json!("everyone"),
        json!({ "unit": "yen", "period": "fiscal_year", "limit": 120, "tell_at": 1 }),
    );
    let micro = |reply: &Reply| spent(&house, reply)[0]["amount"].clone();
    assert_eq!(micro(&ask(&house, "staff")), json!(0));
    let second = ask(&house, "staff");
    assert_eq!((micro(&second), second.header("x-sekisho-budget")), (json!(30_000_000), Some("yen=30/120")));
    // Not over the end of a fiscal year, wherever today lies.
    if house.today().tomorrow().unwrap().to_string().ends_with("-04-01") {
        return;
    }
    house.pass(DAY);
    assert_eq!(micro(&ask(&house, "staff")), json!(60_000_000));
    ask(&house, "staff").error(403, "BUDGET_EXCEEDED");
    // A price set anew is a price of its day: what was spent is counted by it from then on.
    price(10, json!(house.today()));
    assert_eq!(micro(&ask(&house, "staff")), json!(70_000_000));
}

#[test]
fn budgets_over_the_same_uses_count_each_use_once() {
    let upstream = counting(10, 5);
    let house = House::with(&upstream);
    let staff = json!({ "person": house.person("staff") });
    set(&house, "manager", "a-stops", json!("everyone"), json!({ "limit": 4 }));
    set(&house, "manager", "b-tells", staff.clone(), json!({ "limit": 2, "force": "soft" }));
    set(&house, "manager", "c-stops", json!("everyone"), json!({ "unit": "tokens", "limit": 1_000 }));
    set(&house, "manager", "d-tells", staff, json!({ "unit": "tokens", "limit": 500, "force": "soft" }));
    let third = (0..3).map(|_| ask(&house, "staff")).last().unwrap();
    let amounts: Vec<Value> =
        spent(&house, &third).as_array().unwrap().iter().map(|one| one["amount"].clone()).collect();
    assert_eq!(amounts, [json!(2), json!(2), json!(30), json!(30)]);
}

#[test]
fn of_many_at_once_exactly_as_many_pass_as_are_left() {
    let upstream = counting(1, 1);
    let house = House::with(&upstream);
    set(&house, "manager", "seven", json!("everyone"), json!({ "limit": 7 }));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..20).map(|_| scope.spawn(|| ask(&house, "staff").status)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 7, "{statuses:?}");
    assert_eq!(upstream.seen().len(), 7);
}

#[test]
fn what_was_spent_is_found_again_after_a_failure_and_by_a_counter_that_begins_later() {
    let upstream = StandIn::new(|_, socket| answer(socket, 500, "{}"));
    let house = House::with(&upstream);
    set(&house, "manager", "two", json!("everyone"), json!({ "limit": 2 }));
    // What was sent and failed was sent.
    assert_eq!((ask(&house, "staff").status >= 500, ask(&house, "staff").status >= 500), (true, true));
    ask(&house, "staff").error(403, "BUDGET_EXCEEDED");
    // A counter that begins with the store knows it too: the same budget under another name and another unit of time.
    set(&house, "manager", "month", json!("everyone"), json!({ "limit": 9, "period": "month", "force": "soft" }));
    house.must("manager", "budget.end", &json!({ "budget": "two" }));
    let reply = ask(&house, "staff");
    assert_eq!(spent(&house, &reply), json!([{ "amount": 2, "budget": "month" }]));
}

#[test]
fn a_budget_is_set_read_and_ended_at_the_browser_and_whom_it_binds_sees_it_coming() {
    let upstream = counting(10, 5);
    let house = House::with_accounts_before(&upstream);
    let mut manager = Browser::signed_in(&house, "manager");
    let mut staff = Browser::signed_in(&house, "staff");
    assert!(manager.get("/budgets").text().contains("予算はまだありません"));
    assert_eq!(staff.get("/budgets").status, 403);

    let permit = format!("permit:{}", house.permit(MODEL));
    let form = [
        ("act", "set"),
        ("budget", "three"),
        ("whom", permit.as_str()),
        ("unit", "uses"),
        ("period", "day"),
        ("limit", "3"),
        ("force", "hard"),
        ("tell_at", "60"),
        ("reason", "試行のため"),
    ];
    let without = |field: &str| form.iter().filter(|(name, _)| *name != field).copied().collect::<Vec<_>>();
    for field in ["budget", "whom", "unit", "period", "limit", "force"] {
        let wrong = manager.submit("/budgets", &without(field));
        assert_eq!(wrong.status, 422, "{field}");
        assert!(wrong.text().contains(&format!("href=\"#{field}\"")), "{field}: {}", wrong.text());
        assert!(field == "budget" || wrong.text().contains("value=\"three\""), "nothing typed is lost");
    }
    let refused = manager.submit("/budgets", &[&without("limit")[..], &[("limit", "0")]].concat());
    assert!(refused.status == 422 && refused.text().contains("1 以上"), "{}", refused.text());
    let done = manager.submit("/budgets", &form);
    assert_eq!((done.status, done.header("location")), (303, Some("/budgets?done=set")), "{}", done.text());

    assert!(!staff.get("/chat").text().contains("使いました"), "nothing has run out yet");
    for _ in 0..2 {
        assert_eq!(ask(&house, "staff").status, 200);
    }
    let chat = staff.get("/chat").text();
    assert!(chat.contains("2 回を使いました") && chat.contains("残りが少なくなっています"), "{chat}");
    assert!(staff.get("/me/uses").text().contains("1日に 3 回まで"));
    let page = manager.get("/budgets").text();
    assert!(page.contains("three") && page.contains("1日に 3 回まで"), "{page}");
    // Four people in 大臣官房 and below: what they spent is not for who may not read single uses.
    assert!(page.contains("5 人未満のため非表示"), "{page}");
    assert!(Browser::signed_in(&house, "auditor").get("/budgets").text().contains("（66%）"));

    assert_eq!(ask(&house, "staff").status, 200);
    assert!(staff.get("/chat").text().contains("使い切りました"));
    let done = manager.submit("/budgets", &[("act", "end"), ("budget", "three")]);
    assert_eq!(done.header("location"), Some("/budgets?done=end"), "{}", done.text());
    assert!(manager.get("/budgets").text().contains("予算はまだありません"));
    assert_eq!(ask(&house, "staff").status, 200);

    let price = [("act", "price"), ("model", "kakuu-upstream/kakuu-upstream"), ("input", "1,500"), ("output", "6000")];
    let done = manager.submit("/budgets", &price);
    assert_eq!(done.header("location"), Some("/budgets?done=price"), "{}", done.text());
    assert!(manager.get("/budgets").text().contains("1,500"));
}

#[test]
fn the_list_says_what_binds_the_caller_and_everything_to_who_looks_after_it() {
    let upstream = counting(10, 5);
    let house = House::with(&upstream);
    set(&house, "manager", "each", json!("everyone"), json!({ "unit": "tokens", "limit": 100 }));
    set(&house, "manager", "caio", json!({ "person": house.person("caio") }), json!({}));
    ask(&house, "staff");
    let of = |role: &str| house.by(role).get("/api/budgets").ok();
    let mine = of("staff");
    assert_eq!((&mine["mine"][0]["spent"], mine["mine"].as_array().unwrap().len()), (&json!(15), 1), "{mine}");
    assert_eq!((&mine["budgets"], &mine["prices"]), (&Value::Null, &Value::Null), "{mine}");
    let all = of("manager");
    let row =
        |all: &Value, at: usize| (all["budgets"][at]["budget"]["budget"].clone(), all["budgets"][at]["spent"].clone());
    assert_eq!([row(&all, 0), row(&all, 1)], [(json!("caio"), Value::Null), (json!("each"), Value::Null)], "{all}");
    assert_eq!(row(&of("auditor"), 0), (json!("caio"), json!(0)));
    assert_eq!(all["budgets"][0]["history"][0]["by"], house.person("manager"));
}
