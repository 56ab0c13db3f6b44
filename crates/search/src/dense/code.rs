//! A vector in whole numbers: a quarter of the memory, and a comparison that a processor does many at a time. Only the
//! direction of a vector counts, so its length is not kept.

/// Most numbers of a vector.
pub(super) const MOST_DIMENSIONS: usize = 8_192;
/// The largest code, up or down.
const LARGEST: f32 = 127.0;

/// Why a list of numbers is no vector of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitVector {
    /// It has no direction.
    #[error("a vector without length, or with a number that is none")]
    NoDirection,
    /// It has another number of dimensions.
    #[error("a vector of {found} numbers; {known} were expected")]
    Dimensions {
        /// Its own.
        found: usize,
        /// That of the others.
        known: usize,
    },
}

/// The largest number of a vector, up or down.
fn largest(vector: &[f32]) -> Result<f32, UnfitVector> {
    if vector.is_empty() || vector.len() > MOST_DIMENSIONS {
        return Err(UnfitVector::Dimensions { found: vector.len(), known: MOST_DIMENSIONS });
    }
    let largest = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    // `max` passes over what is no number, so each is asked.
    if largest > 0.0 && vector.iter().all(|x| x.is_finite()) { Ok(largest) } else { Err(UnfitVector::NoDirection) }
}

/// Adds the codes of a vector.
pub(super) fn encode(vector: &[f32], codes: &mut Vec<i8>) -> Result<(), UnfitVector> {
    let largest = largest(vector)?;
    #[expect(clippy::cast_possible_truncation, reason = "between -127 and 127")]
    codes.extend(vector.iter().map(|x| (x / largest * LARGEST).round() as i8));
    Ok(())
}

/// One over the length of a row of codes. A row of nothing is near to nothing.
pub(super) fn scale(codes: &[i8]) -> f32 {
    let squares: i64 = codes.iter().map(|x| i64::from(*x) * i64::from(*x)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a length")]
    let length = (squares as f32).sqrt();
    if length > 0.0 { 1.0 / length } else { 0.0 }
}

/// A question's vector: finer than the rows, as there is one of it.
#[derive(Debug)]
pub(super) struct Asked {
    codes: Vec<i16>,
    scale: f32,
}

impl Asked {
    pub(super) fn new(vector: &[f32]) -> Result<Self, UnfitVector> {
        let largest = largest(vector)?;
        // As fine as can be without a sum ever leaving 32 bits.
        let most = i32::MAX / (127 * i32::try_from(vector.len()).unwrap_or(i32::MAX));
        let most = f32::from(i16::try_from(most).unwrap_or(i16::MAX));
        #[expect(clippy::cast_possible_truncation, reason = "within 16 bits")]
        let codes: Vec<i16> = vector.iter().map(|x| (x / largest * most).round() as i16).collect();
        let squares: f32 = codes.iter().map(|x| f32::from(*x) * f32::from(*x)).sum();
        Ok(Self { codes, scale: 1.0 / squares.sqrt().max(f32::MIN_POSITIVE) })
    }

    /// The cosine to a row, whose [`scale`] is given.
    pub(super) fn cosine(&self, row: &[i8], scale: f32) -> f32 {
        // Wrapping, though nothing wraps: with a check at each step a processor would take them one by one.
        let dot = row
            .iter()
            .zip(&self.codes)
            .fold(0_i32, |sum, (row, asked)| sum.wrapping_add(i32::from(*row).wrapping_mul(i32::from(*asked))));
        #[expect(clippy::cast_precision_loss, reason = "a cosine")]
        let dot = dot as f32;
        dot * scale * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cosine(a: &[f32], b: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
        dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())
    }

    /// Numbers that look random and are the same every time.
    fn random(seed: u64, count: usize, dimensions: usize) -> Vec<Vec<f32>> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
        };
        // Sums of four are near to normal, as what models give is.
        (0..count).map(|_| (0..dimensions).map(|_| next() + next() + next() + next()).collect()).collect()
    }

    #[test]
    fn given_random_vectors_when_the_ten_nearest_are_looked_for_then_nearly_all_are_those_of_full_precision() {
        let (rows, asked) = (random(1, 1_000, 384), random(2, 20, 384));
        let coded: Vec<(Vec<i8>, f32)> = rows
            .iter()
            .map(|row| {
                let mut codes = Vec::new();
                encode(row, &mut codes).unwrap();
                let scale = scale(&codes);
                (codes, scale)
            })
            .collect();
        let first_ten = |score: &dyn Fn(usize) -> f64| {
            let mut all: Vec<(f64, usize)> = (0..rows.len()).map(|row| (score(row), row)).collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0));
            all.into_iter().take(10).map(|(_, row)| row).collect::<Vec<_>>()
        };
        let mut same = 0;
        for question in &asked {
            let whole = first_ten(&|row| cosine(question, &rows[row]));
            let asked = Asked::new(question).unwrap();
            let found = first_ten(&|row| f64::from(asked.cosine(&coded[row].0, coded[row].1)));
            same += whole.iter().filter(|row| found.contains(row)).count();
        }
        // Random vectors are the hardest case: all are equally far, and the tenth is as good as the eleventh.
        assert!(same >= 190, "recall@10 {:.3}", same as f64 / 200.0);
    }

    #[test]
    fn given_the_longest_vectors_at_their_largest_then_no_sum_leaves_its_bits() {
        let vector = vec![-3.0e30_f32; MOST_DIMENSIONS];
        let mut codes = Vec::new();
        encode(&vector, &mut codes).unwrap();
        let near = Asked::new(&vector).unwrap().cosine(&codes, scale(&codes));
        assert!((near - 1.0).abs() < 1e-3, "{near}");
    }

    #[test]
    fn given_what_is_no_vector_then_it_is_refused() {
        for wrong in [vec![0.0, 0.0], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
            assert_eq!(encode(&wrong, &mut Vec::new()), Err(UnfitVector::NoDirection));
            assert_eq!(Asked::new(&wrong).unwrap_err(), UnfitVector::NoDirection);
        }
        assert!(encode(&[], &mut Vec::new()).is_err());
        assert!(encode(&vec![1.0; MOST_DIMENSIONS + 1], &mut Vec::new()).is_err());
    }

    proptest! {
        #[test]
        fn a_cosine_is_nearly_that_of_full_precision(a in prop::collection::vec(-9.0_f32..9.0, 64), b in prop::collection::vec(-9.0_f32..9.0, 64)) {
            let mut codes = Vec::new();
            prop_assume!(encode(&a, &mut codes).is_ok());
            let Ok(asked) = Asked::new(&b) else { return Ok(()) };
            let near = f64::from(asked.cosine(&codes, scale(&codes)));
            prop_assert!((near - cosine(&a, &b)).abs() < 0.02, "{near} {}", cosine(&a, &b));
        }
    }
}
