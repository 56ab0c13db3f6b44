//! Pages: their headers, forms from elsewhere, and what people type into them.

use crate::browser::{Browser, COOKIE};
use crate::client::Reply;
use crate::house::House;
use serde_json::json;

/// Every page there is.
const PAGES: [&str; 7] =
    ["/", "/signin", "/me", "/me/sessions", "/me/password", "/me/second-factor", "/enrol/sekisho_nothing"];

#[track_caller]
fn has_headers(reply: &Reply, what: &str) {
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{what}: {name}");
    }
    let page = reply.text();
    for banned in ["<script", " style=", " onclick", "javascript:", "http-equiv"] {
        assert!(!page.contains(banned), "{what}: {banned}");
    }
}

#[test]
fn every_page_has_the_same_strict_headers() {
    let house = House::with_accounts();
    let mut anyone = Browser::new(&house);
    let mut staff = Browser::signed_in(&house, "staff");
    for path in PAGES {
        has_headers(&anyone.get(path), path);
        has_headers(&staff.get(path), path);
    }
    for path in ["/me/nothing", "/enrol/a/b", "/me/"] {
        let reply = staff.get(path);
        assert_eq!(reply.status, 404, "{path}");
        has_headers(&reply, path);
    }
    assert_eq!(staff.post("/me", &[]).status, 405);
    has_headers(&anyone.sign_in("staff", "wrong"), "a failed sign-in");
    has_headers(&anyone.post("/signin", &[]), "an empty form");
    has_headers(&staff.post("/me/password", &[]), "a form without its token");
}

#[test]
fn without_a_session_a_page_leads_to_signing_in_and_back() {
    let house = House::with_accounts();
    let mut browser = Browser::new(&house);
    for (path, to) in [
        ("/me", "/signin?next=%2Fme"),
        ("/me/sessions?done=ended", "/signin?next=%2Fme%2Fsessions%3Fdone%3Dended"),
        ("/me/nothing", "/signin?next=%2Fme%2Fnothing"),
        ("/signin/code", "/signin"),
    ] {
        let reply = browser.get(path);
        assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{path}");
    }
    let page = browser.get("/signin?next=%2Fme%2Fsessions").text();
    assert!(page.contains("name=\"next\" value=\"/me/sessions\""), "{page}");
    let password = &house.demo.accounts["staff"].password;
    let reply = browser.post("/signin", &[("login", "staff"), ("password", password), ("next", "/me/sessions")]);
    assert_eq!(reply.header("location"), Some("/me/sessions"));
    // Who is signed in already goes on.
    assert_eq!(browser.get("/signin?next=%2Fme%2Fpassword").header("location"), Some("/me/password"));
}

#[test]
fn after_signing_in_nobody_is_led_elsewhere() {
    let house = House::with_accounts();
    let password = &house.demo.accounts["staff"].password;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/me\r\nset-cookie: a=b",
        "\"><script>alert(1)</script>",
        "/signout",
    ] {
        let encoded: String = next.bytes().map(|b| format!("%{b:02x}")).collect();
        let mut browser = Browser::new(&house);
        let page = browser.get(&format!("/signin?next={encoded}")).text();
        assert!(page.contains("name=\"next\" value=\"\""), "{next:?}: {page}");
        let reply = browser.post("/signin", &[("login", "staff"), ("password", password), ("next", next)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("/me")), "{next:?}");
    }
}

#[test]
fn a_form_needs_the_token_of_its_own_session() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let mut other = Browser::signed_in(&house, "staff");
    let token = |browser: &mut Browser| {
        browser.get("/me").text().split_once("name=\"token\" value=\"").unwrap().1[..64].to_owned()
    };
    let (mine, theirs) = (token(&mut staff), token(&mut other));
    assert_ne!(mine, theirs);
    for path in ["/signout", "/me/sessions", "/me/password", "/me/second-factor", "/signin/code"] {
        for fields in [
            vec![],
            vec![("token", "")],
            vec![("token", theirs.as_str())],
            vec![("token", &mine[..63])],
            vec![("token", mine.as_str()), ("token", mine.as_str())],
        ] {
            let reply = staff.post(path, &[fields.as_slice(), &[("session", "others")]].concat());
            assert!(matches!(reply.status, 400 | 403), "{path} {fields:?}: {}", reply.status);
            assert!(reply.text().contains("何も変更していません"), "{}", reply.text());
        }
    }
    assert_eq!(staff.get("/me").status, 200);
    assert_eq!(other.get("/me").status, 200);
}

#[test]
fn a_form_from_elsewhere_is_refused_even_with_its_token() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let token = staff.get("/me").text().split_once("name=\"token\" value=\"").unwrap().1[..64].to_owned();
    let password = house.demo.accounts["staff"].password.clone();
    let here = staff.origin.clone();
    for origin in [None, Some("null"), Some("https://evil.example"), Some("http://127.0.0.1:1"), Some("")] {
        staff.origin = origin.map(str::to_owned);
        for (path, fields) in [
            ("/signout", vec![("token", token.as_str())]),
            ("/signin", vec![("login", "staff"), ("password", password.as_str())]),
            ("/enrol/sekisho_x", vec![("new", "x"), ("again", "x")]),
        ] {
            let reply = staff.post(path, &fields);
            assert_eq!(reply.status, 403, "{origin:?} {path}: {}", reply.text());
            assert!(reply.header("set-cookie").is_none());
        }
    }
    staff.origin = here;
    assert_eq!(staff.get("/me").status, 200);
    let secret = staff.secret().unwrap().clone();
    for site in ["cross-site", "same-site", "none"] {
        let request = house.anyone().request("POST", "/signout").header("cookie", &format!("{COOKIE}={secret}"));
        let request = request.header("origin", staff.origin.as_ref().unwrap()).header("sec-fetch-site", site);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.bytes(format!("token={token}")).send().status, 403, "{site}");
    }
    // A form in another dress is not read.
    for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x", ""] {
        let request = house.anyone().request("POST", "/signin").header("origin", staff.origin.as_ref().unwrap());
        let reply = request.header("content-type", kind).bytes("login=a&password=b").send();
        assert_eq!(reply.status, 400, "{kind}");
    }
}

#[test]
fn a_cookie_opens_no_api_and_a_key_no_page() {
    let house = House::with_accounts();
    let auditor = Browser::signed_in(&house, "auditor");
    let cookie = format!("{COOKIE}={}", auditor.secret().unwrap());
    for path in ["/api/me", "/api/uses", "/v1/models", "/ledger/tile/entries/000", "/api/ledger/0/proof"] {
        house.anyone().request("GET", path).header("cookie", &cookie).send().error(401, "invalid_api_key");
    }
    let post = house.anyone().request("POST", "/api/commands/key.issue").header("cookie", &cookie);
    post.json(&json!({ "content": {} })).send().error(401, "invalid_api_key");
    assert_eq!(house.by("auditor").get("/me").status, 303);
}

#[test]
fn what_people_type_is_shown_and_never_run() {
    let attack = "\"><script>alert(1)</script>'&{{7*7}}";
    let house = House::with_accounts();
    let mut browser = Browser::new(&house);
    let shown = |page: &str| {
        assert!(!page.contains("<script") && !page.contains("'&{{"), "{page}");
        assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
    };
    // What was typed stays in the field.
    shown(&browser.sign_in(attack, "wrong").text());
    shown(&browser.post("/signin", &[("login", attack), ("password", "")]).text());
    let department = json!({ "department": "johosystem" });
    let body = json!({ "content": department, "directory": { "name": attack, "post": attack } });
    house.by("admin").post(
        "/api/commands/department.place",
        &json!({
            "content": { "department": "johosystem" }, "directory": { "name": attack },
        }),
    );
    let joined = house.by("admin").post("/api/commands/person.join", &body).ok();
    let person = joined["events"][0]["data"]["person"].as_str().unwrap().to_owned();
    let invited = house.by("admin").post(
        "/api/commands/account.invite",
        &json!({ "content": { "person": person }, "directory": { "login": "attacker" } }),
    );
    let link = invited.ok()["link"].as_str().unwrap().rsplit_once("/enrol/").unwrap().1.to_owned();
    let link = format!("/enrol/{link}");
    shown(&browser.get(&link).text());
    let new = "correct horse battery staple";
    browser.post(&link, &[("new", new), ("again", new)]);
    assert_eq!(browser.sign_in("attacker", new).header("location"), Some("/me"));
    for path in ["/", "/me", "/me/sessions", "/me/password"] {
        let page = browser.get(path).text();
        assert!(!page.contains("<script"), "{page}");
    }
    shown(&browser.get("/me").text());
    // A permit whose words are an attack.
    let mut draft = house.draft("kakuu-local", attack, "johosystem", 1);
    draft["risk_statement"] = attack.into();
    let submitted = house.by("staff").post("/api/commands/application.submit", &json!({ "content": draft })).ok();
    let approved = house.approve("approver", &submitted["events"][0]["data"]["application"]);
    assert_eq!(approved.status, 201, "{}", approved.text());
    let page = browser.get("/me").text();
    assert!(!page.contains("<script") && page.contains("今日、使える業務"), "{page}");
    assert_eq!(page.matches("&#60;script&#62;").count(), 5, "name twice, post, purpose, department: {page}");
}

#[test]
fn my_page_says_who_i_am_and_what_i_may_use_today() {
    let house = House::with_accounts();
    let page = Browser::signed_in(&house, "staff").get("/me").text();
    for part in ["企画 花子", "企画課", "係長", "利用者", "文書の要約と校正", "架空省内モデル", "機密性2まで", "未登録"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = Browser::signed_in(&house, "applicant").get("/me").text();
    assert!(page.contains("今日はありません"), "{page}");
    let page = Browser::signed_in(&house, "approver").get("/me").text();
    assert!(page.contains("許可権限者") && page.contains("登録済み（残りの回復コード 10 個）"), "{page}");
    // The home page knows who looks at it.
    assert!(Browser::signed_in(&house, "staff").get("/").text().contains("企画 花子"));
    assert!(Browser::new(&house).get("/").text().contains("href=\"/signin\""));
}

#[test]
fn without_tls_and_only_if_asked_for_the_cookie_goes_in_the_open() {
    let house = House::with_accounts_and(|config| config.signin.public_url = Some("http://sekisho.example".into()));
    let mut browser = Browser::new(&house);
    let password = house.demo.accounts["staff"].password.clone();
    assert_eq!(browser.sign_in("staff", &password).status, 403, "the public address is the only origin");
    browser.origin = Some("http://sekisho.example".into());
    let reply = browser.sign_in("staff", &password);
    let set = reply.header("set-cookie").unwrap();
    assert!(set.starts_with("sekisho=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{set}");
    assert_eq!(browser.get("/me").status, 200);
}
