//! A browser as far as signing in needs one: it keeps cookies, says where its forms come from, and follows nothing.

use crate::client::{Client, Reply, Request};
use crate::house::House;
use std::collections::BTreeMap;

/// Someone at a browser.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it says of the page its forms come from.
    pub(crate) origin: Option<String>,
    pub(crate) source: String,
}

pub(crate) const COOKIE: &str = "__Host-sekisho";

impl Browser {
    pub(crate) fn new(house: &House) -> Self {
        let origin = Some(format!("http://{}", house.address));
        Self { client: house.anyone(), cookies: BTreeMap::new(), origin, source: "203.0.113.7".into() }
    }

    /// Someone of the demo, signed in with all they need.
    #[track_caller]
    pub(crate) fn signed_in(house: &House, role: &str) -> Self {
        let mut browser = Self::new(house);
        let reply = browser.sign_in(role, &house.demo.accounts[role].password);
        assert_eq!(reply.status, 303, "{}", reply.text());
        if reply.header("location").is_some_and(|to| to.starts_with("/signin/code")) {
            let reply = browser.submit("/signin/code", &[("code", &house.code(role))]);
            assert_eq!((reply.status, reply.header("location")), (303, Some("/me")), "{}", reply.text());
        }
        browser
    }

    pub(crate) fn secret(&self) -> Option<&String> {
        self.cookies.get(COOKIE)
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, None)
    }

    /// Sends a form with exactly these fields.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send("POST", path, Some(encoded(fields)))
    }

    /// Opens a page, takes the hidden fields of its form and sends it.
    #[track_caller]
    pub(crate) fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.get(path).text();
        let action = format!("method=\"post\" action=\"{path}\"");
        let form = page.split("<form").find(|form| form.contains(&action)).unwrap_or_else(|| panic!("{path}: {page}"));
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        for input in form.split("<input type=\"hidden\" ").skip(1) {
            let value = |name: &str| input.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
            if !fields.iter().any(|(known, _)| *known == value("name")) {
                all.push((value("name"), value("value")));
            }
        }
        self.post(path, &all)
    }

    /// Opens a page and sends its form with a file, as `multipart/form-data`.
    #[track_caller]
    pub(crate) fn attach(&mut self, path: &str, fields: &[(&str, &str)], (name, bytes): (&str, &[u8])) -> Reply {
        let page = self.get(path).text();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap_or_else(|| panic!("{path}: {page}"));
        let token = token.split('"').next().unwrap();
        let mut body = Vec::new();
        for (name, value) in [("token", token)].iter().chain(fields) {
            let part = format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head = format!("content-disposition: form-data; name=\"upload\"; filename=\"{name}\"");
        body.extend(format!("--x\r\n{head}\r\n\r\n").into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--x--\r\n");
        self.request("POST", path).header("content-type", "multipart/form-data; boundary=x").bytes(body).send()
    }

    pub(crate) fn sign_in(&mut self, login: &str, password: &str) -> Reply {
        self.post("/signin", &[("login", login), ("password", password)])
    }

    /// A request with its cookies, to be sent by hand.
    pub(crate) fn request(&self, method: &'static str, path: &str) -> Request {
        let mut request = self.client.request(method, path).header("x-forwarded-for", &self.source);
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", &all.join("; "));
        }
        match &self.origin {
            Some(origin) if method != "GET" => request.header("origin", origin),
            _ => request,
        }
    }

    /// A form with exactly these fields, to be sent by hand.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        self.request("POST", path).header("content-type", "application/x-www-form-urlencoded").bytes(encoded(fields))
    }

    fn send(&mut self, method: &'static str, path: &str, body: Option<String>) -> Reply {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/x-www-form-urlencoded").bytes(body);
        }
        let reply = request.send();
        for (_, set) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, more) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if more.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let part = |text: &str| {
        let byte = |b: u8| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", part(name), part(value))).collect::<Vec<_>>().join("&")
}
