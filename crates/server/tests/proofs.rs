//! The proofs of DESIGN §12 that need the whole program: each promise stands in its own file and reads as its test.
//!
//! The real binary runs against a stand-in upstream; `strace` watches its system calls, fails them and kills it between
//! them. Without `strace` the proofs fail: a proof that is skipped proves nothing.

#[cfg(test)]
#[path = "proofs/acknowledged.rs"]
mod acknowledged;
#[cfg(test)]
#[path = "proofs/back_up.rs"]
mod back_up;
#[cfg(test)]
#[path = "proofs/balancer.rs"]
mod balancer;
#[cfg(test)]
#[path = "proofs/client.rs"]
mod client;
#[cfg(test)]
#[path = "proofs/cluster.rs"]
mod cluster;
#[cfg(test)]
#[path = "proofs/dice.rs"]
mod dice;
#[cfg(test)]
#[path = "proofs/disk.rs"]
mod disk;
#[cfg(test)]
#[path = "proofs/disk_full.rs"]
mod disk_full;
#[cfg(test)]
#[path = "proofs/disk_reading.rs"]
mod disk_reading;
#[cfg(test)]
#[path = "proofs/exported.rs"]
mod exported;
#[cfg(test)]
#[path = "proofs/house.rs"]
mod house;
#[cfg(test)]
#[path = "proofs/many_streams.rs"]
mod many_streams;
#[cfg(test)]
#[path = "proofs/moving.rs"]
mod moving;
#[cfg(test)]
#[path = "proofs/order.rs"]
mod order;
#[cfg(test)]
#[path = "proofs/p10_nodes.rs"]
mod p10_nodes;
#[cfg(test)]
#[path = "proofs/p1_record_before_send.rs"]
mod p1_record_before_send;
#[cfg(test)]
#[path = "proofs/p2_kill.rs"]
mod p2_kill;
#[cfg(test)]
#[path = "proofs/p3_power.rs"]
mod p3_power;
#[cfg(test)]
#[path = "proofs/p4_no_record_no_request.rs"]
mod p4_no_record_no_request;
#[cfg(test)]
#[path = "proofs/p5_any_changed_byte.rs"]
mod p5_any_changed_byte;
#[cfg(test)]
#[path = "proofs/p8_erasure.rs"]
mod p8_erasure;
#[cfg(test)]
#[path = "proofs/p9_replay.rs"]
mod p9_replay;
#[cfg(test)]
#[path = "proofs/partition.rs"]
mod partition;
#[cfg(test)]
#[path = "proofs/postgres_tls.rs"]
mod postgres_tls;
#[cfg(test)]
#[path = "proofs/rolling.rs"]
mod rolling;
#[cfg(test)]
#[path = "proofs/shared_shelves.rs"]
mod shared_shelves;
#[cfg(test)]
#[path = "proofs/simulated.rs"]
mod simulated;
#[cfg(test)]
#[path = "proofs/simulated_beside.rs"]
mod simulated_beside;
#[cfg(test)]
#[path = "proofs/simulated_model.rs"]
mod simulated_model;
#[cfg(test)]
#[path = "proofs/simulation.rs"]
mod simulation;
#[cfg(test)]
#[path = "proofs/slow_loris.rs"]
mod slow_loris;
#[cfg(test)]
#[path = "proofs/stand_in.rs"]
mod stand_in;
#[cfg(test)]
#[path = "proofs/strace.rs"]
mod strace;
#[cfg(test)]
#[path = "proofs/told.rs"]
mod told;
#[cfg(test)]
#[path = "proofs/two_versions.rs"]
mod two_versions;
#[cfg(test)]
#[path = "proofs/wires.rs"]
mod wires;
