//! Accounts and sessions: how one begins, what locks it, what ends it.

use crate::browser::{Browser, COOKIE};
use crate::client::{PATIENCE, Reply};
use crate::house::House;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NEW: &str = "correct horse battery staple";

#[track_caller]
fn goes(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{}", reply.text());
}

#[track_caller]
fn wrong(reply: &Reply, field: &str, part: &str) {
    let page = reply.text();
    assert_eq!(reply.status, 422, "{page}");
    // At the top with a link, and at the field.
    assert!(page.contains(&format!("<a href=\"#{field}\">")), "{page}");
    assert!(page.contains(&format!("id=\"{field}-problem\"")) && page.contains("aria-invalid=\"true\""), "{page}");
    assert!(page.contains(part), "`{part}` is not in {page}");
}

/// Invites a person as the administrator does; the path of the link.
#[track_caller]
fn link(house: &House, role: &str, login: Option<&str>) -> String {
    let mut body = json!({ "content": { "person": house.person(role) }, "reason": "再登録" });
    if let Some(login) = login {
        body["directory"] = json!({ "login": login });
    }
    let reply = house.by("admin").post("/api/commands/account.invite", &body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    let reply = reply.json();
    let link = reply["link"].as_str().unwrap().strip_prefix(&format!("http://{}", house.address)).unwrap().to_owned();
    assert!(link.starts_with("/enrol/sekisho_"), "{link}");
    link
}

fn kinds(house: &House) -> Vec<String> {
    let register = house.installation();
    let size = house.block_on(register.journal.checkpoint()).unwrap().lines().nth(1).unwrap().parse().unwrap();
    let entry = |index: u64| -> Value {
        serde_json::from_slice(&house.block_on(register.store.entry(index)).unwrap()).unwrap()
    };
    (0..size).map(|index| entry(index)["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_account_begins_with_a_link_that_works_once_and_only_the_person_knows_the_password() {
    let house = House::demo();
    let mut browser = Browser::new(&house);
    let link = link(&house, "staff", Some("Hanako"));
    let page = browser.get(&link);
    assert!(
        page.status == 200 && page.text().contains("企画 花子") && page.text().contains("hanako"),
        "{}",
        page.text()
    );
    for (new, again, field, part) in [
        ("", "", "new", "入力してください"),
        ("correct horse", "correct horsf", "again", "一致しません"),
        ("short", "short", "new", "12 文字以上"),
        ("password1234", "password1234", "new", "推測されやすい"),
        ("hanako-hanako-1", "hanako-hanako-1", "new", "サインイン名を含まない"),
    ] {
        wrong(&browser.post(&link, &[("new", new), ("again", again)]), field, part);
    }
    goes(&browser.post(&link, &[("new", NEW), ("again", NEW)]), "/signin?done=opened");
    // Used up: shown again, sent again, by anyone.
    for reply in [browser.get(&link), browser.post(&link, &[("new", NEW), ("again", NEW)])] {
        assert_eq!(reply.status, 404);
        assert!(reply.text().contains("このリンクは使えません"), "{}", reply.text());
    }
    goes(&browser.sign_in("hanako", NEW), "/me");
    let recorded = kinds(&house);
    assert_eq!(recorded[recorded.len() - 2..], ["account.invited", "account.opened"]);
    // Neither name nor password nor link is in the ledger.
    let copy = house.place("copy");
    let exported = crate::house::sekisho(&[
        "ledger",
        "export",
        "--data",
        &crate::house::text(&house.data()),
        "--out",
        &crate::house::text(&copy),
    ]);
    assert_eq!(exported.status.code(), Some(0), "{exported:?}");
    let tiles: Vec<u8> = walk(&copy).into_iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let tiles = String::from_utf8_lossy(&tiles);
    assert!(tiles.contains("account.opened"));
    for secret in ["hanako", "horse", &link["/enrol/".len()..]] {
        assert!(!tiles.contains(secret), "{secret}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn an_invitation_needs_an_administrator_a_login_name_and_nobody_elses() {
    let house = House::with_accounts();
    let invite = |role: &str, body: Value| house.by(role).post("/api/commands/account.invite", &body);
    let content = json!({ "person": house.person("staff") });
    invite("staff", json!({ "content": content })).error(403, "NOT_ALLOWED");
    invite("approver", json!({ "content": content })).error(403, "NOT_ALLOWED");
    for login in ["", "花子", "a b", "<script>", "approver"] {
        invite("admin", json!({ "content": content, "directory": { "login": login } })).error(400, "INVALID_LOGIN");
    }
    invite("admin", json!({ "content": content, "directory": { "name": "x" } })).error(400, "INVALID_COMMAND");
    for command in ["account.open", "second_factor.enrol"] {
        house.by("staff").command(command, &json!({})).error(400, "BY_PAGES_ONLY");
    }
    let fresh = House::demo();
    let body = json!({ "content": { "person": fresh.person("staff") } });
    fresh.by("admin").post("/api/commands/account.invite", &body).error(400, "INVALID_LOGIN");
}

#[test]
fn a_new_link_ends_password_second_factor_and_sessions_and_expires() {
    let house = House::with_accounts();
    let mut approver = Browser::signed_in(&house, "approver");
    let first = link(&house, "approver", None);
    let link = link(&house, "approver", None);
    // The link alone changes nothing, and a newer one replaces it.
    assert_eq!(approver.get("/me").status, 200);
    assert_eq!(Browser::new(&house).get(&first).status, 404);
    house.pass(47 * 3600);
    assert_eq!(Browser::new(&house).get(&link).status, 200);
    house.pass(2 * 3600);
    assert_eq!(Browser::new(&house).post(&link, &[("new", NEW), ("again", NEW)]).status, 404);
    let link = self::link(&house, "approver", None);
    let mut approver = Browser::signed_in(&house, "approver");
    goes(&Browser::new(&house).post(&link, &[("new", NEW), ("again", NEW)]), "/signin?done=opened");
    goes(&approver.get("/me"), "/signin?next=%2Fme");
    let mut again = Browser::new(&house);
    wrong(&again.sign_in("approver", &house.demo.accounts["approver"].password), "login", "違います");
    goes(&again.sign_in("approver", NEW), "/me/second-factor");
}

#[test]
fn unknown_name_and_wrong_password_are_one_answer() {
    let house = House::with_accounts();
    let link = link(&house, "staff", Some("invited-only"));
    assert!(!link.is_empty());
    let mut answers = Vec::new();
    for (login, password) in [("staff-x", "wrong"), ("staff", "wrong"), ("存在しない", "wrong")] {
        let mut browser = Browser::new(&house);
        let reply = browser.sign_in(login, password);
        wrong(&reply, "login", "サインイン名かパスワードが違います");
        assert!(browser.secret().is_none());
        assert!(!reply.text().contains("value=\"wrong\""), "the password was sent back");
        answers.push(reply.text().replace(login, "NAME"));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[test]
fn after_five_failures_the_door_is_locked_until_it_says_whoever_knocks() {
    let house = House::with_accounts();
    let password = house.demo.accounts["staff"].password.clone();
    for login in ["staff", "nobody-at-all"] {
        for n in 0..5 {
            let mut browser = Browser::new(&house);
            browser.source = format!("203.0.113.{n}");
            assert_eq!(browser.sign_in(login, "wrong password").status, 422);
        }
        let reply = Browser::new(&house).sign_in(login, &password);
        assert_eq!(reply.status, 429, "{}", reply.text());
        let (page, wait) = (reply.text(), reply.header("retry-after").unwrap().parse::<i64>().unwrap());
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(page.contains("まで受け付けません") && page.contains("<a href=\"#login\">"), "{page}");
    }
    house.pass(61);
    // One more failure locks for twice as long.
    assert_eq!(Browser::new(&house).sign_in("staff", "wrong password").status, 422);
    house.pass(61);
    assert_eq!(Browser::new(&house).sign_in("staff", &password).status, 429);
    house.pass(61);
    goes(&Browser::new(&house).sign_in("staff", &password), "/me");
    // Success forgives.
    for _ in 0..4 {
        assert_eq!(Browser::new(&house).sign_in("staff", "wrong password").status, 422);
    }
    goes(&Browser::new(&house).sign_in("staff", &password), "/me");
}

#[test]
fn one_source_that_tries_many_names_is_locked_and_others_are_not() {
    let house = House::with_accounts();
    let mut sprayer = Browser::new(&house);
    sprayer.source = "198.51.100.66".into();
    let mut n = 0;
    let locked = loop {
        let reply = sprayer.sign_in(&format!("name{n}"), "Spring2026!!");
        n += 1;
        if reply.status != 422 || n > 150 {
            break reply;
        }
    };
    assert_eq!((locked.status, n), (429, 101));
    goes(&Browser::new(&house).sign_in("staff", &house.demo.accounts["staff"].password), "/me");
}

#[test]
fn a_code_of_the_second_factor_counts_once() {
    let house = House::with_accounts();
    let password = &house.demo.accounts["approver"].password;
    let (mut one, mut other) = (Browser::new(&house), Browser::new(&house));
    goes(&one.sign_in("approver", password), "/signin/code");
    goes(&other.sign_in("approver", password), "/signin/code");
    // Halfway in, nothing else opens.
    goes(&one.get("/me"), "/signin/code?next=%2Fme");
    goes(&one.get("/me/second-factor"), "/signin/code?next=%2Fme%2Fsecond-factor");
    let code = house.code("approver");
    wrong(&one.submit("/signin/code", &[("code", "000000")]), "code", "確認コードが違うか");
    goes(&one.submit("/signin/code", &[("code", &code)]), "/me");
    wrong(&other.submit("/signin/code", &[("code", &code)]), "code", "使用済み");
    house.pass(30);
    goes(&other.submit("/signin/code", &[("code", &house.code("approver"))]), "/me");
    assert!(one.get("/me").text().contains("許可権限者"));
}

#[test]
fn a_second_factor_is_asked_of_those_who_govern_and_codes_cannot_be_guessed() {
    let house = House::with_accounts();
    let with: Vec<&String> =
        house.demo.accounts.iter().filter(|(_, a)| a.second_factor.is_some()).map(|(role, _)| role).collect();
    assert_eq!(with, ["admin", "approver", "auditor", "ciso", "manager"]);
    let mut browser = Browser::new(&house);
    let password = &house.demo.accounts["admin"].password;
    goes(&browser.sign_in("admin", password), "/signin/code");
    let mut tries = 0;
    let locked = loop {
        let reply = browser.submit("/signin/code", &[("code", "123456")]);
        tries += 1;
        if reply.status != 422 {
            break reply;
        }
        // Signing in with the password again gives no new tries.
        if tries == 2 {
            goes(&browser.post("/signin", &[("login", "admin"), ("password", password)]), "/signin/code");
        }
    };
    assert_eq!((locked.status, tries), (429, 6));
    assert!(locked.text().contains("まで受け付けません"));
}

#[test]
fn enrolment_shows_a_secret_and_ten_recovery_codes_each_used_once() {
    let house = House::with_accounts();
    house.must("admin", "role.grant", &json!({ "person": house.person("staff"), "role": "ciso" }));
    let mut browser = Browser::new(&house);
    goes(&browser.sign_in("staff", &house.demo.accounts["staff"].password), "/me/second-factor");
    goes(&browser.get("/me"), "/me/second-factor?next=%2Fme");
    let page = browser.get("/me/second-factor").text();
    assert!(page.contains("<svg") && page.contains("otpauth://totp/"), "{page}");
    let before = browser.secret().cloned();
    wrong(&browser.submit("/me/second-factor", &[("code", "000000")]), "code", "確認コードが違います");
    // An offer of one's own making is not enrolled.
    let offer = "ab".repeat(92);
    assert_eq!(browser.submit("/me/second-factor", &[("code", "000000"), ("offer", &offer)]).status, 403);
    // The form, with the code of the secret it shows.
    let page = browser.get("/me/second-factor").text();
    let between = |from: &str, to: &str| page.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let secret = between("otpauth://totp/", "\"");
    let secret = secret.split_once("secret=").unwrap().1.split_once('&').unwrap().0.to_owned();
    let now = house.installation().world.now();
    let code = sekisho::account::code_now(&secret, now).unwrap();
    let (offer, token) = (between("name=\"offer\" value=\"", "\""), between("name=\"token\" value=\"", "\""));
    let shown = browser.post("/me/second-factor", &[("code", &code), ("offer", &offer), ("token", &token)]);
    assert_eq!(shown.status, 200, "{}", shown.text());
    let text = shown.text();
    let codes: Vec<&str> = text.split("<li><code>").skip(1).map(|rest| &rest[..19]).collect();
    assert_eq!(codes.len(), 10);
    assert_ne!(browser.secret().cloned(), before, "the session keeps its id though it may do more now");
    assert_eq!(browser.get("/me").status, 200);
    assert!(kinds(&house).last().is_some_and(|kind| kind == "second_factor.enrolled"));
    // The same form again changes nothing.
    assert_eq!(browser.post("/me/second-factor", &[("code", &code), ("offer", &offer), ("token", &token)]).status, 403);

    let half = || {
        let mut browser = Browser::new(&house);
        goes(&browser.sign_in("staff", &house.demo.accounts["staff"].password), "/signin/code");
        browser
    };
    // The code that enrolled it is used up.
    wrong(&half().submit("/signin/code", &[("code", &code)]), "code", "使用済み");
    goes(&half().submit("/signin/code", &[("code", &codes[3].to_lowercase())]), "/me");
    wrong(&half().submit("/signin/code", &[("code", codes[3])]), "code", "使用済み");
    assert!(browser.get("/me").text().contains("残りの回復コード 9 個"));
}

#[test]
fn who_is_given_a_governing_role_enrols_before_going_on() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.get("/me").status, 200);
    house.must("admin", "role.grant", &json!({ "person": house.person("staff"), "role": "auditor" }));
    goes(&staff.get("/me/sessions"), "/me/second-factor?next=%2Fme%2Fsessions");
}

#[test]
fn a_session_has_a_new_id_at_every_step_and_the_old_one_is_dead() {
    let house = House::with_accounts();
    let mut browser = Browser::new(&house);
    browser.cookies.insert(COOKIE.into(), "ab".repeat(32));
    goes(&browser.sign_in("approver", &house.demo.accounts["approver"].password), "/signin/code");
    let half = browser.clone();
    assert_ne!(half.secret(), Some(&"ab".repeat(32)), "an id from outside was taken");
    goes(&browser.submit("/signin/code", &[("code", &house.code("approver"))]), "/me");
    assert_ne!(half.secret(), browser.secret());
    goes(&half.clone().get("/signin/code"), "/signin?next=%2Fsignin%2Fcode".split('?').next().unwrap());
    let before = browser.clone();
    let password = &house.demo.accounts["approver"].password;
    let fields = [("present", password.as_str()), ("new", NEW), ("again", NEW)];
    goes(&browser.submit("/me/password", &fields), "/me?done=password");
    goes(&before.clone().get("/me"), "/signin?next=%2Fme");
    assert_eq!(browser.get("/me").status, 200);
    // The cookie is as strict as it can be, and the database does not hold it.
    let reply = Browser::new(&house).sign_in("staff", &house.demo.accounts["staff"].password);
    let set = reply.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-sekisho=") && set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{set}");
    let held = format!("SELECT COUNT(*) FROM session WHERE hash = '{}'", browser.secret().unwrap());
    assert_eq!(house.database.number(&held), 0);
}

/// Waits until the use of a session, which is noted beside the answer, stands in its row.
#[track_caller]
fn noted(house: &House, browser: &Browser) {
    let hash = sekisho_gate::identify::hash_of(browser.secret().unwrap());
    let begun = Instant::now();
    loop {
        let row = house.block_on(house.installation().store.session(&hash)).unwrap().unwrap();
        if house.installation().world.now().duration_since(row.seen_at).as_secs() < 60 {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "the use of a session was not noted");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_session_ends_when_idle_and_when_old() {
    let house = House::with_accounts();
    let mut idle = Browser::signed_in(&house, "staff");
    let mut busy = Browser::signed_in(&house, "applicant");
    house.pass(29 * 60);
    assert_eq!(busy.get("/me").status, 200);
    noted(&house, &busy);
    house.pass(61);
    goes(&idle.get("/me"), "/signin?next=%2Fme");
    let mut minutes = 30;
    while minutes < 12 * 60 - 20 {
        assert_eq!(busy.get("/me").status, 200, "after {minutes} minutes");
        noted(&house, &busy);
        house.pass(20 * 60);
        minutes += 20;
    }
    assert_eq!(busy.get("/me").status, 200);
    house.pass(20 * 60);
    goes(&busy.get("/me"), "/signin?next=%2Fme");
    // Halfway in, ten minutes.
    let mut half = Browser::new(&house);
    goes(&half.sign_in("ciso", &house.demo.accounts["ciso"].password), "/signin/code");
    house.pass(601);
    goes(&half.get("/signin/code"), "/signin");
}

#[test]
fn sessions_are_listed_and_ended_by_their_owner_alone() {
    let house = House::with_accounts();
    let mut here = Browser::signed_in(&house, "staff");
    let mut there = Browser::signed_in(&house, "staff");
    let mut third = Browser::signed_in(&house, "staff");
    let stranger = Browser::signed_in(&house, "applicant");
    let hash = |browser: &Browser| sekisho_gate::identify::hash_of(browser.secret().unwrap());
    let page = here.get("/me/sessions").text();
    assert!(page.contains("（3 件）") && page.contains("この端末"), "{page}");
    assert!(page.contains(&hash(&there)) && !page.contains(&hash(&stranger)));
    goes(&here.submit("/me/sessions", &[("session", &hash(&there))]), "/me/sessions?done=ended");
    goes(&there.get("/me"), "/signin?next=%2Fme");
    goes(&here.submit("/me/sessions", &[("session", &hash(&there))]), "/me/sessions?done=ended");
    goes(&here.submit("/me/sessions", &[("session", &hash(&stranger))]), "/me/sessions?done=ended");
    assert_eq!(stranger.clone().get("/me").status, 200);
    goes(&here.submit("/me/sessions", &[("session", "others")]), "/me/sessions?done=ended-others");
    goes(&third.get("/me"), "/signin?next=%2Fme");
    assert_eq!(here.get("/me").status, 200);
    let token = here.get("/me").text().split_once("name=\"token\" value=\"").unwrap().1[..64].to_owned();
    let before = here.clone();
    goes(&here.post("/signout", &[("token", &token)]), "/signin?done=signed-out");
    assert!(here.secret().is_none());
    goes(&before.clone().get("/me"), "/signin?next=%2Fme");
    // Twice is no harm.
    goes(&before.clone().post("/signout", &[("token", &token)]), "/signin");
}

#[test]
fn a_password_is_changed_with_the_present_one_and_guessing_it_locks() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let present = house.demo.accounts["staff"].password.clone();
    let change = |browser: &mut Browser, present: &str, new: &str, again: &str| {
        browser.submit("/me/password", &[("present", present), ("new", new), ("again", again)])
    };
    wrong(&change(&mut staff, "", NEW, NEW), "present", "いまのパスワードを入力");
    wrong(&change(&mut staff, &present, &present, &present), "new", "違うもの");
    wrong(&change(&mut staff, &present, "short", "short"), "new", "12 文字以上");
    for _ in 0..5 {
        wrong(&change(&mut staff, "not this one at all", NEW, NEW), "present", "いまのパスワードが違います");
    }
    assert_eq!(change(&mut staff, &present, NEW, NEW).status, 429);
    house.pass(120);
    goes(&change(&mut staff, &present, NEW, NEW), "/me?done=password");
    wrong(&Browser::new(&house).sign_in("staff", &present), "login", "違います");
    goes(&Browser::new(&house).sign_in("staff", NEW), "/me");
}

#[test]
fn who_left_is_nobody_at_once() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.get("/me").status, 200);
    house.must("admin", "person.leave", &json!({ "person": house.person("staff") }));
    goes(&staff.get("/me"), "/signin?next=%2Fme");
    wrong(&Browser::new(&house).sign_in("staff", &house.demo.accounts["staff"].password), "login", "違います");
    // Nothing of the account stays.
    for table in ["account", "session", "recovery_code"] {
        let left = format!("SELECT COUNT(*) FROM {table} WHERE person = '{}'", house.person("staff"));
        assert_eq!(house.database.number(&left), 0, "{table}");
    }
}
