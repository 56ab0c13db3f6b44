//! The clock and the dice of the real world: the only place that asks them.

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use sekisho_gate::world::World;

/// The system's clock and random source.
#[derive(Debug, Clone)]
pub struct SystemWorld(SystemRandom);

impl Default for SystemWorld {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl World for SystemWorld {
    #[expect(clippy::disallowed_methods, reason = "this is the door to the clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // The ledger and the database keep microseconds.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    #[expect(clippy::panic, reason = "without randomness no salt and no key is safe: better no service at all")]
    fn random(&self, bytes: &mut [u8]) {
        if self.0.fill(bytes).is_err() {
            panic!("the system gives no random bytes");
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door to fresh identifiers")]
    fn fresh(&self) -> String {
        uuid::Uuid::now_v7().simple().to_string()
    }
}
