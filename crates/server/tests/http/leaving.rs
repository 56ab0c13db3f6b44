//! How the program takes its leave: a load balancer is told at once, and whoever is being served is served to the end.

use crate::client::{CHAT, Client, Next, PATIENCE, Reply, chat};
use crate::database;
use crate::house::{House, text};
use crate::stand_in::{DONE, STOP, StandIn, begin_stream, completion, delta, end_stream, json, piece};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Waits until a node says that it leaves.
#[track_caller]
fn left(anyone: &Client) -> Reply {
    let begun = Instant::now();
    loop {
        let reply = anyone.get("/readyz");
        if reply.status == 503 {
            return reply;
        }
        assert!(begun.elapsed() < PATIENCE / 4, "still ready");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until nobody listens there any more.
#[track_caller]
fn closed(address: SocketAddr) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(begun.elapsed() < PATIENCE / 4, "still listening");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_node_that_was_asked_to_stop_says_so_and_serves_its_streams_to_the_end() {
    let (lead, follow) = channel::<String>();
    let follow = Mutex::new(follow);
    let upstream = StandIn::new(move |seen, socket| {
        if seen.json()["stream"] != true {
            return json(socket, 200, &completion("はい"));
        }
        begin_stream(socket);
        for text in follow.lock().unwrap().iter() {
            piece(socket, &text);
        }
        end_stream(socket);
    });
    let mut house = House::with(&upstream);
    let (anyone, staff) = (house.anyone(), house.by("staff"));
    assert_eq!(anyone.get("/readyz").status, 200);
    let mut body = chat("kakuu-upstream", "続けてください");
    body["stream"] = true.into();
    let mut live = staff.request("POST", CHAT).json(&body).open();
    let id = live.used();
    lead.send(delta("一")).unwrap();
    assert!(live.event().contains("一"));

    house.ask_to_stop();
    assert_eq!(left(&anyone).text(), "leaving\n");
    assert_eq!(anyone.get("/healthz").status, 200, "it lives, it only takes no new ones");
    // The load balancer has not noticed yet.
    assert_eq!(staff.chat("kakuu-upstream", "要約してください").said(), "はい");
    lead.send(delta("二")).unwrap();
    assert!(live.event().contains("二"));
    assert_eq!(anyone.get("/readyz").status, 503);
    lead.send(STOP.into()).unwrap();
    lead.send(DONE.into()).unwrap();
    drop(lead);
    assert!(live.event().contains("stop"));
    assert_eq!(live.event(), "data: [DONE]");
    assert_eq!(live.next(PATIENCE), Next::End);
    closed(house.address);
    let entry = house.block_on(house.installation().store.use_row(&sekisho_domain::id::UseId::new(id).unwrap()));
    assert_eq!(entry.unwrap().code, "", "its end is recorded");
}

#[test]
fn while_the_load_balancer_notices_the_port_stays_open_and_not_longer() {
    let drain = Duration::from_secs(2);
    let mut house = House::build(|config| config.leaving.drain = drain, None);
    let anyone = house.anyone();
    let asked = Instant::now();
    house.ask_to_stop();
    left(&anyone);
    while asked.elapsed() < drain / 2 {
        assert_eq!((anyone.get("/readyz").status, anyone.get("/healthz").status), (503, 200));
    }
    closed(house.address);
    assert!(asked.elapsed() >= drain);
}

/// The program itself: its signal, its log, its metrics.
#[test]
fn the_program_leaves_by_a_signal_logs_each_use_without_its_words_and_shows_its_metrics_elsewhere() {
    const WORDS: &str = "合言葉はひまわり、という相談";
    let dir = TempDir::new().unwrap();
    let data = text(&dir.path().join("data"));
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let arguments = ["demo", "--port", "0", "--json", "--data", &data];
    let log = dir.path().join("log");
    let mut program = Command::new(env!("CARGO_BIN_EXE_sekisho"))
        .args(arguments)
        .envs(database::variables(&arguments))
        .env("LANG", "C")
        .env_remove("SEKISHO_LOG")
        .env("SEKISHO_METRICS__LISTEN", metrics.to_string())
        .env("SEKISHO_LOG__LEVEL", "warn,sekisho::use=info")
        .env("SEKISHO_LIMITS__DRAIN_SECONDS", "2")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut document = String::new();
    for line in BufReader::new(program.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        document.push_str(&line);
        if line == "}" {
            break;
        }
    }
    let said = || std::fs::read_to_string(&log).unwrap();
    let demo: Value = serde_json::from_str(&document).unwrap_or_else(|e| panic!("{e}: {document}{}", said()));
    let address: SocketAddr = demo["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let staff = Client { address, key: Some(demo["keys"]["staff"].as_str().unwrap().to_owned()) };
    let used = staff.chat("kakuu-local", WORDS);
    assert_eq!(used.status, 200, "{}", used.text());
    let refused = staff.chat("kakuu-open", &format!("【機密性2情報】{WORDS}"));
    assert_eq!(refused.status, 403, "{}", refused.text());
    let anyone = Client { address, key: None };
    assert_eq!(anyone.get("/metrics").status, 401);
    let shown = Client { address: metrics, key: None }.get("/metrics").text();
    assert!(shown.contains("sekisho_uses_total{outcome=\"completed\",code=\"OK\"} 1"), "{shown}");

    let pid = program.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    left(&anyone);
    assert_eq!(anyone.get("/healthz").status, 200);
    assert!(program.wait().unwrap().success(), "{}", said());

    let log = said();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (reply, outcome) in [(&used, "completed"), (&refused, "refused")] {
        let id = reply.used();
        let line = lines.iter().find(|line| line["fields"]["id"] == id.as_str());
        let line = line.unwrap_or_else(|| panic!("no line of {id}: {log}"));
        assert_eq!((&line["target"], &line["fields"]["outcome"]), (&"sekisho::use".into(), &outcome.into()));
        assert!(line["fields"]["duration_ms"].as_f64().unwrap() > 0.0, "{line}");
    }
    assert!(!log.contains("ひまわり"), "{log}");
    for person in demo["persons"].as_object().unwrap().values() {
        assert!(!log.contains(person.as_str().unwrap()), "{log}");
    }
}
