//! From nothing to the first administrator, and from there to colleagues who can sign in.

use crate::browser::Browser;
use crate::house::House;

fn link(house: &House) -> String {
    let link = sekisho::first_run::link(house.installation()).unwrap().expect("nobody administers yet");
    format!("/setup/{}", link.rsplit('/').next().unwrap())
}

const GOOD: [(&str, &str); 9] = [
    ("sector", "municipal"),
    ("name", "架空市"),
    ("organization", "kakuu-shi"),
    ("administrator", "管理 一郎"),
    ("department_name", "情報政策課"),
    ("department", "joho"),
    ("login", "kanri"),
    ("new", "関所 を 開く 朝 の 道"),
    ("again", "関所 を 開く 朝 の 道"),
];

fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let changed = |name: &str| changes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    GOOD.iter().map(|(name, value)| (*name, changed(name).unwrap_or(value))).collect()
}

#[test]
fn given_an_empty_installation_the_link_makes_the_first_administrator_once() {
    let house = House::empty();
    let mut browser = Browser::new(&house);
    assert_eq!(browser.get("/setup/sekisho_guess").status, 404);
    assert_eq!(browser.post("/setup/sekisho_guess", &GOOD).status, 404);
    let link = link(&house);
    assert_eq!(link, self::link(&house), "the link stays the same over restarts");
    let page = browser.get(&link);
    assert_eq!(page.status, 200);
    // What is wrong is told at its field, and what was typed is kept.
    let reply = browser.post(&link, &with(&[("organization", "架空"), ("again", "ちがう"), ("name", " ")]));
    assert_eq!(reply.status, 422);
    let text = reply.text();
    for expected in [
        "id=\"organization-problem\"",
        "id=\"name-problem\"",
        "id=\"again-problem\"",
        "value=\"管理 一郎\"",
        "value=\"kanri\"",
        "value=\"municipal\" checked",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("関所 を 開く"), "a password is never sent back");
    assert!(house.register().organization().is_none(), "nothing has happened yet");
    let reply = browser.post(&link, &GOOD);
    assert_eq!((reply.status, reply.header("location")), (303, Some("/signin?done=founded&next=%2Fstart")));
    let register = house.register();
    assert_eq!(register.organization().unwrap().name, "架空市");
    assert_eq!(register.persons().count(), 1);
    // The link is dead, for whoever has it.
    assert_eq!(browser.get(&link).status, 404);
    assert_eq!(browser.post(&link, &GOOD).status, 404);
    assert!(sekisho::first_run::link(house.installation()).unwrap().is_none());
    // The administrator signs in and must enrol a second factor before anything else.
    let reply = browser.sign_in("kanri", "関所 を 開く 朝 の 道");
    assert_eq!(reply.status, 303);
    assert!(browser.get("/start").header("location").unwrap().starts_with("/me/second-factor"));
}

#[test]
fn given_a_weak_password_the_second_try_goes_on_where_the_first_stopped() {
    let house = House::empty();
    let mut browser = Browser::new(&house);
    let link = link(&house);
    let reply = browser.post(&link, &with(&[("new", "short"), ("again", "short")]));
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("id=\"new-problem\""));
    let reply = browser.post(&link, &GOOD);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(house.register().persons().count(), 1, "nobody was made twice");
}

#[test]
fn an_administrator_adds_people_gives_roles_and_invites_them() {
    let house = House::with_accounts();
    let mut admin = Browser::signed_in(&house, "admin");
    let reply =
        admin.submit("/people/new", &[("name", "<b>新人</b> 八重"), ("department", "kikaku"), ("post", "係員")]);
    let to = reply.header("location").unwrap_or_else(|| panic!("{}", reply.text())).to_owned();
    assert!(to.starts_with("/people/p-") && to.ends_with("?done=joined"), "{to}");
    let path = to.split('?').next().unwrap().to_owned();
    let page = admin.get(&path).text();
    assert!(page.contains("&#60;b&#62;新人") || page.contains("&lt;b&gt;新人"), "{page}");
    assert!(!page.contains("<b>新人"));
    // Roles: who runs the machine does not permit.
    let roles = format!("{path}/roles");
    let token = token(&page);
    let grant = |admin: &mut Browser, ticked: &[&str], reason: &str| {
        let names: Vec<String> = ticked.iter().map(|role| format!("roles.{role}")).collect();
        let mut fields = vec![("token", token.as_str()), ("form", "roles"), ("role_reason", reason)];
        fields.extend(names.iter().map(|name| (name.as_str(), "on")));
        admin.post(&roles, &fields)
    };
    assert_eq!(grant(&mut admin, &["approver"], "").status, 422, "a role is given for a reason");
    let reply = grant(&mut admin, &["approver", "auditor"], "試し");
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("兼ねられません"), "{}", reply.text());
    assert_eq!(grant(&mut admin, &["approver"], "人事異動").status, 303);
    assert!(admin.get(&path).text().contains("value=\"on\" checked"));
    // The link is shown once and opens the account.
    let reply = admin.post(&format!("{path}/invite"), &[("token", &token), ("form", "invite"), ("login", "yae")]);
    let text = reply.text();
    let link = text.split("/enrol/").nth(1).unwrap_or_else(|| panic!("{text}")).split('<').next().unwrap();
    assert!(!admin.get(&path).text().contains(link), "shown once");
    let mut yae = Browser::new(&house);
    let password = "朝 に 山 を 越えて 行く";
    let reply = yae.post(&format!("/enrol/{link}"), &[("new", password), ("again", password)]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(yae.sign_in("yae", password).status, 303);
    // Who leaves is nobody from then on.
    let reply = admin.post(&format!("{path}/leave"), &[("token", &token), ("form", "leave"), ("leave_reason", "退職")]);
    assert_eq!(reply.status, 303);
    assert!(yae.get("/me/second-factor").header("location").unwrap().starts_with("/signin"));
}

#[test]
fn the_same_form_sent_twice_adds_one_person() {
    let house = House::with_accounts();
    let mut admin = Browser::signed_in(&house, "admin");
    let page = admin.get("/people/new").text();
    let (token, once) = (token(&page), hidden(&page, "once"));
    let before = house.register().persons().count();
    let fields = [("token", token.as_str()), ("once", once.as_str()), ("name", "二度 押し"), ("department", "kikaku")];
    let (first, second) = (admin.post("/people/new", &fields), admin.post("/people/new", &fields));
    let path = |reply: &crate::client::Reply| reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(path(&first), path(&second));
    assert_eq!(house.register().persons().count(), before + 1);
}

#[test]
fn a_csv_is_taken_whole_or_not_at_all() {
    let house = House::with_accounts();
    let mut admin = Browser::signed_in(&house, "admin");
    let before = house.register().persons().count();
    let bad = "氏名,部局,職の符号,職名,メール\n甲 一,kikaku,kakariin,係員,a@example.jp\n,kikaku,,,\n丙 三,nowhere,,,\n";
    let reply = admin.submit("/people/import", &[("csv", bad)]);
    assert_eq!(reply.status, 422);
    let text = reply.text();
    assert!(text.contains("3 行目: 氏名") && text.contains("4 行目: 部局「nowhere」"), "{text}");
    assert!(text.contains("甲 一,kikaku"), "what was pasted is kept");
    assert_eq!(house.register().persons().count(), before);
    let good =
        "氏名\t部局\t職の符号\t職名\tメール\r\n甲 一\tkikaku\tkakariin\t係員\ta@example.jp\r\n乙 二\tshinsa\t\t\t\r\n";
    assert_eq!(admin.submit("/people/import", &[("csv", good)]).status, 303);
    assert_eq!(house.register().persons().count(), before + 2);
    let list = admin.get("/people?q=%E7%94%B2+%E4%B8%80").text();
    assert!(list.contains("甲 一") && list.contains("1 件"), "{list}");
    let csv = admin.get("/people?format=csv").text();
    assert_eq!(csv.lines().count(), before + 2 + 1);
}

#[test]
fn the_ciso_enacts_the_regulation_and_adopts_rules_and_others_only_read() {
    let house = House::with_accounts();
    let mut ciso = Browser::signed_in(&house, "ciso");
    let reply = ciso
        .submit("/regulation", &[("part", "operation"), ("title", "手順 <i>"), ("version", "第2版"), ("text", "本文")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/regulation").text();
    assert!(page.contains("第2版") && !page.contains("<i>") && !page.contains("施行する</button>"), "{page}");
    let mine = token(&ciso.get("/rules").text());
    let own = "// rule_set: x\nnot a header";
    let reply = ciso.post("/rules", &[("token", &mine), ("act", "own"), ("text", own)]);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("not a header"), "{}", reply.text());
    let theirs = token(&staff.get("/me").text());
    let reply = staff.post("/rules", &[("token", &theirs), ("act", "withdraw"), ("rule_set", "toitsu-r3")]);
    assert_eq!(reply.status, 422);
    assert!(house.register().rule_sets().any(|set| set.id.as_str() == "toitsu-r3"), "nothing was withdrawn");
}

fn token(page: &str) -> String {
    hidden(page, "token")
}

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name}: {page}")).split('"').next().unwrap().to_owned()
}
