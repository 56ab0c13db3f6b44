//! Time and chance, handed in: only the outermost function of the program asks the clock or throws dice.

use jiff::Timestamp;

/// Where the gate gets the time, random bytes and fresh names.
pub trait World: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Fills with bytes nobody can guess.
    fn random(&self, bytes: &mut [u8]);
    /// A unique text that sorts by the time it was made, such as a UUID v7.
    fn fresh(&self) -> String;
}
