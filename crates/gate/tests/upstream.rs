//! Upstream models against stand-ins on this machine: what is sent, what comes back, and everything that goes wrong.

#[cfg(test)]
#[path = "upstream/addresses.rs"]
mod addresses;
#[cfg(test)]
#[path = "upstream/anthropic.rs"]
mod anthropic;
#[cfg(test)]
#[path = "upstream/azure.rs"]
mod azure;
#[cfg(test)]
#[path = "upstream/errors.rs"]
mod errors;
#[cfg(test)]
#[path = "upstream/extractive.rs"]
mod extractive;
#[cfg(test)]
#[path = "upstream/passthrough.rs"]
mod passthrough;
#[cfg(test)]
#[path = "upstream/stand_in.rs"]
mod stand_in;
#[cfg(test)]
#[path = "upstream/streams.rs"]
mod streams;
#[cfg(test)]
#[path = "upstream/tls.rs"]
mod tls;
