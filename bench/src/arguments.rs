//! Command lines of the form `--name value`, without a parser crate.

use std::str::FromStr;

/// The arguments of this process, taken out one by one.
pub struct Arguments(Vec<String>);

impl Arguments {
    /// The arguments this process was started with.
    pub fn of_process() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// Takes a switch such as `--stream`.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    /// Takes the next `name value`, if there is one.
    pub fn value(&mut self, name: &str) -> Result<Option<String>, String> {
        let Some(at) = self.0.iter().position(|argument| argument == name) else { return Ok(None) };
        if at + 1 >= self.0.len() {
            return Err(format!("`{name}` needs a value"));
        }
        let value = self.0.remove(at + 1);
        self.0.remove(at);
        Ok(Some(value))
    }

    /// Takes `name value` and reads it, or returns the default.
    pub fn parsed<T: FromStr>(&mut self, name: &str, default: T) -> Result<T, String> {
        match self.value(name)? {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("`{name}` cannot be `{text}`")),
        }
    }

    /// Ends the reading: whatever is left was not understood.
    pub fn finish(self) -> Result<(), String> {
        self.0.first().map_or(Ok(()), |left| Err(format!("`{left}` is not understood")))
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    fn arguments(line: &str) -> Arguments {
        Arguments(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn takes_values_switches_and_names_what_is_left() {
        let mut line = arguments("--secs 3 --stream --expect a --expect b --odd");
        assert_eq!(line.parsed("--secs", 1.0), Ok(3.0));
        assert!(line.switch("--stream"));
        assert_eq!(line.value("--expect"), Ok(Some("a".into())));
        assert_eq!(line.value("--expect"), Ok(Some("b".into())));
        assert_eq!(line.value("--expect"), Ok(None));
        assert_eq!(line.finish(), Err("`--odd` is not understood".into()));
    }

    #[test]
    fn a_missing_or_wrong_value_is_named() {
        assert_eq!(arguments("--secs").value("--secs"), Err("`--secs` needs a value".into()));
        assert_eq!(arguments("--secs x").parsed("--secs", 1), Err("`--secs` cannot be `x`".into()));
    }
}
