//! Percentiles and the JSON they are printed as.

/// Microseconds of many events.
#[derive(Default)]
pub struct Times(Vec<u32>);

impl Times {
    /// Adds one.
    pub fn add(&mut self, time: std::time::Duration) {
        self.0.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// `{"count":…,"p50":…}` in microseconds; `null` when there is none.
    pub fn json(mut self) -> String {
        self.0.sort_unstable();
        let (Some(low), Some(high)) = (self.0.first(), self.0.last()) else { return "null".into() };
        let at = |share: f64| self.0.get(rank(self.0.len(), share)).copied().unwrap_or_default();
        let mean = self.0.iter().map(|time| f64::from(*time)).sum::<f64>() / self.0.len() as f64;
        format!(
            "{{\"count\":{},\"min\":{low},\"mean\":{mean:.1},\"p50\":{},\"p90\":{},\"p99\":{},\"p99_9\":{},\"max\":{high}}}",
            self.0.len(),
            at(0.5),
            at(0.9),
            at(0.99),
            at(0.999),
        )
    }
}

/// Index of the nearest-rank percentile among `count` sorted values.
fn rank(count: usize, share: f64) -> usize {
    ((count as f64 * share).ceil() as usize).clamp(1, count.max(1)) - 1
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::{Times, quoted, rank};
    use std::time::Duration;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        assert_eq!([rank(100, 0.5), rank(100, 0.99), rank(100, 0.999), rank(1, 0.5), rank(3, 0.5)], [49, 98, 99, 0, 1]);
        let mut times = Times::default();
        (1..=1000).rev().for_each(|time| times.add(Duration::from_micros(time)));
        let json = times.json();
        assert!(json.contains("\"p50\":500,\"p90\":900,\"p99\":990,\"p99_9\":999,\"max\":1000"), "{json}");
        assert_eq!(Times::default().json(), "null");
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\nd関"), "\"a\\\"b\\\\c\\u000ad関\"");
    }
}
