//! A load balancer as any is: it looks at each node's `/readyz` from time to time, and sends whoever comes to one that was
//! ready when it last looked. It knows nothing of the program, and tries nothing twice.

use crate::client;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Clone, Default)]
struct Seen {
    address: String,
    ready: bool,
}

#[derive(Default)]
struct Shared {
    nodes: Mutex<Vec<Seen>>,
    next: AtomicUsize,
    over: AtomicBool,
}

pub(crate) struct Balancer {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

impl Balancer {
    pub(crate) fn start(nodes: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let shared = Arc::new(Shared { nodes: Mutex::new(vec![Seen::default(); nodes]), ..Shared::default() });
        let looking = shared.clone();
        std::thread::spawn(move || look(&looking));
        let taking = shared.clone();
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                if taking.over.load(Ordering::Relaxed) {
                    return;
                }
                let taking = taking.clone();
                std::thread::spawn(move || pass(&caller, &taking));
            }
        });
        Self { address, shared }
    }

    /// A node has moved; whether it is ready is looked at first.
    pub(crate) fn put(&self, place: usize, address: &str) {
        self.shared.nodes.lock().expect("no panic inside")[place] = Seen { address: address.to_owned(), ready: false };
    }

    /// Waits until it has seen that all are ready.
    pub(crate) fn sees_all(&self) {
        let begun = Instant::now();
        while !self.shared.nodes.lock().expect("no panic inside").iter().all(|node| node.ready) {
            assert!(begun.elapsed() < Duration::from_secs(60), "a node is not ready");
            std::thread::sleep(LOOK / 5);
        }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // It waits for somebody to come.
        let _ = TcpStream::connect(&self.address);
    }
}

fn look(shared: &Shared) {
    while !shared.over.load(Ordering::Relaxed) {
        let before = shared.nodes.lock().expect("no panic inside").clone();
        for (place, node) in before.into_iter().enumerate() {
            let ready = client::call(&node.address, "GET", "/readyz", &[], b"").is_ok_and(|a| a.status == 200);
            let mut nodes = shared.nodes.lock().expect("no panic inside");
            if nodes[place].address == node.address {
                nodes[place].ready = ready;
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// Hands bytes on in both directions. A caller for whom there is no node is hung up on.
fn pass(caller: &TcpStream, shared: &Shared) {
    let ready: Vec<String> = {
        let nodes = shared.nodes.lock().expect("no panic inside");
        nodes.iter().filter(|node| node.ready).map(|node| node.address.clone()).collect()
    };
    if ready.is_empty() {
        return;
    }
    let turn = shared.next.fetch_add(1, Ordering::Relaxed);
    let Ok(node) = TcpStream::connect(&ready[turn % ready.len()]) else { return };
    let _ = (caller.set_nodelay(true), node.set_nodelay(true));
    std::thread::scope(|scope| {
        scope.spawn(|| copy(caller, &node));
        copy(&node, caller);
        // What the caller still sends has nobody to go to.
        let _ = caller.shutdown(Shutdown::Read);
    });
}

fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    // That one side has gone shows to the other as its end.
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
