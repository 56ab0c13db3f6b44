//! A network of the test's own, in network namespaces: a node whose way to the database can be cut.
//!
//! ```text
//!   this machine ── .1 ─ .2 ── the router ── .5 ─ .6 ── the node      to the database
//!                ── .9 ─────────────────────────── .10 ── the node    to clients and models
//! ```
//!
//! A router that no longer forwards swallows every packet and says nothing: neither end sees its link go down, and nobody is
//! told that anything is unreachable. That is the worst a network does.

use std::net::Ipv4Addr;
use std::process::Command;

pub(crate) struct Wires {
    router: String,
    node: String,
    /// Of one pair of interfaces, on this machine.
    ends: [String; 2],
    net: [u8; 3],
}

impl Wires {
    pub(crate) fn lay() -> Self {
        // Tests run beside each other, each in a process of its own.
        let id = std::process::id();
        let net = [10, 64 + u8::try_from(id / 256 % 64).expect("small"), u8::try_from(id % 256).expect("small")];
        let wires = Self {
            router: format!("sekisho-{id}-r"),
            node: format!("sekisho-{id}-n"),
            ends: [format!("sk{id}d"), format!("sk{id}f")],
            net,
        };
        let (router, node, [database, front]) = (&wires.router, &wires.node, &wires.ends);
        for space in [router, node] {
            ip(&format!("netns add {space}"));
            ip(&format!("-n {space} link set lo up"));
        }
        ip(&format!("link add {database} type veth peer name above netns {router}"));
        ip(&format!("-n {router} link add below type veth peer name database netns {node}"));
        ip(&format!("link add {front} type veth peer name front netns {node}"));
        let [machine, above, below, inside] = [1, 2, 5, 6].map(|last| wires.address(last));
        for (space, end, address) in [
            (None, database, machine),
            (Some(router), &"above".to_owned(), above),
            (Some(router), &"below".to_owned(), below),
            (Some(node), &"database".to_owned(), inside),
            (None, front, wires.address(9)),
            (Some(node), &"front".to_owned(), wires.address(10)),
        ] {
            let of = space.map(|space| format!("-n {space} ")).unwrap_or_default();
            ip(&format!("{of}address add {address}/30 dev {end}"));
            ip(&format!("{of}link set dev {end} up"));
        }
        ip(&format!("route add {inside}/32 via {above}"));
        ip(&format!("-n {node} route add {machine}/32 via {below}"));
        wires.heal();
        wires
    }

    fn address(&self, last: u8) -> Ipv4Addr {
        let [a, b, c] = self.net;
        Ipv4Addr::new(a, b, c, last)
    }

    /// Where this machine is on the way to the database.
    pub(crate) fn database(&self) -> Ipv4Addr {
        self.address(1)
    }

    /// Where the node is on that way.
    pub(crate) fn from(&self) -> Ipv4Addr {
        self.address(6)
    }

    /// Where this machine is for the node's clients and models.
    pub(crate) fn front(&self) -> Ipv4Addr {
        self.address(9)
    }

    /// Where clients reach the node.
    pub(crate) fn node(&self) -> Ipv4Addr {
        self.address(10)
    }

    /// What runs a program at the node's place.
    pub(crate) fn there(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.node].map(str::to_owned).to_vec()
    }

    /// From now on the way to the database swallows everything.
    pub(crate) fn cut(&self) {
        self.forward(0);
    }

    /// Packets arrive again.
    pub(crate) fn heal(&self) {
        self.forward(1);
    }

    fn forward(&self, whether: u8) {
        let write = format!("echo {whether} > /proc/sys/net/ipv4/ip_forward");
        let done = Command::new("ip").args(["netns", "exec", &self.router, "sh", "-c", &write]).status();
        assert!(done.is_ok_and(|status| status.success()), "the router does not take it");
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        // Interfaces go with the namespace of either end.
        for space in [&self.node, &self.router] {
            let _ = Command::new("ip").args(["netns", "del", space]).status();
        }
    }
}

fn ip(words: &str) {
    let done = Command::new("ip").args(words.split(' ')).output();
    let done = done.unwrap_or_else(|e| panic!("this proof needs `ip`; install it: apt-get install iproute2 ({e})"));
    assert!(
        done.status.success(),
        "`ip {words}`: {} (network namespaces need root: run this as root)",
        String::from_utf8_lossy(&done.stderr)
    );
}
