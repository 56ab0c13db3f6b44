//! Chance that is the same everywhere.

/// A linear congruential generator: the same seed gives the same documents everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(crate) fn digit(&mut self) -> u8 {
        u8::try_from(self.throw(10)).unwrap()
    }

    pub(crate) fn digits<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.digit())
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.throw(choices.len())]
    }

    pub(crate) fn capital(&mut self) -> char {
        char::from(b'A' + u8::try_from(self.throw(26)).unwrap())
    }
}
