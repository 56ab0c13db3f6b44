//! TLS to PostgreSQL: with `sslmode=verify-full` the program serves over a database whose certificate it can check, and starts
//! on no other.
//!
//! The certificates are made by `openssl` for the test: an authority, a server's certificate for `localhost`, another authority.

use crate::cluster::{Body, Cluster, Elsewhere};
use crate::house::UPSTREAM;
use crate::stand_in::StandIn;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What this proof asks `openssl` for, a line each.
const AUTHORITY: &str = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ca.key -out ca.crt \
                         -subj /CN=An-authority -addext basicConstraints=critical,CA:TRUE";
const OTHER: &str = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout other.key -out other.crt \
                     -subj /CN=Another-authority -addext basicConstraints=critical,CA:TRUE";
const SERVER: &str = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout server.key -out server.crt \
                      -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
                      -CA ca.crt -CAkey ca.key";

fn openssl(folder: &Path, words: &str) {
    let made = Command::new("openssl").args(words.split_whitespace()).current_dir(folder).output();
    let made = made.unwrap_or_else(|e| panic!("this proof needs `openssl`: apt-get install openssl ({e})"));
    assert!(made.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&made.stderr));
}

/// The address of the database by a host's name, with whom to believe.
fn address(cluster: &Cluster, host: &str, authority: &Path) -> String {
    let url = cluster.url().replace("127.0.0.1", host);
    format!("{url}?sslmode=verify-full&sslrootcert={}", authority.display())
}

/// Starts a node that must not come to serve, and gives what it says.
fn refused(body: &mut Body, node: &'static str, database: String, code: i32) -> String {
    body.move_out(node, Elsewhere { by: vec![], ip: Ipv4Addr::LOCALHOST.into(), database });
    let status = body.begin(node).ended();
    let said = body.log(node);
    assert_eq!(status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn it_serves_over_a_database_whose_certificate_holds_and_over_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in [AUTHORITY, OTHER, SERVER] {
        openssl(folder.path(), words);
    }
    let file = |name: &str| -> PathBuf { folder.path().join(name) };
    let upstream = StandIn::start();
    let cluster = Cluster::start_with(&[("POSTGRES_TLS", folder.path().to_str().expect("text"))]);
    let mut body = Body::founded(&cluster, &upstream);

    let good = address(&cluster, "localhost", &file("ca.crt"));
    body.move_out("a", Elsewhere { by: vec![], ip: Ipv4Addr::LOCALHOST.into(), database: good });
    let node = body.node("a");
    let answer = node.client().ask(UPSTREAM, "over TLS", &[]).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let by_tls = "SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                  WHERE application_name = 'sekisho'";
    assert_eq!(cluster.query(by_tls), "t", "every connection of the program is by TLS");
    assert!(node.stop().success());

    // The certificate is of another authority than the one it is to believe.
    let said = refused(&mut body, "b", address(&cluster, "localhost", &file("other.crt")), 3);
    assert!(said.contains("certificate"), "{said}");
    // It is for another name.
    let said = refused(&mut body, "c", address(&cluster, "127.0.0.1", &file("ca.crt")), 3);
    assert!(said.contains("certificate"), "{said}");
    // There is no such file: a mistake of the configuration must not mean that nothing is checked.
    let said = refused(&mut body, "d", address(&cluster, "localhost", &file("no-such.crt")), 2);
    assert!(said.contains("sslrootcert") && said.contains("no-such.crt"), "{said}");
}
