//! Makes a log in squid's native format, the same for the same numbers:
//! `cargo run --release -p sekisho-shadow --example logs -- MEGABYTES HITS_PER_MILLE > access.log`
//!
//! Hosts, users and addresses are made up; what belongs to services of the catalogue is as frequent as asked for.

use std::io::{self, BufWriter, Write as _};

use sekisho_shadow::Catalogue;

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

const WORDS: [&str; 12] =
    ["news", "shop", "city", "images", "static", "portal", "mail", "map", "video", "cdn", "kensaku", "toshokan"];
const ENDS: [&str; 6] = ["example.jp", "example.com", "co.example", "lg.example.jp", "example.net", "test"];
const PATHS: [&str; 6] =
    ["index.html", "a/b/c.js?v=12345678", "api/v1/items", "img/logo.png", "style.css", "search?q=kaigi"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let megabytes: u64 = words.next().ok_or("how many megabytes?")?.parse()?;
    let per_mille: u64 = words.next().map_or(Ok(10), |word| word.parse())?;
    let catalogue = Catalogue::builtin()?;
    let domains: Vec<&str> = catalogue.domains().into_keys().collect();
    let mut dice = Dice(0x5EC1_5110);
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let (mut written, mut millis) = (0u64, 1_795_000_000_000u64);
    let pick = |dice: &mut Dice, list: &[&'static str]| {
        list.get(usize::try_from(dice.below(list.len() as u64)).unwrap_or(0)).copied().unwrap_or("x")
    };
    while written < megabytes * 1_000_000 {
        millis += dice.below(20);
        let host = if dice.below(1000) < per_mille {
            let at = usize::try_from(dice.below(domains.len() as u64)).unwrap_or(0);
            domains.get(at).copied().unwrap_or("x").to_owned()
        } else {
            format!("{}{}.{}", pick(&mut dice, &WORDS), dice.below(5000), pick(&mut dice, &ENDS))
        };
        let client = format!("10.{}.{}.{}", dice.below(4), dice.below(256), dice.below(250) + 1);
        let (duration, size, user) = (dice.below(9000), dice.below(90_000), dice.below(3000));
        let server = format!("203.0.113.{}", dice.below(250) + 1);
        let line = match dice.below(10) {
            0 => format!("TCP_DENIED/403 {size} CONNECT {host}:443 u{user:04} HIER_NONE/- text/html"),
            1..=6 => format!("TCP_TUNNEL/200 {size} CONNECT {host}:443 u{user:04} HIER_DIRECT/{server} -"),
            _ => format!(
                "TCP_MISS/200 {size} GET http://{host}/{} u{user:04} HIER_DIRECT/{server} text/html",
                pick(&mut dice, &PATHS)
            ),
        };
        let line = format!("{}.{:03} {duration:6} {client} {line}\n", millis / 1000, millis % 1000);
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    Ok(out.flush()?)
}
