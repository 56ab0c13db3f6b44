//! TLS: authorities of the body's own are trusted when given, and nobody else's.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sekisho_gate::upstream::{Endpoint, Upstreams, WireFormat};

use crate::stand_in::{limits, outgoing, target, whole};

const AUTHORITY: &[u8] = include_bytes!("ca.pem");

/// Serves one answer per connection with a certificate for `localhost` of the test authority (valid until 2126; its
/// key is public and signs nothing else).
fn serve() -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("localhost.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = rustls::StreamOwned::new(connection, socket.unwrap());
            if tls.read(&mut [0; 8192]).is_ok() {
                let _ =
                    tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
                let _ = tls.flush();
            }
        }
    });
    port
}

#[tokio::test]
async fn only_known_authorities_are_trusted() {
    let target = target(&format!("https://localhost:{}", serve()), WireFormat::OpenAi);
    let out = || outgoing(Endpoint::ChatCompletions, false, "{}");
    let stranger = Upstreams::new(limits(), None).unwrap().send(&target, out()).await.unwrap_err();
    assert_eq!(stranger.explain().code, "upstream_unreachable");
    assert!(stranger.to_string().contains("UnknownIssuer"), "{stranger}");
    let known = Upstreams::new(limits(), Some(AUTHORITY)).unwrap();
    assert_eq!(whole(&known, &target, out()).await.body, "{}");
    // The certificate is for another name.
    let mut other = target.clone();
    other.base_url = target.base_url.replace("localhost", "127.0.0.1");
    assert_eq!(known.send(&other, out()).await.unwrap_err().explain().code, "upstream_unreachable");
}

#[test]
fn broken_authorities_are_named() {
    for pem in [&b""[..], b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Upstreams::new(limits(), Some(pem)).unwrap_err().to_string().contains("certificate authorities"));
    }
}
